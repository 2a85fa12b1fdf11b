import { adminTableNames, postgresAdminStep } from '../../sites/tables.js'
import { healthTableNames, postgresHealthStep } from '../health-tables.js'
import { postgresLeftoversStep } from '../leftovers-step.js'
import { postgresNumbersRows, postgresNumbersStep } from '../numbers-step.js'
import { numbersTableNames } from '../numbers-tables.js'
import { makePagesStep } from '../pages-step.js'
import { makePartialStep } from '../partial-step.js'
import { postgresRightsStep, rightsTableNames } from '../rights-tables.js'
import { postgresRunningStep, runningTableNames } from '../running.js'
import { postgresScriptsStep, scriptsTableNames } from '../scripts.js'
import { makeViewStep } from '../view-step.js'
import { step4Rows, step4Tables } from './step-4.js'
import { toText } from './told.js'

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
  [
    'ALTER TABLE sojourn.visits ADD COLUMN "idleLimitMs" bigint',
    `ALTER TABLE sojourn.sessions
      ADD COLUMN "lastEventAt" bigint NOT NULL DEFAULT 0,
      ADD COLUMN "endReason" text COLLATE "C" NOT NULL DEFAULT '',
      ADD COLUMN "endReasonAt" bigint NOT NULL DEFAULT 0`,
    'ALTER TABLE sojourn.pages ADD COLUMN "viewedAt" bigint NOT NULL DEFAULT 0',
    'ALTER TABLE sojourn.events ADD COLUMN "activity" bigint NOT NULL DEFAULT 1',
    `CREATE TABLE sojourn.session_pages (
      "visitID" text,
      "sessionID" text COLLATE "C",
      "pageID" text COLLATE "C",
      PRIMARY KEY ("visitID", "sessionID", "pageID")
    )`,
  ],
  // Pages of a session that were entered before it, why sessions ended, and what is known from sign-ins.
  [
    `INSERT INTO sojourn.session_pages
      SELECT DISTINCT e."visitID", e."sessionID", e."pageID" FROM sojourn.events AS e
      LEFT JOIN sojourn.pages AS p ON p."visitID" = e."visitID" AND p."pageID" = e."pageID"
      WHERE e."sessionID" IS NOT NULL AND e."pageID" IS NOT NULL AND p."sessionID" IS DISTINCT FROM e."sessionID"`,
    'UPDATE sojourn.sessions SET "lastEventAt" = "lastActivity"',
    `UPDATE sojourn.sessions AS s SET "endReason" = told.reason, "endReasonAt" = told.at FROM
      (SELECT DISTINCT ON ("visitID", "sessionID") "visitID", "sessionID", at, reason FROM
        (SELECT "visitID", "sessionID", "timestamp" AS at, CASE
          WHEN "eventName" = 'SignOut' THEN 'signed-out' ELSE ${toText('reason')} END COLLATE "C" AS reason
          FROM sojourn.events WHERE "eventName" IN ('SignOut', 'SessionEnded') AND "sessionID" IS NOT NULL) AS ends
        ORDER BY "visitID", "sessionID", at DESC, reason DESC) AS told
      WHERE told."visitID" = s."visitID" AND told."sessionID" = s."sessionID"`,
    ...['name', 'location'].map(
      name => `INSERT INTO sojourn.identities AS ours
      ("identityId", "startDate", "sessionID", "name", "location", "userAgent", "nameAt", "locationAt", "userAgentAt")
      SELECT DISTINCT ON ("identityId") "identityId", "startDate", "sessionID",
        ${name === 'name' ? `told, '', '', at, 0, 0` : `'', told, '', 0, at, 0`} FROM
        (SELECT s."identityId", s."startDate", s."sessionID", e."timestamp" AS at, ${toText(name)} COLLATE "C" AS told
          FROM sojourn.events AS e
          JOIN sojourn.sessions AS s ON s."visitID" = e."visitID" AND s."sessionID" = e."sessionID"
          WHERE e."eventName" = 'SignIn') AS traits
      WHERE told <> '' ORDER BY "identityId", at DESC, told DESC
      ON CONFLICT ("identityId") DO UPDATE SET "${name}" = excluded."${name}", "${name}At" = excluded."${name}At"
      WHERE (excluded."${name}At", excluded."${name}") > (ours."${name}At", ours."${name}")`,
    ),
  ],
  step4Tables,
  step4Rows,
  postgresAdminStep,
  postgresRightsStep,
  // Visits, sessions and events of a whole site in the order of time, and the visits of a browser.
  [
    'CREATE INDEX visits_in_order ON sojourn.visits ("site", "startDate")',
    'CREATE INDEX visits_of_browser ON sojourn.visits ("site", "globalVisitID", "startDate")',
    'CREATE INDEX sessions_in_order ON sojourn.sessions ("site", "startDate", "sessionID")',
    'CREATE INDEX events_by_receipt ON sojourn.events ("site", "serverTimestamp")',
  ],
  postgresNumbersStep,
  postgresNumbersRows,
  postgresHealthStep,
  [makeViewStep('sojourn.pages')],
  postgresScriptsStep,
  makePartialStep('sojourn.'),
  postgresRunningStep,
  [makePagesStep('sojourn.')],
  postgresLeftoversStep,
]

/**
 * How Citus distributes each table, after the step that creates it. All rows of a visit are on one node; identities are
 * distributed on their own. A table without a `column` is small, and each node has a copy of it (a reference table).
 */
export const distribution: readonly {
  readonly step: number
  readonly table: string
  readonly column: string | null
  readonly beside: string
}[] = [
  { step: 4, table: 'visits', column: 'visitID', beside: 'none' },
  ...['sessions', 'pages', 'session_pages', 'events', 'writers', 'refused'].map(table => ({
    step: 4,
    table,
    column: 'visitID',
    beside: 'sojourn.visits',
  })),
  { step: 4, table: 'identities', column: 'identityId', beside: 'none' },
  { step: 4, table: 'traits', column: 'identityId', beside: 'sojourn.identities' },
  ...adminTableNames.map(table => ({ step: 6, table, column: null, beside: 'none' })),
  ...rightsTableNames.map(table => ({ step: 7, table, column: null, beside: 'none' })),
  { step: 9, table: 'changed', column: 'visitID', beside: 'sojourn.visits' },
  ...numbersTableNames
    .filter(table => table !== 'changed')
    .map(table => ({ step: 9, table, column: null, beside: 'none' })),
  ...healthTableNames.map(table => ({ step: 11, table, column: null, beside: 'none' })),
  ...scriptsTableNames.map(table => ({ step: 13, table, column: null, beside: 'none' })),
  ...runningTableNames.map(table => ({ step: 15, table, column: null, beside: 'none' })),
]
