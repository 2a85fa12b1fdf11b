import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { migrations } from '../../src/store/migrations.js'
import { type Listed, orders, toSelect } from '../../src/store/select.js'
import { openSqlite } from '../../src/store/sqlite.js'
import type { State } from '../../src/store/store.js'
import { toItem } from '../../src/store/tables.js'
import { storeContract } from '../contracts/store.js'
import { databasePath, sqliteStore } from '../helpers/collector.js'

storeContract('SQLite', () => {
  const path = databasePath()
  return { store: sqliteStore(path), dump: async () => dumpOf(path) }
})

describe('an SQLite store', () => {
  it('keeps a commit through a crash: it writes ahead, and syncs at every commit', () => {
    const path = databasePath()
    sqliteStore(path)
    const db = open(path)
    expect(db.pragma('journal_mode', { simple: true })).toBe('wal')
    expect(() => openSqlite(':memory:')).toThrow(/journal_mode = WAL/)
    db.close()
  })

  it('keeps what it has when it is opened again', async () => {
    const path = databasePath()
    const first = openSqlite(path)
    await first.close()
    const db = open(path)
    expect(db.pragma('user_version', { simple: true })).toBe(migrations.length)
    db.close()
    expect(await sqliteStore(path).isAlive()).toBe(true)
  })

  it('is shared by several collectors', async () => {
    const path = databasePath()
    const [one, other] = [sqliteStore(path), sqliteStore(path)]
    await Promise.all([one.merge([]), other.merge([])])
    expect(await one.isAlive()).toBe(true)
  })

  it('does not touch a database of a newer version', () => {
    const path = databasePath()
    const db = open(path)
    db.pragma('user_version = 99', { simple: true })
    db.close()
    expect(() => openSqlite(path)).toThrow(/newer sojourn-collector/)
  })
})

describe('every query', () => {
  const filters: Record<Listed, string[][]> = {
    events: [['sessionID'], ['visitID'], ['pageID']].flatMap(of => [
      of,
      ...[...combinations(['eventName', 'eventType', 'category', 'url'])].map(more => [...of, ...more]),
    ]),
    pages: [['sessionID'], ['visitID']].flatMap(of =>
      [...combinations(['url', 'title', 'category'])].map(more => [...of, ...more]),
    ),
    sessions: [['sessionID'], ['visitID'], ['identityId'], ['visitID', 'identityId']],
    visits: [
      ['visitID'],
      ['identityId'],
      ['identityId', 'globalVisitID'],
      ['identityId', 'globalVisitID', 'userAgent'],
    ],
  }
  for (const [listed, lists] of Object.entries(filters) as [Listed, string[][]][])
    it(`for ${listed} finds its way by an index`, () => {
      const path = databasePath()
      sqliteStore(path)
      const db = open(path)
      const after = orders[listed].map(() => 1)
      for (const names of lists)
        for (const range of [
          {},
          { limit: 10 },
          { since: 1, limit: 10 },
          { after, limit: 10 },
          { since: 1, after, limit: 10 },
        ]) {
          const { sql, values } = toSelect(listed, Object.fromEntries(names.map(name => [name, 'x'])), range)
          const plan = db
            .prepare(`EXPLAIN QUERY PLAN ${sql}`)
            .all(...values)
            .map(({ detail }) => detail)
          expect(plan.join('\n')).toMatch(/^SEARCH /)
          expect(plan.filter(step => String(step).startsWith('SCAN'))).toEqual([])
          // A list of one session, visit or page is read in its order; only equal times are sorted, and visits of an identity.
          if (listed !== 'visits') expect(plan).not.toContain('USE TEMP B-TREE FOR ORDER BY')
        }
      db.close()
    })
})

function open(path: string): Database {
  return new Database(path)
}

function dumpOf(path: string): State {
  const db = open(path)
  const all = (table: string) => db.prepare(`SELECT * FROM ${table} ORDER BY 1, 2`).all().map(toItem)
  const state = {
    visits: all('visits'),
    sessions: all('sessions'),
    pages: all('pages'),
    events: all('events'),
    counts: all('writers'),
    refusals: all('refused'),
  }
  db.close()
  return state as unknown as State
}

function* combinations(names: readonly string[]): Generator<string[]> {
  for (let bits = 0; bits < 1 << names.length; bits++) yield names.filter((_, n) => bits & (1 << n))
}
