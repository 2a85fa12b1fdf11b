import { describe, expect, it } from 'vitest'
import { oldBiteVisits } from '../../src/limits.js'
import { tellPerson } from '../../src/query/person.js'
import type { OldCursor } from '../../src/store/rights.js'
import type { CollectorStore } from '../../src/store/store.js'
import { arrive } from '../helpers/arrivals.js'
import { wireBatch, wireEvent } from '../helpers/batches.js'
import { noon } from '../helpers/collector.js'
import { digestAll } from '../helpers/numbers.js'
import type { Implementation } from './implementation.js'
import { oldPartsContract } from './old-parts.js'

/** An implementation, with other collectors on the same database, and everything that the database holds as one text. */
export interface RightsImplementation extends Implementation {
  readonly another: () => Promise<CollectorStore>
  readonly everything: () => Promise<string>
}

const minute = 60_000
const day = 24 * 60 * minute
const site = 'default'
const person = 'ada@example.org'
const nothing = { sessions: 0, events: 0, visits: 0 }

interface SessionPlan {
  readonly sessionID: string
  readonly identityId: string
  readonly startDate: number
  readonly endDate?: number
  readonly events?: readonly object[]
  readonly pages?: readonly object[]
}

/** Makes a batch of one visit, with anonymous events, and sessions with two events each. */
function visitBatch(
  visitID: string,
  anonymous: readonly object[],
  sessions: readonly SessionPlan[],
  more: object = {},
) {
  const told = sessions.map(one => {
    const page = { pageID: `page-of-${one.sessionID}`, url: `/of/${one.identityId}`, startDate: one.startDate }
    const signIn = wireEvent(`in-${one.sessionID}`, {
      eventName: 'SignIn',
      timestamp: one.startDate,
      data: { name: `Name of ${one.identityId}` },
      pageID: page.pageID,
    })
    return { visitID, pages: [page], events: [signIn], ...one }
  })
  const written = Object.fromEntries([[`writer-of-${visitID}`, 3]])
  const birth = { visitID, globalVisitID: `browser-of-${visitID}`, startDate: noon, userAgent: `agent-of-${visitID}` }
  return {
    v: 1,
    sentAt: noon,
    visits: [{ ...birth, written, pages: [], events: anonymous, ...more }],
    sessions: told,
  }
}

const anonymous = (eventID: string, timestamp: number): object => wireEvent(eventID, { timestamp })
const session = (sessionID: string, from: number, to: number | null = null, identityId = person): SessionPlan => ({
  sessionID,
  identityId,
  startDate: noon + from,
  ...(to !== null && { endDate: noon + to }),
})

