import Database from 'better-sqlite3'
import { describe, expect, it, onTestFinished } from 'vitest'
import { digest } from '../../src/numbers/digest.js'
import { type Digest, dims } from '../../src/numbers/parts.js'
import { foldArrivals } from '../../src/store/fold.js'
import { createMemoryStore } from '../../src/store/memory.js'
import type { Change, RightsDatabase } from '../../src/store/sql/change.js'
import { createFit } from '../../src/store/sql/fit.js'
import { createFolds } from '../../src/store/sql/fold.js'
import { createNumbers } from '../../src/store/sql/numbers.js'
import { openHere } from '../../src/store/sqlite/client.js'
import { sqliteDatabase } from '../../src/store/sqlite/sqlite.js'
import type { Value } from '../../src/store/tables.js'
import { numbersContract } from '../contracts/numbers.js'
import { arrive } from '../helpers/arrivals.js'
import { wireBatch, wireEvent } from '../helpers/batches.js'
import { databasePath, noon, sqliteStore } from '../helpers/collector.js'
import { isLong } from '../helpers/long.js'
import { askAll } from '../helpers/numbers.js'

numbersContract(
  'SQLite',
  async () => {
    const path = databasePath()
    return { store: await sqliteStore(path), another: () => sqliteStore(path) }
  },
  isLong ? 6 : 3,
)

/** A database, with every query that was run on it. */
function openWith(change: (real: Change) => Change = real => real) {
  const path = databasePath()
  const client = openHere(path)
  onTestFinished(() => client.close())
  const seen = new Map<string, readonly Value[]>()
  const database: RightsDatabase = {
    ...sqliteDatabase,
    all(sql, values) {
      seen.set(sql, values)
      return client.all({ sql, values: values as (string | number)[] })
    },
    change: change(units => {
      for (const { sql, values } of units.flat()) seen.set(sql, values)
      return client.change(units)
    }),
    rest: async () => undefined,
    settle: async () => undefined,
  }
  const merge = (...batches: readonly object[]) =>
    client.merge({ n: 0, rows: foldArrivals(batches.map(batch => arrive(batch))) })
  return { path, client, database, seen, merge, folds: () => createFolds(database, async () => undefined) }
}

const batches = ['a', 'b', 'c'].map(id =>
  wireBatch(
    [wireEvent(`first-${id}`), wireEvent(`second-${id}`, { timestamp: noon + 5, data: { a: id, b: 1 } })],
    { sessionID: `session-${id}`, visitID: `visit-${id}`, pages: [{ pageID: `page-${id}`, url: `/${id}?x` }] },
    { visitID: `visit-${id}` },
  ),
)

/** The digest of a visit with these events. */
function toDigests(events: readonly { eventName: string; timestamp: number; data?: object }[]): Map<string, Digest> {
  const visit = { startDate: noon, skew: 0, idleLimitMs: null, automated: 0 }
  const sums = { written: 0, dropped: 0, refused: 0 }
  const rows = { site: 'default', visitID: 'v', visit, sessions: [], pages: [], sessionPages: [], ...sums }
  const made = events.map(({ eventName, timestamp, data }) => {
    const of = { serverTimestamp: noon, activity: 1, pageID: null, sessionID: null }
    return { eventName, timestamp, ...of, data: data ? JSON.stringify(data) : null }
  })
  return new Map([['v', digest(rows, made)]])
}

