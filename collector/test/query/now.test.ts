import { limits } from 'sojourn/record'
import { describe, expect, it, onTestFinished } from 'vitest'
import { openPostgres } from '../../src/store/postgres/postgres.js'
import type { CollectorStore } from '../../src/store/store.js'
import { wireBatch, wireEvent } from '../helpers/batches.js'
import { collectorWith, noon, sqliteStore } from '../helpers/collector.js'
import { databaseUrl, hasPostgres } from '../helpers/database.js'

// What is derived when it is asked: which session is open, and who is there.

const minute = 60_000
const year = 365 * 24 * 60 * minute
const idle = limits.idleLimitMs

/** Makes a collector, and a browser whose clock is `skewMs` ahead of it (behind, if negative). */
async function houseWith({
  skewMs = 0,
  visit = {},
  store,
}: {
  skewMs?: number
  visit?: object
  store?: CollectorStore
} = {}) {
  const times = { now: noon }
  const collector = collectorWith({ now: () => times.now, ...(store && { store }) })
  const birth = { startDate: noon + skewMs, ...visit }
  let seq = 0
  /** Records events now, by the clock of the browser, and sends them at once. */
  async function record(eventName: string, more: object = {}, session: object = {}): Promise<void> {
    const at = times.now + skewMs
    const event = wireEvent(`event-${++seq}`, { eventName, timestamp: at, seq, ...more })
    const batch = wireBatch([event], { startDate: noon + skewMs, ...session }, birth)
    await collector.send({ ...batch, sentAt: at })
  }
  const own = (path: string): Promise<any> => collector.json(`/v1${path}`)
  const gwe = (path: string): Promise<any> => collector.json(`/backend/data${path}`)
  return { times, record, own, gwe, send: collector.send }
}

/** What every read says of the one session and its identity. */
async function sayings({ own, gwe }: { own: (path: string) => Promise<any>; gwe: (path: string) => Promise<any> }) {
  const [session, gweSession] = [await own('/sessions/session-1'), await gwe('/sessions/session-1')]
  const people = '/visits/visit-1/identities'
  const [listed] = (await own('/visits/visit-1/sessions')).items
  const [ofIdentity] = (await own('/identities/user-42/sessions')).items
  const detail = 'include_sessions=true&include_sessions_detail=true'
  const [inVisit] = (await own(`/visits/visit-1?${detail}`)).sessions
  const [inIdentity] = (await own(`/identities/user-42?${detail}`)).sessions
  for (const other of [listed, ofIdentity, inVisit, inIdentity]) expect(other).toEqual(session)
  const { sessionID, startDate, endDate, duration, endReason } = session
  expect(gweSession).toMatchObject({ sessionId: sessionID, startDate, endDate, duration })
  expect(gweSession).not.toHaveProperty('endReason')
  expect([(await gwe(`/visits/visit-1?${detail}`)).sessions[0], (await gwe('/visits/visit-1/sessions'))[0]]).toEqual([
    gweSession,
    gweSession,
  ])
  const { visitScope } = await own('/identities/user-42')
  expect((await own(people)).items[0].visitScope).toBe(visitScope)
  expect((await own(`${people}?association=${visitScope}`)).items).toHaveLength(1)
  const { activeSessionID, endDate: visitEnd } = await own('/visits/visit-1')
  return { endDate, duration, endReason, visitScope, activeSessionID, visitEnd }
}

const open = {
  endDate: 0,
  duration: 0,
  endReason: null,
  visitScope: 'Authenticated',
  activeSessionID: 'session-1',
  visitEnd: 0,
}

const stores: [string, () => Promise<CollectorStore | undefined>][] = [
  ['memory', async () => undefined],
  ['SQLite', () => sqliteStore()],
  ...(hasPostgres
    ? [false, true].map((isDistributed): [string, () => Promise<CollectorStore>] => [
        `PostgreSQL${isDistributed ? ', table by table' : ''}`,
        async () => {
          const store = await openPostgres(await databaseUrl(), { isDistributed })
          onTestFinished(() => store.close())
          return store
        },
      ])
    : []),
]

describe.each(stores)('with %s, a session that nobody closes', (_name, openStore) => {
  it('ends at its last activity once the idle limit has passed, and everything agrees', async () => {
    const store = await openStore()
    const house = await houseWith(store ? { store } : {})
    await house.record('SignIn')
    house.times.now += 5 * minute
    await house.record('Search')
    house.times.now += idle - 1
    expect(await sayings(house)).toEqual(open)
    house.times.now++
    const endDate = noon + 5 * minute
    const over = { ...open, endDate, duration: 300, endReason: 'abandoned', visitScope: 'Recognized' }
    expect(await sayings(house)).toEqual({ ...over, activeSessionID: null, visitEnd: endDate })
  })
})

