import { isPlain } from './step-3.js'

const tables = ['visits', 'sessions', 'pages', 'session_pages', 'events', 'writers', 'refused', 'identities']

/** The text of a member of an event's data, cut as a trait. */
const told = (name: string): string => `substr(json_extract(data, '$.${name}'), 1, 256)`

/** A small skew may be latency, and does not count. */
const skew = 'iif(abs(coalesce(skew, 0)) > 300000, skew, 0)'

/**
 * Step 4 of `migrations`: a site in every key, and of two versions the first stays. What was stored before counts as
 * received first, and belongs to the site `default`. `to_key` is the function of `keys.ts`. The step is published and
 * never changes.
 */
export const step4 = `
  ${tables.map(table => `ALTER TABLE ${table} RENAME TO ${table}_3;`).join('\n  ')}
  DROP INDEX sessions_by_id;
  DROP INDEX sessions_of_identity;
  DROP INDEX pages_by_id;
  DROP INDEX events_in_order;
  DROP INDEX identities_in_order;
  DROP INDEX identities_by_location;
  DROP INDEX identities_by_agent;
  DROP INDEX identities_by_both;

  CREATE TABLE visits (
    site TEXT NOT NULL,
    visitID TEXT NOT NULL,
    startDate INTEGER NOT NULL,
    bare INTEGER NOT NULL,
    receivedAt INTEGER NOT NULL,
    globalVisitID TEXT NOT NULL,
    languageCode TEXT NOT NULL,
    userAgent TEXT NOT NULL,
    idleLimitMs INTEGER,
    automated INTEGER NOT NULL,
    toldStart INTEGER NOT NULL,
    skew INTEGER,
    lastActivity INTEGER NOT NULL,
    lead INTEGER NOT NULL,
    leastStart INTEGER NOT NULL,
    longVisitID TEXT,
    PRIMARY KEY (site, visitID)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE sessions (
    site TEXT NOT NULL,
    visitID TEXT NOT NULL,
    sessionID TEXT NOT NULL,
    startDate INTEGER NOT NULL,
    receivedAt INTEGER NOT NULL,
    identityId TEXT NOT NULL,
    longIdentityId TEXT,
    toldStart INTEGER NOT NULL,
    endDate INTEGER NOT NULL,
    lastActivity INTEGER NOT NULL,
    lastEventAt INTEGER NOT NULL,
    lead INTEGER NOT NULL,
    leastStart INTEGER NOT NULL,
    endReasonAt INTEGER NOT NULL,
    endReason TEXT NOT NULL,
    longSessionID TEXT,
    PRIMARY KEY (site, visitID, sessionID)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE pages (
    site TEXT NOT NULL,
    visitID TEXT NOT NULL,
    pageID TEXT NOT NULL,
    receivedAt INTEGER NOT NULL,
    sessionID TEXT,
    url TEXT NOT NULL,
    title TEXT NOT NULL,
    referrer TEXT NOT NULL,
    category TEXT NOT NULL,
    startDate INTEGER NOT NULL,
    endDate INTEGER NOT NULL,
    lastActivity INTEGER NOT NULL,
    lead INTEGER NOT NULL,
    viewedAt INTEGER NOT NULL,
    viewLead INTEGER NOT NULL,
    viewUrl TEXT NOT NULL,
    viewTitle TEXT NOT NULL,
    PRIMARY KEY (site, visitID, pageID)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE session_pages (
    site TEXT NOT NULL,
    visitID TEXT NOT NULL,
    sessionID TEXT NOT NULL,
    pageID TEXT NOT NULL,
    PRIMARY KEY (site, visitID, sessionID, pageID)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE events (
    site TEXT NOT NULL,
    visitID TEXT NOT NULL,
    eventID TEXT NOT NULL,
    serverTimestamp INTEGER NOT NULL,
    writer TEXT NOT NULL,
    seq INTEGER NOT NULL,
    eventName TEXT NOT NULL,
    category TEXT NOT NULL,
    url TEXT NOT NULL,
    pageID TEXT,
    sessionID TEXT,
    data TEXT,
    activity INTEGER NOT NULL,
    eventType TEXT NOT NULL,
    timestamp INTEGER NOT NULL,
    PRIMARY KEY (site, visitID, eventID)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE writers (
    site TEXT NOT NULL,
    visitID TEXT NOT NULL,
    writer TEXT NOT NULL,
    written INTEGER NOT NULL,
    dropped INTEGER NOT NULL,
    PRIMARY KEY (site, visitID, writer)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE refused (
    site TEXT NOT NULL,
    visitID TEXT NOT NULL,
    eventID TEXT NOT NULL,
    code TEXT NOT NULL,
    PRIMARY KEY (site, visitID, eventID, code)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE identities (
    site TEXT NOT NULL,
    identityId TEXT NOT NULL,
    receivedAt INTEGER NOT NULL,
    startDate INTEGER NOT NULL,
    sessionID TEXT NOT NULL,
    longIdentityId TEXT,
    PRIMARY KEY (site, identityId)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE traits (
    site TEXT NOT NULL,
    identityId TEXT NOT NULL,
    trait TEXT NOT NULL,
    sourceID TEXT NOT NULL,
    receivedAt INTEGER NOT NULL,
    at INTEGER NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (site, identityId, trait, sourceID)
  ) STRICT, WITHOUT ROWID;

  INSERT INTO visits
    SELECT 'default', to_key(visitID), startDate, globalVisitID || languageCode || userAgent = '', 0, globalVisitID,
      languageCode, userAgent, idleLimitMs, 0, startDate, skew, lastActivity,
      coalesce((SELECT max(timestamp - serverTimestamp) FROM events_3 WHERE events_3.visitID = visits_3.visitID), -coalesce(skew, 0)),
      startDate, nullif(visitID, to_key(visitID))
    FROM visits_3;
  INSERT INTO sessions
    SELECT 'default', to_key(visitID), to_key(sessionID), sessions_3.startDate, 0, to_key(identityId),
      nullif(identityId, to_key(identityId)), sessions_3.startDate, endDate, sessions_3.lastActivity, lastEventAt,
      coalesce((SELECT max(timestamp - serverTimestamp) FROM events_3
        WHERE events_3.visitID = sessions_3.visitID AND events_3.sessionID = sessions_3.sessionID), -coalesce(skew, 0)),
      sessions_3.startDate, endReasonAt, endReason, nullif(sessionID, to_key(sessionID))
    FROM sessions_3 LEFT JOIN visits_3 USING (visitID);
  INSERT INTO pages
    SELECT 'default', to_key(visitID), pageID, 0, to_key(sessionID), url, title, referrer, category, pages_3.startDate, endDate,
      pages_3.lastActivity,
      coalesce((SELECT max(timestamp - serverTimestamp) FROM events_3
        WHERE events_3.visitID = pages_3.visitID AND events_3.pageID = pages_3.pageID), -coalesce(skew, 0)),
      viewedAt, iif(viewedAt > 0, -coalesce(skew, 0), 0), iif(viewedAt > 0, url, ''), iif(viewedAt > 0, title, '')
    FROM pages_3 LEFT JOIN visits_3 USING (visitID);
  INSERT INTO session_pages SELECT 'default', to_key(visitID), to_key(sessionID), pageID FROM session_pages_3;
  INSERT INTO events
    SELECT 'default', to_key(visitID), eventID, serverTimestamp, writer, seq, eventName, category, url, pageID,
      to_key(sessionID), data, activity, eventType, timestamp
    FROM events_3;
  INSERT INTO writers SELECT 'default', to_key(visitID), writer, written, dropped FROM writers_3;
  INSERT INTO refused SELECT 'default', to_key(visitID), eventID, code FROM refused_3;
  INSERT INTO identities
    SELECT 'default', to_key(identityId), 0, startDate, sessionID, nullif(identityId, to_key(identityId)) FROM identities_3;
  INSERT INTO traits
    SELECT 'default', to_key(identityId), 'userAgent', to_key(visitID), 0,
      max(0, max(sessions_3.startDate + ${skew})), substr(userAgent, 1, 256)
    FROM sessions_3 JOIN visits_3 USING (visitID) WHERE userAgent <> '' GROUP BY identityId, visitID;
  ${['name', 'location']
    .map(
      name => `INSERT INTO traits
    SELECT 'default', to_key(identityId), '${name}', eventID, serverTimestamp,
      iif(timestamp + coalesce(skew, 0) > serverTimestamp + 300000, 0, max(0, timestamp + ${skew})), ${told(name)}
    FROM events_3 JOIN sessions_3 USING (visitID, sessionID) JOIN visits_3 USING (visitID)
    WHERE eventName IN ('SignIn', 'UserInfo') AND ${isPlain} AND json_type(data, '$.${name}') = 'text' AND ${told(name)} <> ''
    ON CONFLICT DO NOTHING;`,
    )
    .join('\n  ')}

  ${tables.map(table => `DROP TABLE ${table}_3;`).join('\n  ')}

  CREATE INDEX sessions_by_id ON sessions (site, sessionID, receivedAt, visitID);
  CREATE INDEX sessions_of_identity ON sessions (site, identityId, startDate, sessionID);
  CREATE INDEX pages_by_id ON pages (site, pageID, receivedAt, visitID);
  CREATE INDEX events_in_order ON events (site, visitID, timestamp);
  CREATE INDEX identities_in_order ON identities (site, startDate, sessionID);
  CREATE INDEX traits_in_order ON traits (site, identityId, trait, at);
  CREATE INDEX traits_by_value ON traits (site, trait, value, identityId);
  `
