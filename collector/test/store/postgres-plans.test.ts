import { Client } from 'pg'
import { describe, expect, it } from 'vitest'
import { exportPageSize } from '../../src/limits.js'
import { toID } from '../../src/numbers/keys.js'
import { openPostgres, postgresDialect, toNumbered } from '../../src/store/postgres/postgres.js'
import { createNumbers } from '../../src/store/sql/numbers.js'
import type { Select } from '../../src/store/sql/select.js'
import type { Value } from '../../src/store/tables.js'
import { databaseUrl, hasPostgres } from '../helpers/database.js'
import { type Run, selectsOfPerson } from '../helpers/person-selects.js'
import { everySelect } from '../helpers/selects.js'

interface Sql {
  readonly sql: string
  readonly values: readonly Value[]
}

const asked = {
  visitID: 'v5',
  sessionID: 's5',
  pageID: 'p5',
  identityId: 'i1',
  globalVisitID: 'g5',
  userAgent: 'agent 5',
}
const traits = {
  location: 'place 5',
  eventName: 'Search',
  eventType: 'BUSINESS',
  url: '/',
  title: 'Home',
  category: 'a',
}

/**
 * The number of rows that any query may scan: a page of ten, the traits of ten identities, and what sorting and finding
 * the next page need.
 */
const fewRows = 100
const many = process.env.SOJOURN_LONG ? 100_000 : 20_000

describe.skipIf(!hasPostgres)('every query of PostgreSQL', () => {
  it('scans no more rows with many thousand sessions than with ten, and only by index', async () => {
    const url = await databaseUrl()
    await (await openPostgres(url)).close()
    const client = new Client(url)
    await client.connect()
    const all = everySelect(postgresDialect, { ...asked, ...traits })
    await fill(client, 10)
    // For ten rows, the planner would choose a sequential scan.
    await client.query('SET enable_seqscan = off')
    const small = await scannedBy(client, all)
    await fill(client, many)
    await client.query('SET enable_seqscan = on')
    const large = await scannedBy(client, all)
    await client.end()
    for (const [name, { scans, rows }] of large) {
      expect([name, scans.filter(scan => scan === 'Seq Scan')]).toEqual([name, []])
      expect([name, rows]).toEqual([name, Math.min(rows, Math.max(fewRows, 2 * (small.get(name)?.rows ?? 0)))])
    }
  })

  it('looks up the sessions of a step of a funnel one by one, also with a plan that was made for any values', async () => {
    const url = await databaseUrl()
    await (await openPostgres(url)).close()
    const client = new Client(url)
    await client.connect()
    const sessions = 1000
    const first: Sql[] = []
    const numbers = createNumbers(
      { schema: 'sojourn.', all: async (sql, values) => (first.push({ sql, values }), []) },
      'default',
    )
    await numbers.funnel([{ eventName: 'Buy' }, { eventName: 'Buy' }, { eventName: 'Buy' }], { since: 0, until: 1e12 })
    const { sql, values } = first[0] as Sql
    await client.query(`
      INSERT INTO sojourn.marks
        SELECT 'default', mark, n, n, 0, n, n
        FROM generate_series(1, ${sessions}) n, LATERAL (SELECT ${toID('name', 'Buy')} UNION ALL SELECT n) AS marks(mark);
      ANALYZE sojourn.marks;
      SET plan_cache_mode = force_generic_plan;
      PREPARE funnel AS ${toNumbered(sql)}`)
    const given = values.map(value => (typeof value === 'string' ? `'${value}'` : value)).join()
    const { rows } = await client.query(`EXPLAIN (ANALYZE, FORMAT JSON) EXECUTE funnel(${given})`)
    await client.end()
    expect(sumOf(rows[0]['QUERY PLAN'][0].Plan as Plan).rows).toBe(3 * sessions)
  })

  it('finds the visits of a person with thousands of them, a page at a time', async () => {
    const url = await databaseUrl()
    await (await openPostgres(url)).close()
    const client = new Client(url)
    await client.connect()
    await fill(client, 5000)
    await client.query(`UPDATE sessions SET "identityId" = 'i1'; ANALYZE sessions`)
    const run: Run = async ({ sql, values }) => (await client.query(toNumbered(sql), [...values])).rows
    const all = (await selectsOfPerson(postgresDialect, 'i1', 250, run)).map(one => [one.sql, one] as const)
    const scanned = await scannedBy(client, all)
    await client.end()
    // Each session of a page is read with its visit.
    for (const [sql, { rows }] of scanned) expect([sql, rows]).toEqual([sql, Math.min(rows, 3 * exportPageSize)])
  })

  it('finds what a person has in a visit with thousands of pages, sessions and events, a page at a time', async () => {
    const url = await databaseUrl()
    await (await openPostgres(url)).close()
    const client = new Client(url)
    await client.connect()
    await fill(client, 5000)
    for (const table of ['sessions', 'pages', 'events'])
      await client.query(`UPDATE ${table} SET "visitID" = 'v1'; ANALYZE ${table}`)
    await client.query(`UPDATE sessions SET "identityId" = 'i1'; ANALYZE sessions`)
    const run: Run = async ({ sql, values }) => (await client.query(toNumbered(sql), [...values])).rows
    const all = (await selectsOfPerson(postgresDialect, 'i1', 1, run, 'v1')).map(one => [one.sql, one] as const)
    const scanned = await scannedBy(client, all)
    await client.end()
    expect(scanned.size).toBeGreaterThan(5)
    // Each row of a page is read with its visit, and with its session or page.
    for (const [sql, { rows }] of scanned) expect([sql, rows]).toEqual([sql, Math.min(rows, 4 * exportPageSize)])
  })
})

