import { setTimeout as sleep } from 'node:timers/promises'
import Database from 'better-sqlite3'
import { Client } from 'pg'
import { describe, expect, it } from 'vitest'
import { migrations as postgresSteps } from '../src/store/postgres/migrations.js'
import { openPostgres, toNumbered } from '../src/store/postgres/postgres.js'
import { migrations as sqliteSteps } from '../src/store/sqlite/migrations.js'
import { openSqlite } from '../src/store/sqlite/sqlite.js'
import { expectMigrated, olderRows } from '../test/helpers/older.js'
import { checkBalance } from './balance.js'
import { runCommand } from './command.js'
import { startLoad } from './load.js'
import { makeCollector } from './process.js'
import { report } from './report.js'
import { countIn, isPostgres, query, tableIn } from './sql.js'
import { isLong, isShort, stores } from './stores.js'
import { atRandom, expectKnownAnswers } from './trouble.js'

type Version = 1 | 3

const tables = ['visits', 'sessions', 'pages', 'events', 'writers', 'refused', 'identities'] as const
const versions: readonly Version[] = isLong ? [1, 3] : [1]
const scenes = (isShort ? stores.slice(0, 1) : stores).flatMap(place =>
  versions.map(version => ({ ...place, version })),
)

describe('a migration', () => {
  it.for(scenes)(
    'that is killed completes at a later start with every row, from version $version, on $store',
    async ({ store, open, version }, context) => {
      const kills = isLong ? 20 : 2
      const visits = isLong ? 100_000 : 4000
      const db = await open(context)
      await makeOlder(db, version, visits)
      const [counts, sums, first] = [await countAll(db), await sumsOf(db), await versionOf(db)]
      const collector = await makeCollector(db)
      const load = startLoad(collector, isLong ? 8 : 2)

      let cut = 0
      for (let n = 0; n < kills && (await versionOf(db)) === first; n++) {
        const starting = collector.start().then(
          () => 'listens',
          () => 'killed',
        )
        await Promise.race([untilMigrating(db), starting])
        // The first kill comes at once, and each a little later, so that together they reach all parts of the migration.
        await atRandom((n / kills) * (isLong ? 4000 : 400))
        await collector.kill()
        await starting
        if ((await versionOf(db)) !== first) break
        cut++
        expect(await countAll(db), 'rows after a kill').toEqual(counts)
      }
      expect(cut, 'migrations that a kill cut').toBeGreaterThan(0)
      await collector.start()
      expect(await countAll(db), 'rows after the migration').toEqual(counts)
      expect(await sumsOf(db), 'events after the migration').toEqual(sums)
      expect(await leftovers(db)).toEqual([])
      await load.untilMore()
      await load.drain()
      const balance = await checkBalance(load.journal, collector.url)
      expectKnownAnswers(load)
      expect(await runCommand('check', '--db', db)).toContain('all is well')
      await collector.kill()
      const opened = await (isPostgres(db) ? openPostgres(db) : openSqlite(db))
      try {
        await expectMigrated(opened, version)
      } finally {
        await opened.close()
      }
      const rows = Object.values(counts).reduce((sum, count) => sum + count, 0)
      const note = `${rows} rows of version ${version} migrated, all there`
      report({ proof: 'migration cut', store, trouble: `${cut} times kill -9, version ${version}`, ...balance, note })
    },
  )
})

/** Makes a database of an older version: the rows that this version has written, and many others. */
async function makeOlder(db: string, version: Version, visits: number): Promise<void> {
  if (isPostgres(db)) {
    const steps = postgresSteps.slice(0, version).flat()
    const noted = [
      'CREATE TABLE sojourn.schema (version integer NOT NULL)',
      `INSERT INTO sojourn.schema VALUES (${version})`,
    ]
    await query(db, 'CREATE SCHEMA sojourn', ...steps, ...noted)
    const client = new Client(db)
    await client.connect()
    for (const { sql, values } of olderRows(version, 'sojourn.')) await client.query(toNumbered(sql), values)
    await client.end()
  } else {
    // The second step of SQLite made the tables of version 1 that PostgreSQL began with.
    const steps = version === 1 ? 2 : 3
    const file = new Database(db)
    file.exec('PRAGMA journal_mode = WAL')
    for (const step of sqliteSteps.slice(0, steps)) file.exec(step)
    file.exec(`PRAGMA user_version = ${steps}`)
    for (const { sql, values } of olderRows(version, '')) file.prepare(sql).run(...(values as never[]))
    file.close()
  }
  await query(db, ...manyRows(db, visits))
}

