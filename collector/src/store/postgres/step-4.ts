import { toText } from './told.js'

/** The function of `keys.ts` in SQL. */
function toKey(column: string): string {
  const hash = `rtrim(translate(encode(sha256(convert_to(${column}, 'UTF8')), 'base64'), '+/', '-_'), '=')`
  return `CASE WHEN octet_length(${column}) <= 43 THEN ${column} ELSE '~' || ${hash} END`
}

const tables = ['visits', 'sessions', 'pages', 'session_pages', 'events', 'writers', 'refused', 'identities']
const indexes =
  'sessions_by_id sessions_of_identity pages_by_id events_in_order identities_in_order identities_by_location identities_by_agent identities_by_both'

const key = (column: string): string => toKey(`o."${column}"`)
const long = (column: string): string => `nullif(o."${column}", ${key(column)})`
const lead = (...columns: string[]): string =>
  `coalesce((SELECT max(e."timestamp" - e."serverTimestamp") FROM sojourn.events_3 AS e WHERE ${columns
    .map(name => `e."${name}" = o."${name}"`)
    .join(' AND ')}), -coalesce(v.skew, 0))`
const skew = 'coalesce(v.skew, 0)'
/** A small skew may be latency, and does not count. */
const largeSkew = `CASE WHEN abs(${skew}) > 300000 THEN v.skew ELSE 0 END`
const withVisit = 'LEFT JOIN sojourn.visits_3 AS v ON v."visitID" = o."visitID"'