interface Plan {
  readonly 'Node Type': string
  readonly 'Actual Rows': number
  readonly 'Actual Loops': number
  readonly 'Rows Removed by Filter'?: number
  readonly 'Rows Removed by Index Recheck'?: number
  readonly Plans?: readonly Plan[]
}

type Scanned = { readonly scans: readonly string[]; readonly rows: number }

async function scannedBy(client: Client, all: readonly (readonly [string, Select])[]): Promise<Map<string, Scanned>> {
  const scanned = new Map<string, Scanned>()
  for (const [name, { sql, values }] of all) {
    const { rows } = await client.query(`EXPLAIN (ANALYZE, FORMAT JSON) ${toNumbered(sql)}`, [...values])
    scanned.set(name, sumOf(rows[0]['QUERY PLAN'][0].Plan as Plan))
  }
  return scanned
}

function sumOf(plan: Plan): Scanned {
  const below = (plan.Plans ?? []).map(sumOf)
  const type = plan['Node Type']
  const isScan = type.endsWith('Scan') && !/Subquery|CTE/.test(type)
  const seen =
    plan['Actual Rows'] + (plan['Rows Removed by Filter'] ?? 0) + (plan['Rows Removed by Index Recheck'] ?? 0)
  return {
    scans: [...(isScan ? [type] : []), ...below.flatMap(({ scans }) => scans)],
    rows: (isScan ? seen * plan['Actual Loops'] : 0) + below.reduce((sum, { rows }) => sum + rows, 0),
  }
}

/** Fills a database with sessions. Each has a visit, a page and an event; each identity has three sessions. */
async function fill(client: Client, sessions: number): Promise<void> {
  await client.query(`
    SET search_path = sojourn;
    TRUNCATE visits, sessions, pages, session_pages, events, identities, traits;
    INSERT INTO visits
      SELECT 'default', 'v' || n, n, 0, n, 'g' || n, 'de', 'agent ' || n % 9, NULL, 0, n, 0, n, 0, n, NULL FROM generate_series(1, ${sessions}) n;
    INSERT INTO sessions
      SELECT 'default', 'v' || n, 's' || n, n, n, 'i' || n / 3, NULL, n, 0, n, n, 0, n, 0, '', NULL FROM generate_series(1, ${sessions}) n;
    INSERT INTO pages
      SELECT 'default', 'v' || n, 'p' || n, n, 's' || n, '/', 'Home', '', 'a', n, 0, n, 0, 0, 0, '', '' FROM generate_series(1, ${sessions}) n;
    INSERT INTO session_pages SELECT 'default', 'v' || n, 's' || n, 'q' || n FROM generate_series(1, ${sessions}) n;
    INSERT INTO events
      SELECT 'default', 'v' || n, 'e' || n, n, 'w', 1, 'Search', 'a', '/', 'p' || n, 's' || n, NULL, 1, 'BUSINESS', n
      FROM generate_series(1, ${sessions}) n;
    INSERT INTO identities SELECT 'default', 'i' || n, n * 3, n * 3, 's' || n * 3, NULL FROM generate_series(0, ${sessions} / 3) n;
    INSERT INTO traits
      SELECT 'default', 'i' || n, trait, 'e' || n, n, n, value FROM generate_series(0, ${sessions} / 3) n,
      LATERAL (VALUES ('location', 'place ' || n), ('userAgent', 'agent ' || n)) AS told(trait, value);
    ANALYZE visits, sessions, pages, session_pages, events, identities, traits;`)
}
