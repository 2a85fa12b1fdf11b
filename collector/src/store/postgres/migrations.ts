/** The schema of our tables, so that a database may contain other tables with the same names. */
export const schema = 'sojourn'

/**
 * The steps from an empty database to the present tables. `sojourn.schema` counts the steps that were taken. A
 * published step never changes, a change is a new step, and no step drops a record. There are no steps back. Texts are
 * compared by bytes (`COLLATE "C"`), as in every store. Distribution columns have no collation, because Citus before 14
 * mixes them up.
 */
export const migrations: readonly (readonly string[])[] = [
  [
    `CREATE TABLE sojourn.visits (
      "visitID" text PRIMARY KEY,
      "globalVisitID" text COLLATE "C" NOT NULL,
      "startDate" bigint NOT NULL,
      "languageCode" text COLLATE "C" NOT NULL,
      "userAgent" text COLLATE "C" NOT NULL,
      "lastActivity" bigint NOT NULL,
      "skew" bigint
    )`,
    `CREATE TABLE sojourn.sessions (
      "visitID" text,
      "sessionID" text COLLATE "C",
      "identityId" text COLLATE "C" NOT NULL,
      "startDate" bigint NOT NULL,
      "endDate" bigint NOT NULL,
      "duration" bigint NOT NULL,
      "lastActivity" bigint NOT NULL,
      PRIMARY KEY ("visitID", "sessionID")
    )`,
    'CREATE INDEX sessions_by_id ON sojourn.sessions ("sessionID")',
    'CREATE INDEX sessions_of_identity ON sojourn.sessions ("identityId", "startDate", "sessionID")',
    `CREATE TABLE sojourn.pages (
      "visitID" text,
      "pageID" text COLLATE "C",
      "sessionID" text COLLATE "C",
      "identityId" text COLLATE "C",
      "url" text COLLATE "C" NOT NULL,
      "title" text COLLATE "C" NOT NULL,
      "referrer" text COLLATE "C" NOT NULL,
      "category" text COLLATE "C" NOT NULL,
      "startDate" bigint NOT NULL,
      "endDate" bigint NOT NULL,
      "lastActivity" bigint NOT NULL,
      PRIMARY KEY ("visitID", "pageID")
    )`,
    'CREATE INDEX pages_by_id ON sojourn.pages ("pageID")',
    `CREATE TABLE sojourn.events (
      "visitID" text,
      "eventID" text COLLATE "C",
      "eventType" text COLLATE "C" NOT NULL,
      "eventName" text COLLATE "C" NOT NULL,
      "category" text COLLATE "C" NOT NULL,
      "timestamp" bigint NOT NULL,
      "writer" text COLLATE "C" NOT NULL,
      "seq" bigint NOT NULL,
      "url" text COLLATE "C" NOT NULL,
      "data" text COLLATE "C",
      "sessionID" text COLLATE "C",
      "pageID" text COLLATE "C",
      "serverTimestamp" bigint NOT NULL,
      PRIMARY KEY ("visitID", "eventID")
    )`,
    'CREATE INDEX events_in_order ON sojourn.events ("visitID", "timestamp")',
    `CREATE TABLE sojourn.writers (
      "visitID" text,
      "writer" text COLLATE "C",
      "written" bigint NOT NULL,
      "dropped" bigint NOT NULL,
      PRIMARY KEY ("visitID", "writer")
    )`,
    `CREATE TABLE sojourn.refused (
      "visitID" text,
      "eventID" text COLLATE "C",
      "code" text COLLATE "C",
      PRIMARY KEY ("visitID", "eventID", "code")
    )`,
    `CREATE TABLE sojourn.identities (
      "identityId" text PRIMARY KEY,
      "startDate" bigint NOT NULL,
      "sessionID" text COLLATE "C" NOT NULL,
      "name" text COLLATE "C" NOT NULL,
      "location" text COLLATE "C" NOT NULL,
      "userAgent" text COLLATE "C" NOT NULL,
      "nameAt" bigint NOT NULL,
      "locationAt" bigint NOT NULL,
      "userAgentAt" bigint NOT NULL
    )`,
    'CREATE INDEX identities_in_order ON sojourn.identities ("startDate", "sessionID")',
    'CREATE INDEX identities_by_location ON sojourn.identities ("location", "startDate", "sessionID") WHERE "location" <> \'\'',
    'CREATE INDEX identities_by_agent ON sojourn.identities ("userAgent", "startDate", "sessionID") WHERE "userAgent" <> \'\'',
    'CREATE INDEX identities_by_both ON sojourn.identities ("location", "userAgent", "startDate", "sessionID") WHERE "location" <> \'\'',
  ],
]

/** How Citus distributes each table. All rows of a visit are on one node; identities are distributed on their own. */
export const distribution: readonly { readonly table: string; readonly column: string; readonly beside: string }[] = [
  { table: 'visits', column: 'visitID', beside: 'none' },
  ...['sessions', 'pages', 'events', 'writers', 'refused'].map(table => ({
    table,
    column: 'visitID',
    beside: 'sojourn.visits',
  })),
  { table: 'identities', column: 'identityId', beside: 'none' },
]
