import { expect, it, onTestFinished } from 'vitest'
import { eraseBiteRows, eraseBiteSessions } from '../../src/limits.js'
import { createRights } from '../../src/store/erase.js'
import { foldArrivals } from '../../src/store/fold.js'
import { toKey } from '../../src/store/keys.js'
import type { RightsDatabase } from '../../src/store/sql/change.js'
import { createFolds } from '../../src/store/sql/fold.js'
import { createSqlRights, sessionsAtOnce } from '../../src/store/sql/rights.js'
import { openHere } from '../../src/store/sqlite/client.js'
import { sqliteDatabase } from '../../src/store/sqlite/sqlite.js'
import { createTombstones } from '../../src/store/tombstones.js'
import { arrive } from '../helpers/arrivals.js'
import { wireEvent } from '../helpers/batches.js'
import { databasePath, noon } from '../helpers/collector.js'
import { dumpOf } from '../helpers/sqlite-state.js'

const visit = (n: number, identityId: string, events: number): object => {
  const birth = { visitID: `v-${n}`, startDate: noon }
  const told = Array.from({ length: events }, (_, k) =>
    wireEvent(`e-${n}-${k}`, { timestamp: noon + 5 + k, pageID: 'p' }),
  )
  const session = { ...birth, sessionID: `s-${n}`, identityId, startDate: noon + 5, pages: [], events: told }
  return { v: 1, visits: [{ ...birth, pages: [], events: [wireEvent(`before-${n}`)] }], sessions: [session] }
}

/** A visit in which `ada` was signed in, and then many others. */
const crowded = (n: number, others: number): object => {
  const birth = { visitID: `crowded-${n}`, startDate: noon }
  const who = ['ada', ...Array.from({ length: others }, (_, k) => `other-${k}`)]
  const sessions = who.map((identityId, k) => {
    return {
      ...birth,
      sessionID: `c-${n}-${k}`,
      identityId,
      startDate: noon + k,
      endDate: noon + k,
      pages: [],
      events: [],
    }
  })
  return { v: 1, visits: [{ ...birth, pages: [], events: [] }], sessions }
}

/** Erases `ada` from a file, and counts what that took. */
async function eraseFrom(visits: readonly object[]) {
  const path = databasePath()
  const client = openHere(path)
  onTestFinished(() => client.close())
  for (const one of visits) await client.merge({ n: 0, rows: foldArrivals([arrive(one)]) })
  const deleted: number[] = []
  let [commits, queries, mostRead] = [0, 0, 0]
  const database: RightsDatabase = {
    ...sqliteDatabase,
    async all(sql, values) {
      queries++
      const rows = await client.all({ sql, values: values as (string | number)[] })
      mostRead = Math.max(mostRead, rows.length)
      return rows
    },
    async change(units) {
      commits++
      const results = await client.change(units)
      const counts = units.flatMap((unit, n) =>
        unit.map(({ sql }, place) =>
          /^DELETE FROM (events|sessions|pages)/.test(sql) ? (results[n]?.[place] ?? 0) : 0,
        ),
      )
      deleted.push(counts.reduce((sum, one) => sum + one, 0))
      return results
    },
    rest: async () => undefined,
    settle: async () => undefined,
  }
  const folds = createFolds(database, async () => undefined)
  const tables = createSqlRights(database, folds)
  const rights = createRights(tables, createTombstones(tables.tombstones, toKey))
  const erased = await rights.erase('default', 'ada', noon + 60_000)
  return { erased, commits, queries, most: Math.max(...deleted), mostRead, state: dumpOf(path) }
}

it('erases many small visits with few commits, and leaves those of others', async () => {
  const sessions = eraseBiteSessions
  const all = Array.from({ length: 2 * sessions }, (_, n) => visit(n, n % 2 ? 'ada' : 'bob', 4))
  const { erased, commits, queries, most, state } = await eraseFrom(all)
  expect(erased).toEqual({ sessions, events: 5 * sessions, visits: sessions })
  const left = state.sessions.map(row => (row as { identityId: string }).identityId)
  expect([left.length, ...new Set(left)]).toEqual([sessions, 'bob'])
  expect(state.events).toHaveLength(5 * sessions)
  // Each visit alone took 8 commits and 20 queries.
  expect(commits).toBeLessThan(sessions / 10)
  expect(queries).toBeLessThan(sessions)
  expect(most).toBeLessThanOrEqual(eraseBiteRows)
})

it('deletes no more rows in a commit if one of the visits is large', async () => {
  const large = 2 * eraseBiteRows - 50
  const all = Array.from({ length: 20 }, (_, n) => visit(n, 'ada', n === 7 ? large : 4))
  const { erased, most, state } = await eraseFrom(all)
  expect(erased).toEqual({ sessions: 20, events: 20 + 19 * 4 + large, visits: 20 })
  expect(most).toBeLessThanOrEqual(eraseBiteRows)
  for (const table of ['visits', 'sessions', 'events', 'pages', 'session_pages', 'writers', 'refused'] as const)
    expect([table, state[table]]).toEqual([table, []])
})

it('reads a bounded number of sessions at a time of visits to which strangers have added many', async () => {
  const visits = 20
  const others = (2 * sessionsAtOnce) / visits
  const { erased, mostRead, state } = await eraseFrom(Array.from({ length: visits }, (_, n) => crowded(n, others)))
  expect(erased).toEqual({ sessions: visits, events: 0, visits: 0 })
  expect(state.sessions).toHaveLength(visits * others)
  expect(mostRead).toBeLessThanOrEqual(sessionsAtOnce + 1)
})