describe('a session that nobody closes', () => {
  it('is moved by a late record, and opened again by a new one, because nothing is stored of its end', async () => {
    const house = await houseWith()
    await house.record('SignIn')
    house.times.now += idle + minute
    expect(await sayings(house)).toMatchObject({ endDate: noon, endReason: 'abandoned' })
    await house.record('Search', { timestamp: noon + 1000 })
    expect(await sayings(house)).toMatchObject({ endDate: noon + 1000, duration: 1, endReason: 'abandoned' })
    await house.record('Search')
    expect(await sayings(house)).toEqual(open)
    await house.record('SignOut')
    expect(await sayings(house)).toMatchObject({ endDate: noon + idle + minute, endReason: 'signed-out' })
  })

  it('ends after the idle limit that its visit names', async () => {
    for (const idleLimitMs of [10_000, 4 * 60 * minute]) {
      const house = await houseWith({ visit: { idleLimitMs } })
      await house.record('SignIn')
      house.times.now += idleLimitMs - 1
      expect(await sayings(house)).toEqual(open)
      house.times.now++
      expect(await sayings(house)).toMatchObject({ endReason: 'abandoned', visitScope: 'Recognized', visitEnd: noon })
    }
  })

  it('keeps the idle limit that its visit told first, so that nobody can hold it open', async () => {
    const house = await houseWith({ visit: { idleLimitMs: 10_000 } })
    await house.record('SignIn')
    house.times.now += 9_999
    await house.send({ ...wireBatch([], {}, { idleLimitMs: 1e12 }), sessions: [] })
    expect(await sayings(house)).toEqual(open)
    house.times.now++
    expect(await sayings(house)).toMatchObject({ endReason: 'abandoned' })
  })

  it('is not kept open by events that are no activity, which are stored and given back all the same', async () => {
    const house = await houseWith()
    await house.record('SignIn')
    for (let n = 0; n < 4; n++) {
      house.times.now += idle / 2
      await house.record('Heartbeat', { activity: false, pageID: 'page-1' })
    }
    expect(await sayings(house)).toMatchObject({ endDate: noon, endReason: 'abandoned', visitEnd: noon })
    const { items } = await house.own('/sessions/session-1/events')
    expect(items.map((one: any) => [one.eventName, one.activity])).toEqual([
      ['SignIn', undefined],
      ...Array.from({ length: 4 }, () => ['Heartbeat', false]),
    ])
    expect('activity' in items[0]).toBe(false)
    // An event that is no activity is later than the last activity of its session. Paging still finds it.
    const age = `?age=${(idle / 2 + 1000) / 1000}`
    expect((await house.own(`/identities/user-42/events${age}`)).items).toHaveLength(2)
    expect((await house.gwe('/sessions/session-1/events'))[1]).not.toHaveProperty('activity')
  })

  it('has the reason of its latest end event, although its end moves to a later activity', async () => {
    const house = await houseWith()
    const reasonOf = async () => {
      const { endDate, endReason } = await house.own('/sessions/session-1')
      return [endDate - noon, endReason]
    }
    await house.record('SessionEnded', { timestamp: noon + 3000, data: { reason: 'limit' } })
    expect(await reasonOf()).toEqual([3000, 'limit'])
    await house.record('SessionEnded', { timestamp: noon + 2000, data: { reason: 'idle' } })
    await house.record('Search', { timestamp: noon + 9000 })
    await house.record('Search', { timestamp: noon + 9000 }, { endDate: noon + 8000 })
    expect(await reasonOf()).toEqual([9000, 'limit'])
    await house.record('SignOut', { timestamp: noon + 4000 })
    expect(await reasonOf()).toEqual([9000, 'signed-out'])
  })

  it('that ended for a reason that nobody says has the reason unknown', async () => {
    for (const [more, session] of [
      [{ eventName: 'Search' }, { endDate: noon + 1000 }],
      [{ eventName: 'SessionEnded', data: null }, {}],
      [{ eventName: 'SessionEnded', data: { reason: 7 } }, {}],
    ]) {
      const house = await houseWith()
      await house.record('Search', more, session)
      expect(await house.own('/sessions/session-1')).toMatchObject({ endReason: 'unknown' })
    }
  })
})

describe('a device clock that is wrong', () => {
  it.each([
    ['40 minutes slow', -40 * minute],
    ['3 hours fast', 180 * minute],
    ['30 years slow', -30 * year],
    ['100 years fast', 100 * year],
  ])('by %s changes nothing of who is there', async (_what, skewMs) => {
    const house = await houseWith({ skewMs })
    await house.record('SignIn')
    expect(await sayings(house)).toEqual(open)
    house.times.now += 29 * minute
    expect(await sayings(house)).toEqual(open)
    await house.record('Search')
    house.times.now += idle
    const endDate = noon + skewMs + 29 * minute
    // What is stored stays as the browser said it.
    expect(await sayings(house)).toMatchObject({
      endDate,
      visitScope: 'Recognized',
      endReason: 'abandoned',
      visitEnd: endDate,
    })
    expect((await house.own('/sessions/session-1/events')).items[0].timestamp).toBe(noon + skewMs)
  })

  it('is taken for right if no batch says when it was sent', async () => {
    const house = await houseWith()
    const [startDate, sentAt] = [noon - idle, undefined]
    await house.send({ ...wireBatch([], { startDate }, { startDate }), sentAt })
    expect(await sayings(house)).toMatchObject({ endReason: 'abandoned', endDate: startDate, visitEnd: startDate })
    await house.send({ ...wireBatch([], {}, {}), sentAt })
    expect(await sayings(house)).toEqual(open)
  })
})
