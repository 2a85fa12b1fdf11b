import Database from 'better-sqlite3'
import { Client } from 'pg'
import { describe, expect, it, onTestFinished } from 'vitest'
import { activeWindowMs } from '../../src/limits.js'
import { latestEvents } from '../../src/live/limits.js'
import { postgresDialect, toNumbered } from '../../src/store/postgres/postgres.js'
import type { SqlDialect } from '../../src/store/sql/dialect.js'
import { createLiveReads } from '../../src/store/sql/live.js'
import type { Select } from '../../src/store/sql/select.js'
import { openSqlite, sqliteDialect } from '../../src/store/sqlite/sqlite.js'
import { databasePath } from '../helpers/collector.js'
import { databaseUrl, hasPostgres } from '../helpers/database.js'
import { type Plan, scannedBy } from '../helpers/postgres-plan.js'
import { storeAt } from '../helpers/postgres-store.js'

/** Sessions that are stored. Each has a visit and an event, a millisecond after the one before. */
const stored = process.env.SOJOURN_LONG ? 100_000 : 20_000
/** How many of them are of the last half hour. */
const recent = 20
const now = stored - recent + activeWindowMs

/** Every query of the live reads. */
async function liveSelects(dialect: SqlDialect): Promise<readonly Select[]> {
  const selects: Select[] = []
  const reads = createLiveReads(dialect, 'default', {
    async run(select) {
      selects.push(select)
      return Array.from({ length: latestEvents }, () => ({ open: 0 }))
    },
    toVisits: async () => [],
    toSessions: async () => [],
    hasMore: async () => false,
  })
  await reads.active(now)
  await reads.latest(latestEvents)
  return selects
}

describe('what is read again and again', () => {
  it('reads only what was received lately, by index, on SQLite', async () => {
    const path = databasePath()
    await (await openSqlite(path)).close()
    const db = new Database(path)
    onTestFinished(() => void db.close())
    for (const { sql, values } of await liveSelects(sqliteDialect)) {
      const steps = db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(...values) as unknown as { detail: string }[]
      const plan = steps.map(({ detail }) => detail)
      expect(plan.filter(step => /^SCAN (?!newest\b|events$)/.test(step))).toEqual([])
      expect(plan.join('\n')).toMatch(/SEARCH (events|received) USING .*INDEX events_by_receipt/)
      // Only the few that are told are sorted by more than their receipt.
      expect(plan.filter(step => /TEMP B-TREE FOR ORDER BY/.test(step) && !sql.includes('received.'))).toEqual([])
    }
  })

  it.skipIf(!hasPostgres)(
    'scans only what was received lately, on PostgreSQL with many thousand sessions',
    async () => {
      const url = await databaseUrl()
      await storeAt(url)
      const client = new Client(url)
      await client.connect()
      onTestFinished(() => client.end())
      await client.query(`
        SET search_path = sojourn;
        INSERT INTO visits ("site", "visitID", "startDate", "bare", "receivedAt", "globalVisitID", "languageCode", "userAgent", "automated", "toldStart", "lastActivity", "lead", "leastStart")
          SELECT 'default', 'v' || n, n, 0, n, 'g', 'de', 'agent', 0, n, n, 0, n FROM generate_series(1, ${stored}) n;
        INSERT INTO sessions ("site", "visitID", "sessionID", "startDate", "receivedAt", "identityId", "toldStart", "leastStart", "endDate", "lastActivity", "lastEventAt", "lead", "endReasonAt", "endReason")
          SELECT 'default', 'v' || n, 's' || n, n, n, 'i' || n, n, n, 0, n, n, 0, 0, '' FROM generate_series(1, ${stored}) n;
        INSERT INTO events ("site", "visitID", "eventID", "serverTimestamp", "writer", "seq", "eventName", "category", "url", "sessionID", "activity", "eventType", "timestamp")
          SELECT 'default', 'v' || n, 'e' || n, n, 'w', 1, 'Search', '', '/', 's' || n, 1, 'BUSINESS', n FROM generate_series(1, ${stored}) n;
        ANALYZE visits, sessions, events;`)
      for (const { sql, values } of await liveSelects(postgresDialect)) {
        const { rows } = await client.query(`EXPLAIN (ANALYZE, FORMAT JSON) ${toNumbered(sql)}`, [...values])
        const scanned = scannedBy(rows[0]['QUERY PLAN'][0].Plan as Plan)
        const most = sql.includes('received.') ? 15 * latestEvents : 10 * recent
        expect([sql, Math.min(scanned, most)]).toEqual([sql, scanned])
      }
    },
  )
})
