import { expect, it, onTestFinished } from 'vitest'
import { toKey } from '../../src/store/keys.js'
import type { RightsDatabase } from '../../src/store/sql/change.js'
import { createFolds } from '../../src/store/sql/fold.js'
import { createRemoveOld } from '../../src/store/sql/old.js'
import { openHere } from '../../src/store/sqlite/client.js'
import { sqliteDatabase } from '../../src/store/sqlite/sqlite.js'
import type { CollectorStore } from '../../src/store/store.js'
import { idsOf, tell } from '../contracts/old-parts.js'
import { arrive } from '../helpers/arrivals.js'
import { wireEvent } from '../helpers/batches.js'
import { databasePath, noon, sqliteStore } from '../helpers/collector.js'
import { isLong } from '../helpers/long.js'
import { dayMs, digestAll } from '../helpers/numbers.js'
import { dumpOf } from '../helpers/sqlite-state.js'

// Retention of an SQL database, with something that happens between two of its steps: a query, or a transaction.

const site = 'default'
/** The long form takes every step. */
const stride = isLong ? 1 : 2
const before = noon + dayMs
const period = { since: 0, until: noon + 1000 * dayMs }
const say = (name: string): object => wireEvent(`name ${name}`, { eventName: 'UserInfo', data: { name } })
const seen = (eventID: string, more: object = {}): object => wireEvent(eventID, { pageID: 'p', ...more })
const old = {
  pages: ['p', 'p-old'],
  sessions: {
    s: { events: [seen('in-s'), say('A')] },
    's-old': { events: [wireEvent('in-s-old', { pageID: 'p-old' })] },
  },
  events: [wireEvent('alone')],
}
const fresh = arrive(
  tell('v', { pages: ['p'], sessions: { s: { events: [seen('fresh', { writer: 'writer-2' }), say('B')] } } }),
  before,
)
const older = (batch: object) => arrive(batch, before - 1)
const many = Array.from({ length: 600 }, (_, n) => wireEvent(`e-${n}`))

/** What is removed: the arrivals of a store. */
const stores: [string, ReturnType<typeof arrive>[]][] = [
  ['a visit', [older(tell('v', old))]],
  ['a large visit', [older(tell('v', old)), older(tell('v', { events: many }))]],
  ['a part of a visit', [older(tell('v', old)), arrive(tell('v', { events: [wireEvent('other')] }), before)]],
]

interface Steps {
  readonly store: CollectorStore
  readonly path: string
  /** Removes what is old, and calls `act` after the step of this number. */
  readonly removeOld: (step: number, act: () => Promise<void>) => Promise<void>
  /** How many steps there were. */
  readonly count: () => number
}

async function stepsOf(arrivals: readonly ReturnType<typeof arrive>[]): Promise<Steps> {
  const path = databasePath()
  const store = await sqliteStore(path)
  await store.merge(arrivals)
  await digestAll(store)
  const client = openHere(path)
  onTestFinished(() => client.close())
  let [steps, at] = [0, -1]
  let act = async (): Promise<void> => undefined
  async function after<T>(result: T): Promise<T> {
    if (steps++ === at) await act()
    return result
  }
  const database: RightsDatabase = {
    ...sqliteDatabase,
    all: async (sql, values) => after(await client.all({ sql, values: values as (string | number)[] })),
    change: async units => after(await client.change(units)),
    rest: async () => undefined,
    settle: async () => undefined,
  }
  const remove = createRemoveOld(
    database,
    createFolds(database, async () => undefined),
  )
  return {
    store,
    path,
    async removeOld(step, what) {
      ;[at, act] = [step, what]
      await remove(site, before, null)
    },
    count: () => steps,
  }
}

async function countsOf({ of }: CollectorStore): Promise<object> {
  const { numbers } = of(site)
  const asked = { now: noon, order: 'start', isDescending: false, limit: 9 } as const
  return [
    await numbers.days(period),
    await numbers.sessions(asked),
    await numbers.ranking('pages', period, 'count', 9),
    await numbers.ranking('events', period, 'count', 9),
  ]
}

it.each(stores)('loses nothing that arrives between two steps of the removal of %s', async (_, arrivals) => {
  for (let step = 0; ; step += stride) {
    const { store, path, removeOld, count } = await stepsOf(arrivals)
    await removeOld(step, async () => void (await store.merge([fresh])))
    if (step >= count()) break
    // A visit that is not old any more is left to the next round.
    await removeOld(-1, async () => undefined)
    const state = dumpOf(path)
    const has = (table: keyof typeof state, names: string, row: string): void =>
      expect([step, table, idsOf(state, table, names)]).toEqual([step, table, expect.arrayContaining([row])])
    has('visits', 'visitID', 'v')
    has('events', 'eventID', 'fresh')
    has('pages', 'pageID', 'p')
    has('sessions', 'sessionID', 's')
    has('session_pages', 'sessionID pageID', 's p')
    has('writers', 'writer written', 'writer-2 9')
    const ada = await store.of(site).identity('ada')
    expect([step, ada?.name]).toEqual([step, 'B'])
    expect(idsOf(state, 'events', 'eventID')).not.toContain('alone')
  }
})

it.each(stores)('counts what is left, wherever a process dies that removes %s', async (_, arrivals) => {
  for (let step = 0; ; step += stride) {
    const { store, path, removeOld, count } = await stepsOf(arrivals)
    const dies = removeOld(step, () => Promise.reject(new Error('the process dies')))
    await dies.catch((cause: Error) => expect(cause.message).toBe('the process dies'))
    if (step >= count()) break
    await digestAll(store)
    const counted = await countsOf(store)
    const client = openHere(path)
    const all = await client.all({ sql: 'SELECT DISTINCT "visitID" AS id FROM digests', values: [] })
    const ids = new Set([toKey('v'), ...all.map(({ id }) => String(id))])
    const sql = 'INSERT INTO changed (site, "visitID", since, n) VALUES (?, ?, 0, 1)'
    await client.change([...ids].map(id => [{ sql, values: [site, id] }]))
    await client.close()
    await digestAll(store)
    expect([step, counted]).toEqual([step, await countsOf(store)])
  }
})

it.each(stores)('leaves nothing of a person, wherever a process dies that removes %s', async (_, arrivals) => {
  for (let step = 0; ; step += stride) {
    const { path, removeOld, count } = await stepsOf(arrivals)
    await removeOld(step, () => Promise.reject(new Error('the process dies'))).catch(() => undefined)
    if (step >= count()) break
    await removeOld(-1, async () => undefined)
    const { identities, traits } = dumpOf(path)
    expect([step, identities, traits]).toEqual([step, [], []])
  }
})
