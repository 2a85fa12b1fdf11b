import { Client } from 'pg'
import { describe, expect, it, onTestFinished } from 'vitest'
import { maxLooked, maxSessionsLooked, maxSorted } from '../../src/limits.js'
import { createMemoryStore } from '../../src/store/memory.js'
import { openPostgres, postgresDialect, toNumbered } from '../../src/store/postgres/postgres.js'
import { toItem } from '../../src/store/sql/items.js'
import { createReads } from '../../src/store/sql/reads.js'
import type { Select } from '../../src/store/sql/select.js'
import { collectorWith, noon } from '../helpers/collector.js'
import { databaseUrl, hasPostgres } from '../helpers/database.js'
import { type Plan, scannedBy } from '../helpers/postgres-plan.js'

/** Rows of each kind that a stranger has made: more than a read may look at. */
const stored = 30_000

/** What is read again for each row: those before it in a reply, its visit, its page, its session. */
const perRow = 3

// A read of a few rows is planned for a few, so each of these has its own figure.
const cases: readonly (readonly [path: string, most: number])[] = [
  ...[
    '/sessions/late/events',
    '/sessions/early/events?eventName=Rare',
    '/pages/late/events',
    '/visits/one/events?eventName=Rare',
    '/visits/one/events?eventType=SYSTEM',
    '/sessions/late?include_events=true&include_pages=true',
    '/visits/one/pages?url=/nowhere',
    '/sessions/late/pages',
    '/sessions/early/pages?title=Nothing',
    '/visits?globalVisitID=browser&userAgent=none',
    '/visits?globalVisitID=browser&automated=only&order=asc',
    '/sessions?identityId=many&automated=only',
  ].map(path => [path, (perRow + 1) * maxLooked] as const),
  ['/sessions/first/events', 200],
  ['/identities/many/visits?userAgent=none', maxSorted + (perRow + 1) * maxLooked],
  ['/identities/many', 2 * maxSessionsLooked + 1000],
  ['/visits/crowd/identities?page_size=10', 3 * stored + 1000],
  ['/visits/crowd', 2 * stored + 1000],
  ['/visits/crowd/sessions?page_size=10', 2 * stored + 1000],
]

describe.skipIf(!hasPostgres)('a read of what a stranger has filled, on PostgreSQL', () => {
  it('looks at a bounded part, however many rows there are, or at each row of a visit once', async () => {
    const url = await databaseUrl()
    await (await openPostgres(url)).close()
    const client = new Client(url)
    await client.connect()
    client.setTypeParser(20, Number)
    onTestFinished(() => client.end())
    await fill(client)
    // Tables as small as these are rather read whole, once for all rows.
    await client.query('SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off')
    let looked = 0
    let turn: Promise<unknown> = Promise.resolve()
    async function run({ sql, values }: Select): Promise<object[]> {
      const { rows: plans } = await client.query(`EXPLAIN (ANALYZE, FORMAT JSON) ${toNumbered(sql)}`, [...values])
      looked += scannedBy(plans[0]['QUERY PLAN'][0].Plan as Plan)
      return (await client.query(toNumbered(sql), [...values])).rows.map(toItem)
    }
    const reads = createReads(postgresDialect, 'default', select => {
      const own = turn.then(() => run(select))
      turn = own
      return own
    })
    const memory = createMemoryStore()
    const store = { ...memory, of: () => ({ ...memory.of('default'), ...reads }) }
    const { get } = collectorWith({ store, now: () => noon })
    const found: unknown[] = []
    for (const [path, most] of cases) {
      looked = 0
      const reply = await get(`/v1${path}`)
      expect([path, reply.status, await reply.text()]).toEqual([path, 200, expect.any(String)])
      found.push([path, looked > most ? looked : 'few'])
    }
    expect(found).toEqual(cases.map(([path]) => [path, 'few']))
  })
})

/**
 * A visit `one` with many events and pages, nearly all of its session and page `early`; an identity `many` with many sessions, each in a
 * visit of one `browser`; a visit `crowd` with many sessions of as many identities.
 */
async function fill(client: Client): Promise<void> {
  const many = `generate_series(1, ${stored}) AS up(n)`
  const part = `CASE WHEN n > ${stored - 10} THEN 'late' WHEN n <= 10 THEN 'first' ELSE 'early' END`
  const visit = `0, ${noon}, 'browser', 'de', 'agent', NULL, 0, ${noon}, 0, ${noon}, 0, ${noon}, NULL`
  const session = `NULL, ${noon}, 0, ${noon}, ${noon} + 1000000, 0, ${noon}, 0, '', NULL`
  await client.query(`
    SET search_path = sojourn;
    INSERT INTO visits SELECT 'default', id, ${noon}, ${visit} FROM (VALUES ('one'), ('crowd')) AS own(id);
    INSERT INTO visits SELECT 'default', 'v' || n, ${noon} - n, ${visit} FROM ${many};
    INSERT INTO sessions SELECT 'default', 'one', id, ${noon}, ${noon}, 'jo', ${session} FROM (VALUES ('first'), ('early'), ('late')) AS own(id);
    INSERT INTO sessions SELECT 'default', 'v' || n, 's' || n, ${noon} - n, ${noon}, 'many', ${session} FROM ${many};
    INSERT INTO sessions SELECT 'default', 'crowd', 'c' || n, ${noon} - n, ${noon}, 'i' || n, ${session} FROM ${many};
    UPDATE sessions SET "lastEventAt" = ${noon} + 10 WHERE "sessionID" = 'first';
    UPDATE sessions SET "lastActivity" = 1 WHERE "identityId" = 'many' OR "visitID" = 'crowd';
    INSERT INTO identities SELECT 'default', 'i' || n, ${noon}, ${noon} - n, 'c' || n, NULL FROM ${many};
    INSERT INTO identities VALUES ('default', 'many', ${noon}, ${noon}, 's1', NULL);
    INSERT INTO pages SELECT 'default', 'one', id, ${noon}, id, '/', 'Home', '', '', ${noon}, 0, ${noon}, 0, 0, 0, '', ''
      FROM (VALUES ('first'), ('early'), ('late')) AS own(id);
    INSERT INTO pages SELECT 'default', 'one', 'p' || n, ${noon}, ${part}, '/', 'Home', '', '', ${noon} + n, 0, ${noon}, 0, 0, 0, '', '' FROM ${many};
    INSERT INTO session_pages SELECT 'default', 'one', 'late', 'p' || n FROM ${many};
    INSERT INTO events SELECT 'default', 'one', 'e' || n, ${noon}, 'w', n, 'Search', '', '', ${part}, ${part}, NULL, 1, 'BUSINESS', ${noon} + n FROM ${many};
    ANALYZE visits, sessions, pages, session_pages, events, identities;`)
}