describe('counting in SQLite', () => {
  it('changes nothing if it is killed while it writes, and the next one counts everything', async () => {
    const state = { isDying: true }
    const { database, merge, folds } = openWith(real => async units => {
      if (!state.isDying) return real(units)
      // The last statement fails, so that the transaction is undone as it is after a crash.
      return real(units.map(unit => [...unit, { sql: 'SELECT json(?)', values: ['no JSON'] }]))
    })
    await merge(...batches)
    const numbers = createNumbers(database, 'default')
    await expect(folds().digest()).rejects.toThrow(/JSON/)
    expect(await numbers.days({ since: 0, until: noon * 2 })).toEqual([])
    expect(await numbers.behind()).toMatchObject({ visits: 3 })
    state.isDying = false
    expect(await folds().digest()).toBe('over')
    const plain = createMemoryStore()
    await plain.merge(batches.map(batch => arrive(batch)))
    expect(await askAll(numbers)).toEqual(await askAll(plain.of('default').numbers))
  })

  it('writes nothing if another collector was faster, and says so', async () => {
    const state: { first: (() => Promise<unknown>) | null } = { first: null }
    const { merge, folds, database } = openWith(real => async units => {
      const { first } = state
      state.first = null
      await first?.()
      return real(units)
    })
    await merge(...batches)
    const [one, other] = [folds(), folds()]
    state.first = other.digest
    expect(await one.digest()).toBe('busy')
    const days = await createNumbers(database, 'default').days({ since: 0, until: noon * 2 })
    expect(days).toMatchObject([{ visits: 3, sessions: 3, events: 6 }])
  })

  it('counts no visit that was removed, and marked as counted, while it was read', async () => {
    const { database, client, merge, folds } = openWith()
    await merge(...batches)
    const erase = async (): Promise<void> => {
      const mark = folds().mark('default', 'visit-a', noon)
      const remove = (table: string) => ({
        sql: `DELETE FROM ${table} WHERE "visitID" = 'visit-a'`,
        values: [],
      })
      await client.change([[...['events', 'pages', 'session_pages', 'sessions', 'visits'].map(remove), mark]])
      await folds().fold('default', ['visit-a'])
    }
    const slow = createFolds(database, erase)
    expect(await slow.digest()).toBe('busy')
    while ((await folds().digest()) !== 'over');
    const left = await client.all({ sql: 'SELECT "visitID" FROM listed ORDER BY 1', values: [] })
    expect(left.map(row => row.visitID)).toEqual(['visit-b', 'visit-c'])
  })

  it('writes nothing for a visit that is stored again', async () => {
    const { path, merge, folds } = openWith()
    await merge(...batches)
    await folds().digest()
    const db = new Database(path)
    const state = () => ['changed', 'totals', 'folds', 'digests'].map(name => db.prepare(`SELECT * FROM ${name}`).all())
    const before = state()
    await merge(...batches)
    await folds().digest()
    expect(state()).toEqual(before)
    expect(before[0]).toEqual([])
    db.close()
  })

  it('counts no property that nobody has said before when a site has too many texts, and those that are known as before', async () => {
    const { database, merge, folds } = openWith()
    await merge(batches[0] as object)
    await folds().digest()
    const [known, other] = [batches[0], batches[1]].map(batch => toDigests((batch as any).sessions[0].events))
    const fit = createFit(database, 1)
    const namesOf = async (digests: ReadonlyMap<string, Digest>) =>
      [...(await fit('default', digests)).values()].flatMap(({ totals, words }) =>
        totals.filter(({ dim }) => dim >= dims.properties).map(({ key }) => words.get(key)),
      )
    expect(await namesOf(known as Map<string, Digest>)).toEqual(['a', 'a', 'b', '1'])
    expect(await namesOf(other as Map<string, Digest>)).toEqual(['a', 'b', '1'])
    const spacious = createFit(database, 1000)
    expect(await spacious('default', other as Map<string, Digest>)).toBe(other)
  })

  it('finds all rows by index, whatever is asked', async () => {
    const { path, database, seen, merge, folds } = openWith()
    await merge(...batches)
    await folds().digest()
    await folds().fold('default', ['visit-a', 'visit-b'])
    await askAll(createNumbers(database, 'default'))
    const db = new Database(path)
    for (const [sql, values] of seen) {
      const plan = db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(...values)
      // What was found before is scanned: parts of the query, and rows of a statement.
      const scans = plan
        .map(one => String(one.detail))
        .filter(one => /^SCAN (?!\(|part|found|top|sums|s$|s |step|l$|CONSTANT|\d+ CONSTANT|\d+-ROW)/.test(one))
      expect(scans, sql).toEqual([])
    }
    expect(seen.size).toBeGreaterThan(50)
    db.close()
  })

  it('looks up each row that it takes back by its whole key, however many there are', async () => {
    const { path, seen, merge, folds } = openWith()
    const ids = Array.from({ length: 12 }, (_, n) => `many-${n}`)
    await merge(
      ...ids.map(id => {
        const events = [wireEvent(`event-${id}`, { data: { a: id } })]
        const visit = { sessionID: `session-${id}`, visitID: id, identityId: `person-${id}` }
        return wireBatch(events, { ...visit, pages: [{ pageID: `page-${id}`, url: `/${id}` }] }, { visitID: id })
      }),
    )
    await folds().digest()
    const db = new Database(path)
    for (const table of ['visits', 'sessions', 'pages', 'events']) db.exec(`DELETE FROM ${table}`)
    seen.clear()
    await folds().fold('default', ids)
    for (const table of ['totals', 'words', 'visitors', 'listed', 'marks', 'digests'])
      expect(db.prepare(`SELECT * FROM ${table}`).all(), table).toEqual([])
    const looks = [...seen].filter(([sql]) => /(DELETE|SELECT) .*FROM \w+ AS ours .*(\),\(| OR )/.test(sql))
    expect(looks.length).toBeGreaterThan(6)
    for (const [sql, values] of looks) {
      const plan = db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(...values)
      expect(plan.map(one => String(one.detail)).join(), sql).toMatch(/USING PRIMARY KEY \(site=\? AND /)
    }
    db.close()
  })
})
