/**
 * The steps from an empty database to ours; `user_version` counts those that were taken. Forward only: a step that was
 * ever published stays as it is, a change is a new one, and no step drops a record.
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
]
