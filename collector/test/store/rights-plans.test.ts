import Database from 'better-sqlite3'
import { Client } from 'pg'
import { describe, expect, it } from 'vitest'
import { eraseBiteRows, oldBiteVisits } from '../../src/limits.js'
import { createRights } from '../../src/store/erase.js'
import { toKey } from '../../src/store/keys.js'
import { openPostgres, postgresDialect, toNumbered } from '../../src/store/postgres/postgres.js'
import type { RightsDatabase } from '../../src/store/sql/change.js'
import { createFolds } from '../../src/store/sql/fold.js'
import { createSqlRights } from '../../src/store/sql/rights.js'
import { sqliteDialect } from '../../src/store/sqlite/sqlite.js'
import type { Value } from '../../src/store/tables.js'
import { createTombstones } from '../../src/store/tombstones.js'
import { arrive } from '../helpers/arrivals.js'
import { wireEvent } from '../helpers/batches.js'
import { databasePath, noon, sqliteStore } from '../helpers/collector.js'
import { databaseUrl, hasPostgres } from '../helpers/database.js'
import { type Run, selectsOfPerson } from '../helpers/person-selects.js'

type Statement = readonly [sql: string, values: readonly Value[]]

/** Runs everything over a database whose queries find one row of each kind, and returns every statement, once. */
async function everyStatement(schema: string, isDistributed: boolean): Promise<readonly Statement[]> {
  const seen = new Map<string, readonly Value[]>()
  const row = {
    visitID: 'v',
    sessionID: 's',
    identityId: 'i',
    id: 'i',
    startDate: 1,
    endDate: 0,
    lastActivity: 1,
    receivedAt: 1,
    skew: 0,
    one: 1,
    size: 1,
    number: 0,
    secret: '',
    hash: null,
  }
  const database: RightsDatabase = {
    schema,
    lock: schema && ' FOR UPDATE',
    byBytes: schema && postgresDialect.byBytes,
    isDistributed,
    takesJson: schema !== '' && !isDistributed,
    async all(sql, values) {
      const isNew = !seen.has(sql)
      seen.set(sql, values)
      // A query for the end of a bite finds one at first. A list has a second page.
      if (sql.includes('OFFSET'))
        return isNew ? [{ ...row, eventID: 'e', pageID: 'p', writer: 'w', code: 'c', trait: 't', sourceID: 'x' }] : []
      if (sql.includes(`LIMIT ${oldBiteVisits}`)) return isNew ? [row] : []
      // The visit is large at first, then small.
      if (sql.includes(`LIMIT ${eraseBiteRows + 1}`) && isNew)
        return Array.from({ length: eraseBiteRows + 1 }, () => row)
      return [row]
    },
    async change(units) {
      for (const one of units.flat()) seen.set(one.sql, one.values)
      return units.map(unit => unit.map(() => 1))
    },
    rest: async () => undefined,
    settle: async () => undefined,
  }
  const { mark, markAll } = createFolds(database, async () => undefined)
  const folds = {
    mark,
    markAll,
    fold: async () => undefined,
    digest: async () => 'over' as const,
    countChanged: async () => 0,
  }
  const tables = createSqlRights(database, folds)
  const rights = createRights(tables, createTombstones(tables.tombstones, toKey))
  for (let n = 0; n < 2; n++) await rights.erase('default', 'i', noon)
  const cursor = { receivedAt: 1, visitID: 'v' }
  for (const after of [null, cursor]) await rights.removeOld('default', noon, after)
  const trait = { trait: 't', value: '', sourceID: 'x', at: 0, receivedAt: 0 }
  for (const after of [null, trait]) await rights.traits('default', 'i', after, 10)
  return [...seen].filter(([sql]) => !/^\s*(INSERT|UPDATE)/.test(sql))
}