/** The first part of step 4: today's tables make room for those with a site in every key. */
export const step4Tables: readonly string[] = [
  ...tables.map(table => `ALTER TABLE sojourn.${table} RENAME TO ${table}_3`),
  ...tables.map(table => `ALTER INDEX IF EXISTS sojourn.${table}_pkey RENAME TO ${table}_3_pkey`),
  ...indexes.split(' ').map(index => `DROP INDEX sojourn.${index}`),
  `CREATE TABLE sojourn.visits (
    "site" text COLLATE "C",
    "visitID" text,
    "startDate" bigint NOT NULL,
    "bare" bigint NOT NULL,
    "receivedAt" bigint NOT NULL,
    "globalVisitID" text COLLATE "C" NOT NULL,
    "languageCode" text COLLATE "C" NOT NULL,
    "userAgent" text COLLATE "C" NOT NULL,
    "idleLimitMs" bigint,
    "automated" bigint NOT NULL,
    "toldStart" bigint NOT NULL,
    "skew" bigint,
    "lastActivity" bigint NOT NULL,
    "lead" bigint NOT NULL,
    "leastStart" bigint NOT NULL,
    "longVisitID" text COLLATE "C",
    PRIMARY KEY ("site", "visitID")
  )`,
  `CREATE TABLE sojourn.sessions (
    "site" text COLLATE "C",
    "visitID" text,
    "sessionID" text COLLATE "C",
    "startDate" bigint NOT NULL,
    "receivedAt" bigint NOT NULL,
    "identityId" text COLLATE "C" NOT NULL,
    "longIdentityId" text COLLATE "C",
    "toldStart" bigint NOT NULL,
    "endDate" bigint NOT NULL,
    "lastActivity" bigint NOT NULL,
    "lastEventAt" bigint NOT NULL,
    "lead" bigint NOT NULL,
    "leastStart" bigint NOT NULL,
    "endReasonAt" bigint NOT NULL,
    "endReason" text COLLATE "C" NOT NULL,
    "longSessionID" text COLLATE "C",
    PRIMARY KEY ("site", "visitID", "sessionID")
  )`,
  `CREATE TABLE sojourn.pages (
    "site" text COLLATE "C",
    "visitID" text,
    "pageID" text COLLATE "C",
    "receivedAt" bigint NOT NULL,
    "sessionID" text COLLATE "C",
    "url" text COLLATE "C" NOT NULL,
    "title" text COLLATE "C" NOT NULL,
    "referrer" text COLLATE "C" NOT NULL,
    "category" text COLLATE "C" NOT NULL,
    "startDate" bigint NOT NULL,
    "endDate" bigint NOT NULL,
    "lastActivity" bigint NOT NULL,
    "lead" bigint NOT NULL,
    "viewedAt" bigint NOT NULL,
    "viewLead" bigint NOT NULL,
    "viewUrl" text COLLATE "C" NOT NULL,
    "viewTitle" text COLLATE "C" NOT NULL,
    PRIMARY KEY ("site", "visitID", "pageID")
  )`,
  `CREATE TABLE sojourn.session_pages (
    "site" text COLLATE "C",
    "visitID" text,
    "sessionID" text COLLATE "C",
    "pageID" text COLLATE "C",
    PRIMARY KEY ("site", "visitID", "sessionID", "pageID")
  )`,
  `CREATE TABLE sojourn.events (
    "site" text COLLATE "C",
    "visitID" text,
    "eventID" text COLLATE "C",
    "serverTimestamp" bigint NOT NULL,
    "writer" text COLLATE "C" NOT NULL,
    "seq" bigint NOT NULL,
    "eventName" text COLLATE "C" NOT NULL,
    "category" text COLLATE "C" NOT NULL,
    "url" text COLLATE "C" NOT NULL,
    "pageID" text COLLATE "C",
    "sessionID" text COLLATE "C",
    "data" text COLLATE "C",
    "activity" bigint NOT NULL,
    "eventType" text COLLATE "C" NOT NULL,
    "timestamp" bigint NOT NULL,
    PRIMARY KEY ("site", "visitID", "eventID")
  )`,
  `CREATE TABLE sojourn.writers (
    "site" text COLLATE "C",
    "visitID" text,
    "writer" text COLLATE "C",
    "written" bigint NOT NULL,
    "dropped" bigint NOT NULL,
    PRIMARY KEY ("site", "visitID", "writer")
  )`,
  `CREATE TABLE sojourn.refused (
    "site" text COLLATE "C",
    "visitID" text,
    "eventID" text COLLATE "C",
    "code" text COLLATE "C",
    PRIMARY KEY ("site", "visitID", "eventID", "code")
  )`,
  `CREATE TABLE sojourn.identities (
    "site" text COLLATE "C",
    "identityId" text,
    "receivedAt" bigint NOT NULL,
    "startDate" bigint NOT NULL,
    "sessionID" text COLLATE "C" NOT NULL,
    "longIdentityId" text COLLATE "C",
    PRIMARY KEY ("site", "identityId")
  )`,
  `CREATE TABLE sojourn.traits (
    "site" text COLLATE "C",
    "identityId" text,
    "trait" text COLLATE "C",
    "sourceID" text COLLATE "C",
    "receivedAt" bigint NOT NULL,
    "at" bigint NOT NULL,
    "value" text COLLATE "C" NOT NULL,
    PRIMARY KEY ("site", "identityId", "trait", "sourceID")
  )`,
]

/**
 * The second part of step 4, after the new tables are distributed: the rows are moved. What was stored before counts as
 * received first, and belongs to the site `default`. The step is published and never changes.
 */