/** Makes statements that fill the tables of an older version with visits of one session, one page and five events each. */
function manyRows(db: string, visits: number): string[] {
  const up = (most: number): string =>
    `WITH RECURSIVE up(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM up WHERE n < ${most})`
  const fill = (table: string, columns: string, most: number, values: string): string =>
    `INSERT INTO ${tableIn(db, table)} (${columns
      .split(' ')
      .map(name => `"${name}"`)
      .join()}) ${up(most)} SELECT ${values} FROM up`
  // One in ten has ids that are too long for a key.
  const id = (kind: string, n: string): string =>
    `'many-${kind}-' || (${n}) || CASE WHEN (${n}) % 10 = 0 THEN '${'x'.repeat(60)}' ELSE '' END`
  const [visit, session, person] = [id('visit', 'n'), id('session', 'n'), id('person', 'n % 1000')]
  const visitOf = id('visit', '(n - 1) / 5 + 1')
  const sessionOf = id('session', '(n - 1) / 5 + 1')
  const at = 1763985600000
  const event = `CASE n % 5 WHEN 1 THEN 'SignIn' WHEN 0 THEN 'SignOut' ELSE 'Search' END`
  const data = `'{"name":"Person ' || n || '","text":"${'some words '.repeat(8)}"}'`
  return [
    fill(
      'visits',
      'visitID globalVisitID startDate languageCode userAgent lastActivity skew',
      visits,
      `${visit}, 'browser', ${at} + n, 'de', 'a browser', ${at} + n + 5, n % 100`,
    ),
    fill(
      'sessions',
      'visitID sessionID identityId startDate endDate duration lastActivity',
      visits,
      `${visit}, ${session}, ${person}, ${at} + n, ${at} + n + 5, 0, ${at} + n + 5`,
    ),
    fill(
      'pages',
      'visitID pageID sessionID identityId url title referrer category startDate endDate lastActivity',
      visits,
      `${visit}, 'many-page-' || n, ${session}, ${person}, '/' || n, 'A page', '', '', ${at} + n, 0, ${at} + n + 5`,
    ),
    fill(
      'events',
      'visitID eventID eventType eventName category timestamp writer seq url data sessionID pageID serverTimestamp',
      visits * 5,
      `${visitOf}, 'event-' || n, 'BUSINESS', ${event}, '', ${at} + n / 5, 'writer', n % 5 + 1, '/', ${data}, ${sessionOf}, 'many-page-' || ((n - 1) / 5 + 1), ${at} + n / 5 + 50`,
    ),
    fill('writers', 'visitID writer written dropped', visits, `${visit}, 'writer', 5, 0`),
    fill('refused', 'visitID eventID code', visits, `${visit}, 'refused-' || n, 'id-invalid'`),
    fill(
      'identities',
      'identityId startDate sessionID name location userAgent nameAt locationAt userAgentAt',
      Math.min(visits, 1000),
      `${person}, ${at} + n, ${session}, '', '', '', 0, 0, 0`,
    ),
  ]
}

/** Which rows do not come from the load. Its visits have random ids. */
const isOld = `t."visitID" NOT LIKE '________-____-____-____-____________'`

/** Counts the rows of each table that do not come from the load. */
async function countAll(db: string): Promise<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const table of tables)
    counts[table] = await countIn(db, table, table === 'identities' ? `t."identityId" NOT LIKE 'user-%'` : isOld)
  return counts
}

/** What the events add up to, so that no row is stored twice for one that is missing, and none is changed. */
async function sumsOf(db: string): Promise<Record<string, string>> {
  const sums = [
    'count(DISTINCT "eventID")',
    'sum("timestamp")',
    'sum("serverTimestamp")',
    'sum(seq)',
    'sum(length(data))',
  ]
  const list = sums.map((sql, n) => `${sql} AS sum_${n}`).join()
  const [row = {}] = await query(db, `SELECT ${list} FROM ${tableIn(db, 'events')} AS t WHERE ${isOld}`)
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, String(value)]))
}

async function versionOf(db: string): Promise<number> {
  const sql = isPostgres(db)
    ? 'SELECT version FROM sojourn.schema'
    : 'SELECT user_version AS version FROM pragma_user_version'
  const [row] = await query(db, sql)
  return Number(row?.version)
}

/** The tables of older versions that are still there. */
async function leftovers(db: string): Promise<unknown[]> {
  const all = isPostgres(db)
    ? `SELECT tablename AS name FROM pg_tables WHERE schemaname = 'sojourn'`
    : `SELECT name FROM sqlite_schema WHERE type = 'table'`
  return (await query(db, all)).map(({ name }) => name).filter(name => /_\d$/.test(String(name)))
}

/** Resolves when a collector has begun to migrate. */
async function untilMigrating(db: string): Promise<void> {
  while (!(await isMigrating(db))) await sleep(2)
}

async function isMigrating(db: string): Promise<boolean> {
  if (isPostgres(db))
    return (await query(db, `SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND granted`)).length > 0
  const file = new Database(db, { timeout: 0 })
  try {
    file.exec('BEGIN IMMEDIATE; ROLLBACK')
    return false
  } catch {
    // Somebody else writes.
    return true
  } finally {
    file.close()
  }
}