describe('every statement of erasure, retention and export', () => {
  it('finds its rows by index in SQLite', async () => {
    const path = databasePath()
    await sqliteStore(path)
    const db = new Database(path)
    const statements = await everyStatement('', false)
    expect(statements.length).toBeGreaterThan(40)
    for (const [sql, values] of statements) {
      const plan = db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(...values)
      const scans = plan.map(one => String(one.detail)).filter(one => /^SCAN (?!state|part|CONSTANT)/.test(one))
      expect([sql, scans]).toEqual([sql, []])
    }
    db.close()
  })

  it('finds the visits of a person without sorting them in SQLite', async () => {
    const path = databasePath()
    const store = await sqliteStore(path)
    const visits = Array.from({ length: 250 }, (_, n) => {
      const birth = { visitID: `v-${n}`, startDate: noon }
      const session = { ...birth, sessionID: `s-${n}`, identityId: 'i', pages: [], events: [wireEvent(`e-${n}`)] }
      return { v: 1, sentAt: noon, visits: [{ ...birth, pages: [], events: [] }], sessions: [session] }
    })
    await store.merge(visits.map(one => arrive(one)))
    const db = new Database(path)
    const run: Run = async ({ sql, values }) => db.prepare(sql).all(...values) as object[]
    const all = await selectsOfPerson(sqliteDialect, 'i', 250, run)
    for (const { sql, values } of all) {
      const plan = db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(...values) as { detail: string }[]
      expect([sql, plan.filter(one => /TEMP B-TREE|^SCAN/.test(one.detail))]).toEqual([sql, []])
    }
    db.close()
  })

  it('finds what a person has in a large visit without sorting it in SQLite', async () => {
    const path = databasePath()
    const store = await sqliteStore(path)
    const birth = { visitID: 'v', startDate: noon }
    const many = Array.from({ length: 250 }, (_, n) => {
      const pages = [{ pageID: `p-${n}`, url: '/', startDate: noon + n }]
      return {
        ...birth,
        sessionID: `s-${n}`,
        identityId: 'i',
        pages,
        events: [wireEvent(`e-${n}`, { timestamp: noon + n })],
      }
    })
    await store.merge([arrive({ v: 1, sentAt: noon, visits: [{ ...birth, pages: [], events: [] }], sessions: many })])
    const db = new Database(path)
    const run: Run = async ({ sql, values }) => db.prepare(sql).all(...values) as object[]
    const all = await selectsOfPerson(sqliteDialect, 'i', 1, run, 'v')
    const tables = new Set(all.map(({ sql }) => /FROM (\w+) AS \1/.exec(sql)?.[1]))
    expect(tables).toEqual(new Set(['events', 'pages', 'sessions']))
    for (const { sql, values } of all) {
      const plan = db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(...values) as { detail: string }[]
      // Events of one time are sorted among themselves.
      const sorts = plan.filter(one => /TEMP B-TREE(?! FOR LAST)|^SCAN/.test(one.detail))
      expect([sql, sorts]).toEqual([sql, []])
    }
    db.close()
  })

  it.skipIf(!hasPostgres)('finds its rows by index in PostgreSQL', async () => {
    const url = await databaseUrl()
    await (await openPostgres(url)).close()
    const client = new Client(url)
    await client.connect()
    // The tables are empty, so the planner would choose to read them whole.
    await client.query('SET enable_seqscan = off')
    for (const isDistributed of [true, false])
      for (const [sql, values] of await everyStatement('sojourn.', isDistributed)) {
        const { rows } = await client.query(`EXPLAIN ${toNumbered(sql)}`, [...values])
        const plan = rows.map(one => String(one['QUERY PLAN'])).join('\n')
        expect([sql, /Seq Scan on (?!erasures)/.exec(plan)]).toEqual([sql, null])
        // An index that is read from one end to the other would be no better.
        const scans = plan.match(/(Index|Index Only|Bitmap Index) Scan/g)?.length ?? 0
        expect([sql, (plan.match(/Index Cond/g)?.length ?? 0) >= scans]).toEqual([sql, true])
      }
    await client.end()
  })
})
