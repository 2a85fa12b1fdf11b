import { sqliteAdminStep } from '../../sites/tables.js'
import { sqliteHealthStep } from '../health-tables.js'
import { makeLeftoversStep } from '../leftovers-step.js'
import { sqliteNumbersStep } from '../numbers-step.js'
import { makePagesStep } from '../pages-step.js'
import { makePartialStep } from '../partial-step.js'
import { sqliteRightsStep } from '../rights-tables.js'
import { sqliteRunningStep } from '../running.js'
import { sqliteScriptsStep } from '../scripts.js'
import { makeViewStep } from '../view-step.js'
import { step3 } from './step-3.js'
import { step4 } from './step-4.js'
import { step6 } from './step-6.js'

/**
 * The steps from an empty database to the present tables. `user_version` counts the steps that were taken. A published
 * step never changes, a change is a new step, and no step drops a record. There are no steps back.
 */
export const migrations: readonly string[] = [
  `
  CREATE TABLE visits (
    visitID TEXT NOT NULL PRIMARY KEY,
    globalVisitID TEXT NOT NULL,
    startDate INTEGER NOT NULL,
    languageCode TEXT NOT NULL,
    userAgent TEXT NOT NULL,
    lastActivity INTEGER NOT NULL,
    skew INTEGER
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE sessions (
    sessionID TEXT NOT NULL PRIMARY KEY,
    identityId TEXT NOT NULL,
    visitID TEXT NOT NULL,
    startDate INTEGER NOT NULL,
    endDate INTEGER NOT NULL,
    duration INTEGER NOT NULL,
    lastActivity INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX sessions_of_visit ON sessions (visitID, startDate, sessionID);
  CREATE INDEX sessions_of_identity ON sessions (identityId, startDate, sessionID, visitID);

  CREATE TABLE pages (
    pageID TEXT NOT NULL PRIMARY KEY,
    visitID TEXT NOT NULL,
    sessionID TEXT,
    identityId TEXT,
    url TEXT NOT NULL,
    title TEXT NOT NULL,
    referrer TEXT NOT NULL,
    category TEXT NOT NULL,
    startDate INTEGER NOT NULL,
    endDate INTEGER NOT NULL,
    lastActivity INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX pages_of_visit ON pages (visitID, startDate, pageID);
  CREATE INDEX pages_of_session ON pages (sessionID, startDate, pageID) WHERE sessionID IS NOT NULL;

  CREATE TABLE events (
    eventID TEXT NOT NULL PRIMARY KEY,
    eventType TEXT NOT NULL,
    eventName TEXT NOT NULL,
    category TEXT NOT NULL,
    timestamp INTEGER NOT NULL,
    writer TEXT NOT NULL,
    seq INTEGER NOT NULL,
    url TEXT NOT NULL,
    data TEXT,
    visitID TEXT NOT NULL,
    sessionID TEXT,
    pageID TEXT,
    serverTimestamp INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX events_of_visit ON events (visitID, timestamp);
  CREATE INDEX events_of_session ON events (sessionID, timestamp) WHERE sessionID IS NOT NULL;
  CREATE INDEX events_of_page ON events (pageID, timestamp) WHERE pageID IS NOT NULL;

  CREATE TABLE writers (
    visitID TEXT NOT NULL,
    writer TEXT NOT NULL,
    written INTEGER NOT NULL,
    dropped INTEGER NOT NULL,
    PRIMARY KEY (visitID, writer)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE refused (
    eventID TEXT NOT NULL,
    code TEXT NOT NULL,
    visitID TEXT,
    PRIMARY KEY (eventID, code)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX refused_of_visit ON refused (visitID) WHERE visitID IS NOT NULL;
  `,
  // All keys begin with `visitID`, so that the rows of a visit are stored side by side. Identities get a table.
  `
  ALTER TABLE visits RENAME TO visits_1;
  ALTER TABLE sessions RENAME TO sessions_1;
  ALTER TABLE pages RENAME TO pages_1;
  ALTER TABLE events RENAME TO events_1;
  ALTER TABLE writers RENAME TO writers_1;
  ALTER TABLE refused RENAME TO refused_1;

  CREATE TABLE visits (
    visitID TEXT NOT NULL PRIMARY KEY,
    globalVisitID TEXT NOT NULL,
    startDate INTEGER NOT NULL,
    languageCode TEXT NOT NULL,
    userAgent TEXT NOT NULL,
    lastActivity INTEGER NOT NULL,
    skew INTEGER
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE sessions (
    visitID TEXT NOT NULL,
    sessionID TEXT NOT NULL,
    identityId TEXT NOT NULL,
    startDate INTEGER NOT NULL,
    endDate INTEGER NOT NULL,
    duration INTEGER NOT NULL,
    lastActivity INTEGER NOT NULL,
    PRIMARY KEY (visitID, sessionID)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE pages (
    visitID TEXT NOT NULL,
    pageID TEXT NOT NULL,
    sessionID TEXT,
    identityId TEXT,
    url TEXT NOT NULL,
    title TEXT NOT NULL,
    referrer TEXT NOT NULL,
    category TEXT NOT NULL,
    startDate INTEGER NOT NULL,
    endDate INTEGER NOT NULL,
    lastActivity INTEGER NOT NULL,
    PRIMARY KEY (visitID, pageID)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE events (
    visitID TEXT NOT NULL,
    eventID TEXT NOT NULL,
    eventType TEXT NOT NULL,
    eventName TEXT NOT NULL,
    category TEXT NOT NULL,
    timestamp INTEGER NOT NULL,
    writer TEXT NOT NULL,
    seq INTEGER NOT NULL,
    url TEXT NOT NULL,
    data TEXT,
    sessionID TEXT,
    pageID TEXT,
    serverTimestamp INTEGER NOT NULL,
    PRIMARY KEY (visitID, eventID)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE writers (
    visitID TEXT NOT NULL,
    writer TEXT NOT NULL,
    written INTEGER NOT NULL,
    dropped INTEGER NOT NULL,
    PRIMARY KEY (visitID, writer)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE refused (
    visitID TEXT NOT NULL,
    eventID TEXT NOT NULL,
    code TEXT NOT NULL,
    PRIMARY KEY (visitID, eventID, code)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE identities (
    identityId TEXT NOT NULL PRIMARY KEY,
    startDate INTEGER NOT NULL,
    sessionID TEXT NOT NULL,
    name TEXT NOT NULL,
    location TEXT NOT NULL,
    userAgent TEXT NOT NULL,
    nameAt INTEGER NOT NULL,
    locationAt INTEGER NOT NULL,
    userAgentAt INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;

  INSERT INTO visits SELECT * FROM visits_1;
  INSERT INTO sessions SELECT visitID, sessionID, identityId, startDate, endDate, duration, lastActivity FROM sessions_1;
  INSERT INTO pages SELECT visitID, pageID, sessionID, identityId, url, title, referrer, category, startDate, endDate,
    lastActivity FROM pages_1;
  INSERT INTO events SELECT visitID, eventID, eventType, eventName, category, timestamp, writer, seq, url, data, sessionID,
    pageID, serverTimestamp FROM events_1;
  INSERT INTO writers SELECT * FROM writers_1;
  INSERT INTO refused SELECT DISTINCT coalesce(visitID, ''), eventID, code FROM refused_1;
  INSERT INTO identities
    SELECT identityId, startDate, sessionID, '', '', '', 0, 0, 0 FROM
      (SELECT *, row_number() OVER (PARTITION BY identityId ORDER BY startDate, sessionID) AS place FROM sessions_1)
    WHERE place = 1;
  UPDATE identities SET (userAgent, userAgentAt) = (told.text, told.at) FROM
    (SELECT identityId, substr(visits.userAgent, 1, 256) AS text, sessions.startDate AS at,
      row_number() OVER (PARTITION BY identityId ORDER BY sessions.startDate DESC, visits.userAgent DESC) AS place
      FROM sessions JOIN visits USING (visitID) WHERE visits.userAgent <> '') AS told
    WHERE told.place = 1 AND told.identityId = identities.identityId;
  UPDATE identities SET (name, nameAt) = (told.text, told.at) FROM
    (SELECT identityId, substr(json_extract(data, '$.name'), 1, 256) AS text, timestamp AS at,
      row_number() OVER (PARTITION BY identityId ORDER BY timestamp DESC, json_extract(data, '$.name') DESC) AS place
      FROM sessions JOIN events USING (visitID, sessionID)
      WHERE eventName = 'UserInfo' AND json_type(data, '$.name') = 'text' AND json_extract(data, '$.name') <> '') AS told
    WHERE told.place = 1 AND told.identityId = identities.identityId;
  UPDATE identities SET (location, locationAt) = (told.text, told.at) FROM
    (SELECT identityId, substr(json_extract(data, '$.location'), 1, 256) AS text, timestamp AS at,
      row_number() OVER (PARTITION BY identityId ORDER BY timestamp DESC, json_extract(data, '$.location') DESC) AS place
      FROM sessions JOIN events USING (visitID, sessionID)
      WHERE eventName = 'UserInfo' AND json_type(data, '$.location') = 'text' AND json_extract(data, '$.location') <> '') AS told
    WHERE told.place = 1 AND told.identityId = identities.identityId;

  DROP TABLE visits_1;
  DROP TABLE sessions_1;
  DROP TABLE pages_1;
  DROP TABLE events_1;
  DROP TABLE writers_1;
  DROP TABLE refused_1;

  CREATE INDEX sessions_by_id ON sessions (sessionID);
  CREATE INDEX sessions_of_identity ON sessions (identityId, startDate, sessionID);
  CREATE INDEX pages_by_id ON pages (pageID);
  CREATE INDEX events_in_order ON events (visitID, timestamp);
  CREATE INDEX identities_in_order ON identities (startDate, sessionID);
  CREATE INDEX identities_by_location ON identities (location, startDate, sessionID) WHERE location <> '';
  CREATE INDEX identities_by_agent ON identities (userAgent, startDate, sessionID) WHERE userAgent <> '';
  CREATE INDEX identities_by_both ON identities (location, userAgent, startDate, sessionID) WHERE location <> '';
  `,
  step3,
  step4,
  sqliteAdminStep,
  sqliteRightsStep,
  step6,
  sqliteNumbersStep,
  sqliteHealthStep,
  makeViewStep('pages'),
  sqliteScriptsStep,
  makePartialStep('').join(';\n'),
  sqliteRunningStep,
  makePagesStep(''),
  makeLeftoversStep('', 'unixepoch() * 1000').join(';\n'),
]