export const step4Rows: readonly string[] = [
  `INSERT INTO sojourn.visits SELECT 'default', ${key('visitID')}, o."startDate",
    CASE WHEN o."globalVisitID" || o."languageCode" || o."userAgent" = '' THEN 1 ELSE 0 END, 0,
    o."globalVisitID", o."languageCode", o."userAgent", o."idleLimitMs", 0, o."startDate", o.skew, o."lastActivity", ${lead('visitID')},
    o."startDate", ${long('visitID')} FROM sojourn.visits_3 AS o ${withVisit}`,
  `INSERT INTO sojourn.sessions SELECT 'default', ${key('visitID')}, ${key('sessionID')}, o."startDate", 0,
    ${key('identityId')}, ${long('identityId')}, o."startDate", o."endDate", o."lastActivity", o."lastEventAt",
    ${lead('visitID', 'sessionID')}, o."startDate", o."endReasonAt", o."endReason", ${long('sessionID')}
    FROM sojourn.sessions_3 AS o ${withVisit}`,
  `INSERT INTO sojourn.pages SELECT 'default', ${key('visitID')}, o."pageID", 0, ${key('sessionID')}, o.url,
    o.title, o.referrer, o.category, o."startDate", o."endDate", o."lastActivity", ${lead('visitID', 'pageID')}, o."viewedAt",
    CASE WHEN o."viewedAt" > 0 THEN -${skew} ELSE 0 END, CASE WHEN o."viewedAt" > 0 THEN o.url ELSE '' END,
    CASE WHEN o."viewedAt" > 0 THEN o.title ELSE '' END FROM sojourn.pages_3 AS o ${withVisit}`,
  `INSERT INTO sojourn.session_pages SELECT 'default', ${key('visitID')}, ${key('sessionID')}, o."pageID"
    FROM sojourn.session_pages_3 AS o`,
  `INSERT INTO sojourn.events SELECT 'default', ${key('visitID')}, o."eventID", o."serverTimestamp", o.writer,
    o.seq, o."eventName", o.category, o.url, o."pageID", ${key('sessionID')}, o.data, o.activity, o."eventType", o."timestamp"
    FROM sojourn.events_3 AS o`,
  `INSERT INTO sojourn.writers SELECT 'default', ${key('visitID')}, o.writer, o.written, o.dropped FROM sojourn.writers_3 AS o`,
  `INSERT INTO sojourn.refused SELECT 'default', ${key('visitID')}, o."eventID", o.code FROM sojourn.refused_3 AS o`,
  `INSERT INTO sojourn.identities SELECT 'default', ${key('identityId')}, 0, o."startDate", o."sessionID",
    ${long('identityId')} FROM sojourn.identities_3 AS o`,
  `INSERT INTO sojourn.traits SELECT 'default', ${key('identityId')}, 'userAgent', ${key('visitID')}, 0,
    greatest(0, max(o."startDate" + ${largeSkew})), left(v."userAgent", 256)
    FROM sojourn.sessions_3 AS o JOIN sojourn.visits_3 AS v ON v."visitID" = o."visitID" WHERE v."userAgent" <> ''
    GROUP BY o."identityId", o."visitID", v."userAgent"`,
  ...['name', 'location'].map(
    name => `INSERT INTO sojourn.traits SELECT 'default', ${key('identityId')}, '${name}', e."eventID", e."serverTimestamp",
    CASE WHEN e."timestamp" + ${skew} > e."serverTimestamp" + 300000 THEN 0 ELSE greatest(0, e."timestamp" + ${largeSkew}) END, ${toText(name)}
    FROM sojourn.sessions_3 AS o JOIN sojourn.visits_3 AS v ON v."visitID" = o."visitID"
    JOIN sojourn.events_3 AS e ON e."visitID" = o."visitID" AND e."sessionID" = o."sessionID"
    WHERE e."eventName" IN ('SignIn', 'UserInfo') AND ${toText(name)} <> '' ON CONFLICT DO NOTHING`,
  ),
  ...tables.map(table => `DROP TABLE sojourn.${table}_3`),
  'CREATE INDEX sessions_by_id ON sojourn.sessions ("site", "sessionID", "receivedAt", "visitID")',
  'CREATE INDEX sessions_of_identity ON sojourn.sessions ("site", "identityId", "startDate", "sessionID")',
  'CREATE INDEX pages_by_id ON sojourn.pages ("site", "pageID", "receivedAt", "visitID")',
  'CREATE INDEX events_in_order ON sojourn.events ("site", "visitID", "timestamp")',
  'CREATE INDEX identities_in_order ON sojourn.identities ("site", "startDate", "sessionID")',
  'CREATE INDEX traits_in_order ON sojourn.traits ("site", "identityId", "trait", "at")',
  'CREATE INDEX traits_by_value ON sojourn.traits ("site", "trait", "value", "identityId")',
]