/** The contract of erasure, retention and export. Every implementation of `CollectorStore` runs these tests. */
export function rightsContract(name: string, open: () => Promise<RightsImplementation>): void {
  const idsOf = async ({ dump }: Implementation, table: 'events' | 'pages' | 'sessions', id: string) =>
    (await dump())[table].map(row => (row as Record<string, string>)[id]).sort()

  describe(`${name} as a store that erases`, () => {
    it('removes everything of a person everywhere, and nothing of others', async () => {
      const given = await open()
      const { store, dump, everything } = given
      const bob = session('s-bob', 4000, 5000, 'bob')
      const shared = visitBatch(
        'v-shared',
        [anonymous('before', noon + 100), anonymous('between', noon + 3000), anonymous('after', noon + 9000)],
        [session('s-ada', 1000, 2000), bob],
        { pages: [{ pageID: 'page-before', url: '/before', startDate: noon + 50 }] },
      )
      const bad = wireEvent('bad', { seq: -1 })
      const own = visitBatch('v-own', [anonymous('own-before', noon + 1), bad], [session('s-own', 5)])
      const alone = visitBatch('v-alone', [anonymous('alone', noon)], [])
      for (const batch of [shared, own, alone]) await store.merge([arrive(batch)])
      await store.merge([arrive(own, noon, 'other')])
      expect(await store.rights.erase(site, person, noon + minute)).toEqual({ sessions: 2, events: 4, visits: 1 })
      expect(await idsOf(given, 'sessions', 'sessionID')).toEqual(['s-bob', 's-own'])
      expect(await idsOf(given, 'events', 'eventID')).toEqual(
        ['after', 'alone', 'between', 'in-s-bob', 'in-s-own', 'own-before'].sort(),
      )
      expect(await idsOf(given, 'pages', 'pageID')).toEqual(['page-of-s-bob', 'page-of-s-own'])
      expect((await dump()).visits.map(row => (row as { visitID: string }).visitID).sort()).toEqual(
        ['v-alone', 'v-own', 'v-shared'].sort(),
      )
      const reads = store.of(site)
      expect([await reads.identity(person), await reads.visit('v-own')]).toEqual([null, null])
      expect((await reads.identity('bob'))?.name).toBe('Name of bob')
      // What is left of her is that of the other site.
      await store.rights.erase('other', person, noon + minute)
      const text = await everything()
      for (const trace of [person, 's-ada', 's-own', 'v-own', 'own-before', '"bad"', 'browser-of-v-own'])
        expect([trace, text.includes(trace)]).toEqual([trace, false])
      expect(text).toContain('s-bob')
    })

    it('keeps what was done after the session of somebody else, until the person signs in', async () => {
      const given = await open()
      const bobFirst = visitBatch(
        'v-1',
        [anonymous('of-bob', noon + 10), anonymous('of-ada', noon + 250), anonymous('of-nobody', noon + 600)],
        [session('s-bob', 100, 200, 'bob'), session('s-ada', 300, 400), session('s-ada-2', 450, 500)],
      )
      await given.store.merge([arrive(bobFirst)])
      expect(await given.store.rights.erase(site, person, noon + minute)).toEqual({
        ...nothing,
        sessions: 2,
        events: 3,
      })
      expect(await idsOf(given, 'events', 'eventID')).toEqual(['in-s-bob', 'of-bob', 'of-nobody'])
    })

    it('answers late and repeated records as gone, and takes the other records of the batch', async () => {
      const given = await open()
      const { store, another } = given
      const bad = wireEvent('bad', { seq: -1 })
      const first = visitBatch('v-1', [anonymous('before', noon + 1), bad], [session('s-1', 5)])
      await store.merge([arrive(first)])
      const others = await another()
      await store.rights.erase(site, person, noon + minute)
      const alone = arrive(visitBatch('v-2', [anonymous('alone', noon)], []))
      // A byte-identical replay a year later looks as if the clock of the device were off by a year.
      const replay = arrive(first, noon + 365 * day)
      expect(await others.merge([replay, alone, replay])).toEqual([['before', 'in-s-1'], [], ['before', 'in-s-1']])
      // The device does not know yet, and the session is still open there.
      const later = wireEvent('later', { timestamp: noon + 2 * minute })
      const more = { ...visitBatch('v-1', [], [{ ...session('s-1', 5), events: [later] }]), sentAt: noon + 2 * minute }
      const bob = visitBatch('v-3', [], [session('s-3', 5, null, 'bob')])
      const mixed = { ...more, visits: [...more.visits, ...bob.visits], sessions: [...more.sessions, ...bob.sessions] }
      expect(await store.merge([arrive(mixed, noon + 2 * minute)])).toEqual([['later']])
      expect(await idsOf(given, 'events', 'eventID')).toEqual(['alone', 'in-s-3'])
      expect(await idsOf(given, 'sessions', 'sessionID')).toEqual(['s-3'])
      expect((await given.dump()).visits).toHaveLength(2)
      expect((await given.dump()).writers).toHaveLength(2)
      expect((await given.dump()).refused).toEqual([])
    })

    it('stores no page of the person again, although records of somebody else name it', async () => {
      const given = await open()
      const { store } = given
      await store.merge([arrive(visitBatch('v-1', [], [session('s-1', 5, 10)]))])
      await store.rights.erase(site, person, noon + minute)
      const hers = { pageID: 'page-of-s-1', sessionID: 's-1', url: '/of/ada', startDate: noon + 5 }
      const before = { pageID: 'page-before', sessionID: null, url: '/before', startDate: noon + 1 }
      const events = [wireEvent('of-bob', { pageID: 'page-of-s-1', timestamp: noon + 30 })]
      const bob = { ...session('s-bob', 20, null, 'bob'), pages: [hers, before], events }
      expect(await store.merge([arrive(visitBatch('v-1', [], [bob]))])).toEqual([[]])
      expect(await idsOf(given, 'events', 'eventID')).toEqual(['of-bob'])
      expect(await idsOf(given, 'pages', 'pageID')).toEqual([])
    })

    it.each(['with', 'without'])(
      'answers as gone what a device sends that was offline since before the erasure, with its visit, %s its end',
      async how => {
        const given = await open()
        expect(await given.store.rights.erase(site, person, noon + day)).toEqual(nothing)
        await takesLate(given, how === 'with')
      },
    )

    async function takesLate(given: RightsImplementation, hasEnd: boolean): Promise<void> {
      const { store } = given
      // The clock of the device is an hour slow, and it was offline for a week.
      const sentAt = noon + 7 * day
      const slow = (time: number): number => time - 60 * minute
      const events = [anonymous('before', slow(noon)), anonymous('after', slow(noon + 2 * day))]
      const old = { ...session('s-1', 0), startDate: slow(noon + day), endDate: hasEnd ? slow(noon + day + minute) : 0 }
      const fresh = { ...session('s-2', 0), startDate: slow(noon + day + 2 * minute) }
      const batch = { ...visitBatch('v-1', events, [old, fresh]), sentAt: slow(sentAt) }
      expect(await store.merge([arrive(batch, sentAt)])).toEqual([['before', 'in-s-1']])
      expect(await idsOf(given, 'events', 'eventID')).toEqual(['after', 'in-s-2'])
      const all = visitBatch('v-2', [anonymous('before-2', slow(noon))], [{ ...old, sessionID: 's-3' }])
      expect(await store.merge([arrive({ ...all, sentAt: slow(sentAt) }, sentAt)])).toEqual([['before-2', 'in-s-3']])
      expect(await store.of(site).visit('v-2')).toBe(null)
      expect(await idsOf(given, 'pages', 'pageID')).toEqual(['page-of-s-2'])
    }

    it('answers as gone a session that says to begin after its receipt, because its clock was wrong', async () => {
      const given = await open()
      const { store } = given
      await store.rights.erase(site, person, noon + minute)
      const ahead = visitBatch(
        'v-1',
        [],
        [session('s-ahead', 70 * 365 * day), session('s-bob', 70 * 365 * day, null, 'bob')],
      )
      const sentAt = noon + 2 * minute
      expect(await store.merge([arrive({ ...ahead, sentAt }, sentAt)])).toEqual([['in-s-ahead']])
      expect(await idsOf(given, 'sessions', 'sessionID')).toEqual(['s-bob'])
      // The clock of another device is ahead all the time, and it begins after the erasure.
      const next = visitBatch('v-2', [], [session('s-next', 70 * 365 * day + 3 * minute)])
      expect(
        await store.merge([arrive({ ...next, sentAt: noon + 70 * 365 * day + 3 * minute }, noon + 3 * minute)]),
      ).toEqual([[]])
    })

    it('erases also what was received while the clock of the collector was a year ahead', async () => {
      const given = await open()
      const { store } = given
      const ahead = visitBatch('v-1', [anonymous('before', noon + 1)], [session('s-1', 10)])
      await store.merge([arrive(ahead, noon + 365 * day)])
      const removed = { sessions: 1, events: 2, visits: 1 }
      // Clocks of collectors may differ by a little, so what begins a little later is a new start.
      const fresh = visitBatch('v-2', [], [session('s-2', 4 * minute)])
      await store.merge([arrive({ ...fresh, sentAt: noon + 4 * minute }, noon + 4 * minute)])
      expect(await store.rights.erase(site, person, noon + minute)).toEqual(removed)
      expect(await idsOf(given, 'sessions', 'sessionID')).toEqual(['s-2'])
      expect((await store.rights.traits(site, person, null, 10)).map(one => one.receivedAt)).toEqual(
        Array(2).fill(noon + 4 * minute),
      )
      expect(await store.merge([arrive(ahead, noon + 5 * minute)])).toEqual([['before', 'in-s-1']])
      const restored = await open()
      await restored.store.merge([arrive(ahead, noon + 365 * day)])
      const tombstones = await store.rights.tombstones()
      expect(await restored.store.rights.eraseAgain(tombstones, noon + day)).toEqual({ ...removed, isKept: true })
      expect(await restored.store.of(site).identity(person)).toBe(null)
    })

    it('takes a later sign-in as a new start, also after a second erasure', async () => {
      const given = await open()
      const { store } = given
      for (const round of [1, 2, 3]) {
        const at = round * 10 * minute
        const batch = { ...visitBatch('v-1', [], [session(`s-${round}`, at)]), sentAt: noon + at }
        expect(await store.merge([arrive(batch, noon + at)])).toEqual([[]])
        expect(await store.of(site).identity(person)).toMatchObject({ sessionID: `s-${round}`, startDate: noon + at })
        expect(await store.merge([arrive(batch, noon + at)])).toEqual([[]])
        expect(await store.rights.erase(site, person, noon + at + minute)).toEqual({
          sessions: 1,
          events: 1,
          visits: 1,
        })
        expect(await store.merge([arrive(batch, noon + at + 2 * minute)])).toEqual([[`in-s-${round}`]])
      }
      expect(await store.rights.erase(site, person, noon + day)).toEqual(nothing)
    })

    it('leaves no id in its tombstones', async () => {
      const { store, everything } = await open()
      await store.merge([arrive(visitBatch('v-1', [], [session('s-1', 5)]))])
      await store.rights.erase(site, person, noon + minute)
      const text = await everything()
      for (const id of [person, 'v-1', 's-1']) expect(text).not.toContain(id)
    })

    it('erases long ids and much in bites', async () => {
      const { store, everything } = await open()
      const long = (letter: string): string => letter.repeat(200)
      const [visitID, identityId] = [long('v'), long('i')]
      const many = (sessionID: string, count: number) =>
        Array.from({ length: count }, (_, n) =>
          wireEvent(`${sessionID}-${n}`, { timestamp: noon + n, pageID: `p-${n}` }),
        )
      for (const part of [1, 2]) {
        const sessionID = `${long('s')}${part}`
        const pages = Array.from({ length: 600 }, (_, n) => ({ pageID: `p-${n}`, url: '/' }))
        const own = { sessionID, identityId, startDate: noon, events: many(sessionID, 700), pages }
        await store.merge([arrive(visitBatch(visitID, [], [own]))])
      }
      const batch = arrive(visitBatch(visitID, [], [{ ...session(`${long('s')}1`, 0), identityId }]))
      expect(await store.rights.erase(site, identityId, noon + minute)).toEqual({
        sessions: 2,
        events: 1400,
        visits: 1,
      })
      expect(await everything()).not.toContain('p-1')
      expect(await store.merge([batch])).toEqual([[`in-${long('s')}1`]])
    })

    it('leaves nothing, although three collectors take new and repeated records meanwhile', async () => {
      const { store, another, everything } = await open()
      const collectors = [store, await another(), await another()]
      const make = (n: number) => {
        const visitID = `v-ada-${n % 7}`
        return arrive(
          visitBatch(visitID, [anonymous(`before-ada-${n}`, noon)], [session(`s-ada-${n}`, 1 + (n % 5))]),
          noon,
        )
      }
      const bob = (n: number) => arrive(visitBatch(`v-bob-${n}`, [], [session(`s-bob-${n}`, 1, null, 'bob')]))
      const progress = { sent: 0, isOver: false }
      const senders = collectors.map(async (one, which) => {
        for (let n = 0; !progress.isOver || n < 20; n++) {
          const fresh = which * 10_000 + n
          await one.merge([make(fresh), bob(fresh), make(Math.max(0, fresh - 5)), make(n % 9)])
          progress.sent++
          // Other work of the process goes on between two merges.
          await new Promise(resolve => setImmediate(resolve))
        }
      })
      async function sendMore(): Promise<void> {
        const goal = progress.sent + 9
        while (progress.sent < goal) await new Promise(resolve => setImmediate(resolve))
      }
      await sendMore()
      for (const one of collectors) await one.rights.erase(site, person, noon + minute)
      await sendMore()
      progress.isOver = true
      await Promise.all(senders)
      const text = await everything()
      for (const trace of [person, 's-ada', 'v-ada', 'before-ada'])
        expect([trace, text.includes(trace)]).toEqual([trace, false])
      expect(text).toContain('s-bob-20000')
    })

    it('gives everything of one person, with what was done before the sign-in, and nothing of others', async () => {
      const { store } = await open()
      const bob = session('s-bob', 4000, 5000, 'bob')
      const many = Array.from({ length: 250 }, (_, n) => anonymous(`before-${n}`, noon + n))
      const pages = [{ pageID: 'page-before', url: '/before', startDate: noon + 50 }]
      const after = [anonymous('between', noon + 3000), anonymous('after', noon + 9000)]
      const shared = visitBatch('v-1', [...many, ...after], [session('s-1', 1000, 2000), bob], { pages })
      await store.merge([arrive(shared), arrive(visitBatch('v-2', [], [session('s-2', 9000)]))])
      const pieces: string[] = []
      for await (const piece of tellPerson(store, site, person, noon + minute)) pieces.push(piece)
      const { identity, traits, visits } = JSON.parse(pieces.join('\n'))
      expect(identity).toMatchObject({ identityId: person, sessionID: 's-1' })
      expect(traits.map((one: { trait: string }) => one.trait).toSorted()).toEqual([
        'name',
        'name',
        'userAgent',
        'userAgent',
      ])
      const [first, second] = visits
      expect(visits).toHaveLength(2)
      expect(first.sessions).toMatchObject([{ sessionID: 's-1', endDate: noon + 2000, endReason: 'unknown' }])
      expect(first.events).toHaveLength(251)
      expect(first.events.at(-1)).toMatchObject({ eventID: 'in-s-1', data: { name: `Name of ${person}` } })
      expect(first.pages.map((one: { pageID: string }) => one.pageID)).toEqual(['page-before', 'page-of-s-1'])
      expect(second).toMatchObject({ visit: { visitID: 'v-2' }, events: [{ eventID: 'in-s-2' }] })
      expect(pieces.join()).not.toMatch(/bob|between|"after"/)
      for await (const piece of tellPerson(store, 'other', person, noon)) expect(piece).toBe('nothing')
    })

    it('gives each visit of a person once, also while records arrive', async () => {
      const { store } = await open()
      const long = (n: number): string => `v-${n}-${'x'.repeat(60)}`
      const all = Array.from({ length: 250 }, (_, n) => visitBatch(long(n), [], [session(`s-${n}`, n)]))
      const again = visitBatch(long(0), [], [session('s-0-again', 240)])
      await store.merge([...all, again].map(one => arrive(one)))
      const pieces: string[] = []
      for await (const piece of tellPerson(store, site, person, noon + minute)) {
        pieces.push(piece)
        if (!piece.includes(`"visitID":"${long(1)}"`) || !piece.startsWith('{"visit":')) continue
        const late = visitBatch(long(1), [], [session('s-1-late', 245)])
        await store.merge([arrive(late), arrive(visitBatch('v-new', [], [session('s-new', 9000)]))])
      }
      const { visits } = JSON.parse(pieces.join('\n'))
      const ids = visits.map((one: { visit: { visitID: string } }) => one.visit.visitID)
      expect(ids.slice(0, 250)).toEqual(all.map((_, n) => long(n)))
      expect(ids.slice(250)).toEqual(['v-new'])
      expect(visits[0].sessions).toMatchObject([{ sessionID: 's-0' }, { sessionID: 's-0-again' }])
    })

    it('tells all that was ever said of a person, in parts', async () => {
      const { store } = await open()
      const said = (n: number) =>
        wireEvent(`said-${n}`, { eventName: 'UserInfo', timestamp: noon + n, data: { name: `Name ${n}` } })
      await store.merge([arrive(wireBatch([said(1), said(2), said(3)], {}, { userAgent: 'a browser' }))])
      const [first, second] = await store.rights.traits(site, 'user-42', null, 2)
      const rest = await store.rights.traits(site, 'user-42', second ?? null, 10)
      const said1 = { trait: 'name', value: 'Name 1', sourceID: 'said-1', at: noon + 1, receivedAt: noon }
      expect(first).toEqual(said1)
      expect([first, second, ...rest].map(one => one?.value)).toEqual(['Name 1', 'Name 2', 'Name 3', 'a browser'])
      expect(await store.rights.traits('other', 'user-42', null, 2)).toEqual([])
    })
  })

  describe(`${name} as a store that counts no more what is gone`, () => {
    const period = { since: 0, until: noon + 1000 * day }
    const asked = { now: noon, order: 'start', isDescending: false, limit: 9 } as const
    const plans = [session('s-ada', 5)]
    const search = wireEvent('search', { timestamp: noon + 6, data: { query: 'a wish' } })
    const page = { pageID: 'page-1', url: 'https://shop.example/wish', startDate: noon }
    const own = visitBatch('v-own', [search], plans, { pages: [page] })

    async function openCounted(isBeside: boolean) {
      const given = await open()
      await given.store.merge([arrive(own)])
      if (isBeside) await given.store.merge([arrive(visitBatch('v-bob', [], [session('s-bob', 5, null, 'bob')]))])
      await digestAll(given.store)
      return { ...given, numbers: given.store.of(site).numbers }
    }

    it.each([
      ['erasure', ({ rights }: CollectorStore) => rights.erase(site, person, noon + minute)],
      ['retention', ({ rights }: CollectorStore) => rights.removeOld(site, noon + 1, null)],
    ])('has nothing of it when an %s resolves', async (_, remove) => {
      const { store, numbers, everything } = await openCounted(false)
      expect(await numbers.days(period)).toMatchObject([{ visits: 1, visitors: 1, sessions: 1, pages: 2, events: 1 }])
      if (name !== 'memory') expect(await everything()).toMatch(/wish/)
      await remove(store)
      expect(await numbers.days(period)).toEqual([])
      expect(await numbers.sessions(asked)).toEqual({ items: [], next: null })
      expect((await numbers.ranking('pages', period, 'count', 9)).keys).toBe(0)
      expect(await numbers.funnel([{ url: '/of/ada@example.org' }], period)).toMatchObject({ sessions: [0] })
      expect(await numbers.behind()).toEqual({ visits: 0, since: null })
      const left = await everything()
      expect(left).not.toMatch(/wish|query|v-own|s-ada/)
      // Nothing but the number of the last fold, and tombstones.
      expect(left).not.toMatch(/"(dim|who|mark|text)"/)
    })

    it('counts others as before', async () => {
      const { store, numbers } = await openCounted(true)
      await store.rights.erase(site, person, noon + minute)
      expect(await numbers.days(period)).toMatchObject([{ visits: 1, visitors: 1, sessions: 1, pages: 1, events: 0 }])
      expect((await numbers.sessions(asked)).items).toMatchObject([{ sessionID: 's-bob' }])
      expect((await numbers.ranking('pages', period, 'count', 9)).rows).toMatchObject([{ key: '/of/bob', count: 1 }])
    })

    it('brings nothing back when a collector counts meanwhile', async () => {
      const { store, another, everything } = await openCounted(false)
      const other = await another()
      await store.merge([arrive(own, noon + 1)])
      const counting = [other.digest(), store.digest()]
      await store.rights.erase(site, person, noon + minute)
      expect(await store.of(site).numbers.days(period)).toEqual([])
      await Promise.all(counting)
      await digestAll(other)
      expect(await everything()).not.toMatch(/wish|query|v-own|s-ada/)
    })
  })

  describe(`${name} as a store that was restored from an older backup`, () => {
    const bob = session('s-bob', 4000, 5000, 'bob')
    const early = [anonymous('before', noon + 100), anonymous('between', noon + 3000), anonymous('after', noon + 9000)]
    const shared = visitBatch('v-shared', early, [session('s-ada', 1000, 2000), bob])
    const long = 'p'.repeat(99)
    const own = visitBatch('v-own', [anonymous('own-before', noon + 1)], [session('s-own', 5, null, long)])
    // Of this visit, the backup has only what was done before the sign-in.
    const half = visitBatch('v-half', [anonymous('half-before', noon + 1)], [])
    const whole = visitBatch('v-half', [anonymous('half-before', noon + 1)], [session('s-half', 10)])
    const again = arrive(visitBatch('v-new', [], [session('s-new', 2 * minute)]), noon + 2 * minute)

    /** The state after two erasures, of a store that has lived on since the backup. */
    async function erasedWith() {
      const given = await open()
      for (const batch of [shared, own, whole]) await given.store.merge([arrive(batch)])
      await given.store.rights.erase(site, person, noon + minute)
      await given.store.rights.erase(site, long, noon + minute)
      await given.store.merge([again])
      return { ...given, tombstones: await given.store.rights.tombstones() }
    }

    /** A store with what the backup has, in which nobody was erased. */
    async function restoredWith() {
      const given = await open()
      for (const batch of [shared, own, half]) await given.store.merge([arrive(batch)])
      return given
    }

    it('erases again whom the tombstones name, and nobody else, and answers what comes later as gone', async () => {
      const erased = await erasedWith()
      const restored = await restoredWith()
      const removed = { sessions: 2, events: 5, visits: 2 }
      expect(await restored.store.rights.eraseAgain(erased.tombstones, noon + 3 * minute)).toEqual({
        ...removed,
        isKept: true,
      })
      expect(await idsOf(restored, 'events', 'eventID')).toEqual(['after', 'between', 'in-s-bob'])
      const collectors = [restored.store, await restored.another()]
      for (const store of collectors) {
        expect(await store.merge([arrive(shared)])).toEqual([['before', 'in-s-ada']])
        expect(await store.merge([arrive(own)])).toEqual([['own-before', 'in-s-own']])
        expect(await store.merge([arrive(whole)])).toEqual([['half-before', 'in-s-half']])
      }
      // A new start is none of what was erased.
      await restored.store.merge([again])
      expect(await restored.dump()).toEqual(await erased.dump())
      expect(await restored.store.rights.eraseAgain(erased.tombstones, noon + 3 * minute)).toEqual({
        ...nothing,
        isKept: true,
      })
      expect(await restored.dump()).toEqual(await erased.dump())
    })

    it('keeps who came back after an erasure that is older than the backup', async () => {
      const given = await erasedWith()
      const before = await given.dump()
      expect(await given.store.rights.eraseAgain(given.tombstones, noon + 3 * minute)).toEqual({
        ...nothing,
        isKept: true,
      })
      expect(await given.dump()).toEqual(before)
    })

    it('erases also by tombstones of another secret, which it cannot keep', async () => {
      const erased = await erasedWith()
      const restored = await restoredWith()
      await restored.store.rights.erase(site, 'eve', noon)
      const removed = { sessions: 2, events: 5, visits: 2 }
      expect(await restored.store.rights.eraseAgain(erased.tombstones, noon + 3 * minute)).toEqual({
        ...removed,
        isKept: false,
      })
      expect(await restored.store.merge([arrive(own)])).toEqual([['own-before', 'in-s-own']])
      expect(await idsOf(restored, 'events', 'eventID')).toEqual(['after', 'between', 'in-s-bob'])
    })
  })

  describe(`${name} as a store that keeps records for a time`, () => {
    async function removeAll(store: CollectorStore, before: number): Promise<number[]> {
      const bites: number[] = []
      for (let after: OldCursor | null = null; ; ) {
        const { visits, next }: { visits: number; next: OldCursor | null } = await store.rights.removeOld(
          site,
          before,
          after,
        )
        bites.push(visits)
        if (!next) return bites
        after = next
      }
    }

    it('removes visits of which nothing was received since, with identities that have no session left', async () => {
      const given = await open()
      const { store, dump, everything } = given
      const old = visitBatch('v-old', [wireEvent('bad', { seq: -1 })], [session('s-old', 5)])
      await store.merge([arrive(old, noon), arrive(old, noon, 'other')])
      await store.merge([arrive(visitBatch('v-bob', [], [session('s-bob', 5, null, 'bob')]), noon)])
      await store.merge([arrive(visitBatch('v-new', [], [session('s-new', 50, null, 'bob')]), noon + day)])
      // Something of this visit was received later.
      await store.merge([arrive(visitBatch('v-alive', [anonymous('a', noon)], []), noon)])
      await store.merge([arrive(visitBatch('v-alive', [anonymous('b', noon)], []), noon + day)])
      const eve = { ...session('s-eve', 5, null, 'eve'), events: [] }
      for (const [sessions, at] of [
        [[], noon],
        [[eve], noon + day],
      ] as const)
        await store.merge([arrive(visitBatch('v-eve', [], sessions), at)])
      expect((await removeAll(store, noon + 1)).reduce((sum, one) => sum + one)).toBe(2)
      const of = (row: object): string => `${(row as { site: string }).site} ${(row as { visitID: string }).visitID}`
      expect((await dump()).visits.map(of).sort()).toEqual([
        'default v-alive',
        'default v-eve',
        'default v-new',
        'other v-old',
      ])
      const reads = store.of(site)
      expect(await reads.identity(person)).toBe(null)
      expect(await reads.identity('bob')).toMatchObject({ name: 'Name of bob' })
      expect(await store.of('other').identity(person)).not.toBe(null)
      // Only his first sign-in is still known.
      expect((await everything()).match(/[vs]-bob/g)).toEqual(['s-bob'])
      // A record that arrives late is new.
      expect(await store.merge([arrive(old, noon + 2 * day)])).toEqual([[]])
      expect(await reads.identity(person)).not.toBe(null)
    })

    it('removes what is old of a visit that goes on, so that whoever adds to it keeps rows and nothing that was done', async () => {
      const given = await open()
      const { store, dump, everything } = given
      const page = (pageID: string): object => ({ pageID, url: `/secret-${pageID}`, startDate: noon })
      const ada = session('s', 5, 9)
      const eve = session('s-eve', 10, 19, 'eve')
      const old = visitBatch('v', [anonymous('a', noon)], [ada, eve], {
        pages: [page('p-old')],
        written: { 'writer-1': 9, 'writer-old': 9 },
      })
      await store.merge([arrive(old, noon)])
      // A stranger who knows the ids adds to the visit and to the session of Eve, and Bob signs in in the same browser.
      const added = { ...eve, events: [wireEvent('forged', { writer: 'stranger' })] }
      const bob = session('s-bob', 50, null, 'bob')
      await store.merge([arrive(visitBatch('v', [anonymous('b', noon)], [added, bob]), noon + day)])
      const before = await dump()
      expect((await store.rights.removeOld(site, noon, null)).hasRemoved).toBe(false)
      expect(await dump()).toEqual(before)
      expect(await removeAll(store, noon + 1)).toEqual([0])
      expect(await idsOf(given, 'events', 'eventID')).toEqual(['b', 'forged', 'in-s-bob'])
      expect(await idsOf(given, 'sessions', 'sessionID')).toEqual(['s-bob', 's-eve'])
      expect(await idsOf(given, 'pages', 'pageID')).toContain('page-of-s-bob')
      expect((await dump()).visits).toEqual(before.visits)
      const writers = (await dump()).writers.map(row => (row as { writer: string }).writer)
      expect(writers).toEqual(['writer-1'])
      expect(await store.of(site).identity(person)).toBe(null)
      expect(await everything()).not.toMatch(/secret-|ada@/)
      // There is nothing more to do for it, until the rest is old.
      const after = await dump()
      expect((await store.rights.removeOld(site, noon + 1, null)).hasRemoved).toBe(false)
      expect(await dump()).toEqual(after)
      expect(await removeAll(store, noon + day + 1)).toEqual([1])
      expect((await dump()).visits).toEqual([])
    })

    it('works in bounded bites, alone or beside other collectors, while records are taken', async () => {
      const given = await open()
      const { store, another, dump } = given
      const count = oldBiteVisits + 20
      const group = Array.from({ length: count }, (_, n) => arrive(visitBatch(`v-${n}`, [], [session(`s-${n}`, 5)])))
      await store.merge(group)
      const large = Array.from({ length: 900 }, (_, n) => anonymous(`e-${n}`, noon + n))
      await store.merge([arrive(visitBatch('v-large', large, []))])
      const first = await store.rights.removeOld(site, noon + 1, null)
      expect(first.visits).toBeLessThanOrEqual(Math.max(oldBiteVisits, name === 'memory' ? count + 1 : 0))
      const others = [store, await another(), await another()]
      const fresh = others.map((one, n) => one.merge([arrive(visitBatch(`fresh-${n}`, [], []), noon + day)]))
      const bites = (await Promise.all(others.map(one => removeAll(one, noon + 1)))).flat()
      await Promise.all(fresh)
      expect(bites.reduce((sum, one) => sum + one, first.visits)).toBe(count + 1)
      const state = await dump()
      expect(state.visits).toHaveLength(3)
      expect([state.events, state.sessions, state.identities, state.traits].map(rows => rows.length)).toEqual([
        0, 0, 0, 0,
      ])
    })
  })
  oldPartsContract(name, open)
}
