import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Arrival } from '../../src/store/store.js'
import { anyArrival, anyArrivals, anyDelivery, anyRecords, arrive, toArrival } from '../helpers/arrivals.js'
import { wireBatch, wireEvent } from '../helpers/batches.js'
import { noon } from '../helpers/collector.js'
import { toReference } from '../helpers/reference.js'
import type { Implementation, State } from './implementation.js'

/**
 * The part of the contract of `CollectorStore` that is about merging.
 *
 * @param runs how often each property is checked.
 */
export function mergeContract(name: string, open: () => Promise<Implementation>, runs: number): void {
  describe(`${name} as a store that merges`, () => {
    it('has one state whatever the order, split and repetition of batches', async () => {
      await fc.assert(
        fc.asyncProperty(
          anyRecords.chain(records => fc.tuple(fc.constant(records), anyDelivery(records))),
          async ([records, delivery]) => {
            const { store, dump } = await open()
            for (const group of delivery) await store.merge(group)
            expect(toTold(await dump())).toEqual(toTold(toReference([toArrival(records, noon)])))
            expect(toComparable(await dump())).toEqual(toComparable(toReference(delivery.flat())))
            await store.close()
          },
        ),
        { numRuns: runs },
      )
    })

    it('has the join of all arrivals as its state, although senders contradict themselves', async () => {
      await fc.assert(
        fc.asyncProperty(anyArrivals, async ([arrivals, delivery]) => {
          const { store, dump } = await open()
          for (const group of delivery) await store.merge(group)
          expect(toComparable(await dump())).toEqual(toComparable(toReference(arrivals)))
          await store.close()
        }),
        { numRuns: runs },
      )
    })

    it('keeps the same text of data whichever copy arrived first, although the order of keys differs', async () => {
      const batches = [
        { a: 1, b: 2 },
        { b: 2, a: 1 },
      ].map(data => arrive(wireBatch([wireEvent('a', { data })])))
      const texts = await Promise.all(
        [batches, [...batches].reverse()].map(async order => {
          const { store } = await open()
          for (const one of order) await store.merge([one])
          return JSON.stringify(
            (await store.of('default').events({ visitID: 'visit-1', sessionID: 'session-1' }))[0]?.data,
          )
        }),
      )
      expect(texts[0]).toBe(texts[1])
    })

    it('takes one of several copies of a visit in one batch', async () => {
      const { store } = await open()
      const batch = wireBatch([])
      batch.visits.push({ ...batch.visits[0], startDate: noon - 1 }, { ...batch.visits[0], globalVisitID: 'a browser' })
      await store.merge([arrive(batch)])
      expect(await store.of('default').visit('visit-1')).toMatchObject({
        startDate: noon - 1,
        globalVisitID: 'a browser',
      })
    })

    it('stores nothing of a group with an arrival that cannot be stored', async () => {
      const { store, dump } = await open()
      const good = arrive(wireBatch([wireEvent('a')]))
      const [fact] = good.batch.facts
      const broken = {
        ...good,
        batch: { ...good.batch, facts: [{ ...fact, event: { ...fact?.event, eventID: 'b', timestamp: null } }] },
      }
      await expect(store.merge([good, broken as unknown as Arrival])).rejects.toThrow()
      expect((await dump()).sessions).toEqual([])
      await store.merge([good])
      expect((await dump()).events).toHaveLength(1)
    })

    // Citus does not tell what was new.
    it.skipIf(name.includes('table by table'))('tells each of the merges at a time what of it was new', async () => {
      const { store } = await open()
      const eventsOf = (ids: string): object[] => ids.split('').map((id, n) => wireEvent(id, { seq: n + 1 }))
      const of = (n: number, ids: string, site?: string): Arrival =>
        arrive(wireBatch(eventsOf(ids), { sessionID: `s-${n}`, visitID: `v-${n}` }, { visitID: `v-${n}` }), noon, site)
      const good = of(5, 'z')
      const [fact] = good.batch.facts
      const broken = {
        ...good,
        batch: { ...good.batch, facts: [{ ...fact, event: { ...fact?.event, timestamp: null } }] },
      }
      const groups = [[of(1, 'a')], [of(2, 'ab')], [], [of(3, 'abc', 'other')], [of(4, 'abcd'), of(4, 'a', 'other')]]
      const merge = async (group: readonly Arrival[]): Promise<unknown> => {
        let told: unknown = 'nothing'
        await store.merge(group, added => (told = [...added].map(([site, { records }]) => `${site} ${records}`).sort()))
        return told
      }
      const told = [['default 1'], ['default 2'], [], ['other 3'], ['default 4', 'other 1']]
      expect(await Promise.all(groups.map(merge))).toEqual(told)
      // What is there already is not new, and a merge that fails takes none of it from the others.
      const again = groups.map(group => group.map(one => ({ ...one, site: one.site === 'other' ? 'third' : one.site })))
      const [failed, ...others] = await Promise.allSettled([[broken as unknown as Arrival], ...again].map(merge))
      expect(failed?.status).toBe('rejected')
      expect(others.map(one => one.status === 'fulfilled' && one.value)).toEqual([[], [], [], ['third 3'], ['third 1']])
    })

    it('keeps the greatest counts of each writer, and the refused records', async () => {
      const { store, dump } = await open()
      const batch = (written: object, dropped: object) =>
        wireBatch([wireEvent('bad', { seq: -1 })], {}, { written, dropped })
      await store.merge([arrive(batch({ a: 5, b: 1 }, {}))])
      await store.merge([arrive(batch({ a: 3 }, { a: 2 }))])
      const { writers, refused } = await dump()
      const visit = { site: 'default', visitID: 'visit-1' }
      expect(writers).toEqual([
        { ...visit, writer: 'a', written: 5, dropped: 2 },
        { ...visit, writer: 'b', written: 1, dropped: 0 },
      ])
      expect(refused).toEqual([{ ...visit, eventID: 'bad', code: 'writer-invalid' }])
    })

    it('counts a sign-in once that several tabs have made at the same moment, from the earliest start', async () => {
      const tabs = [5, 0, 9].map(later => {
        const startDate = noon + later
        const signIn = wireEvent('sign-in', { eventName: 'SignIn', timestamp: startDate, writer: 'sign-in', seq: 1 })
        const own = wireEvent(`own-${later}`, { timestamp: startDate + 50, writer: `tab-${later}`, seq: 1 })
        const written = { 'sign-in': 1, [`tab-${later}`]: 1 }
        return arrive(wireBatch([signIn, own], { startDate }, { startDate, written }))
      })
      for (const order of [tabs, tabs.toReversed(), [...tabs, ...tabs]]) {
        const { store, dump } = await open()
        for (const one of order) await store.merge([one])
        const { events, writers, sessions, visits } = await dump()
        expect(sessions).toMatchObject([{ startDate: noon, lastActivity: noon + 59, endDate: 0 }])
        expect(visits).toMatchObject([{ startDate: noon }])
        // No record is missing: as many are stored as were written.
        expect(events.map(one => (one as { eventID: string }).eventID).sort()).toEqual([
          'own-0',
          'own-5',
          'own-9',
          'sign-in',
        ])
        expect(writers.reduce((sum, one) => sum + (one as { written: number }).written, 0)).toBe(events.length)
      }
    })

    it('keeps the version of a record that was received first, whatever later copies say', async () => {
      const forged = {
        event: {
          timestamp: noon + 9,
          eventName: 'UserInfo',
          writer: 'z',
          seq: 99,
          url: '/z',
          data: { name: 'Mallory' },
        },
        page: { pageID: 'page-1', url: '/z', title: 'Z', referrer: 'z', category: 'z', startDate: 0, sessionID: null },
        session: { identityId: 'zoe', startDate: 0 },
        visit: { globalVisitID: 'z', userAgent: 'z', languageCode: 'z', startDate: 0, idleLimitMs: 1 },
      }
      const page = { pageID: 'page-1', url: '/a', title: 'A' }
      const event = wireEvent('a', { pageID: 'page-1', url: '/own', data: { n: 1 } })
      const good = arrive(wireBatch([event], { pages: [page] }))
      const later = arrive(
        wireBatch(
          [wireEvent('a', { ...forged.event, pageID: 'page-2' })],
          { ...forged.session, pages: [forged.page] },
          forged.visit,
        ),
        noon + 1,
      )
      for (const order of [
        [good, later],
        [later, good],
        [good, later, good],
        [{ ...later, receivedAt: noon + 99 }, good],
      ]) {
        const { store } = await open()
        for (const one of order) await store.merge([one])
        const reads = store.of('default')
        const [stored] = await reads.events({ visitID: 'visit-1' })
        expect(stored).toMatchObject({ ...event, serverTimestamp: noon })
        expect(await reads.page('page-1')).toMatchObject({
          ...page,
          referrer: '',
          sessionID: 'session-1',
          startDate: noon,
        })
        expect(await reads.session('session-1')).toMatchObject({ identityId: 'user-42', startDate: noon })
        const visit = { globalVisitID: 'browser-1', userAgent: '', startDate: noon, idleLimitMs: null, skew: 0 }
        expect(await reads.visit('visit-1')).toMatchObject(visit)
        expect(await reads.identity('user-42')).toMatchObject({ startDate: noon, sessionID: 'session-1', name: '' })
      }
    })

    it('lets no time order or end anything that is ahead of its receipt', async () => {
      const far = noon + 2 ** 45
      for (const sentAt of [noon, far]) {
        const { store } = await open()
        const reads = store.of('default')
        const said = (id: string, eventName: string, timestamp: number, data: object | null = null) =>
          wireEvent(id, { eventName, timestamp, data, pageID: 'page-1' })
        const pages = [{ pageID: 'page-1', url: '/a', title: 'A' }]
        await store.merge([
          arrive(wireBatch([said('a', 'SignIn', noon, { name: 'Anna' }), said('b', 'Search', noon + 5)], { pages })),
        ])
        const forged = [
          said('z1', 'SignOut', far),
          said('z2', 'PageExited', far),
          said('z3', 'UserInfo', far, { name: 'Mallory' }),
          said('z4', 'SessionEnded', far, { reason: 'idle' }),
        ]
        const page = { pageID: 'page-1', url: '/z', title: 'Z', viewedAt: far }
        const batch = { ...wireBatch(forged, { endDate: far, pages: [page] }), sentAt }
        await store.merge([arrive(batch, noon + 1)])
        const session = { endDate: 0, endReason: '', lastActivity: noon + 5 }
        expect(await reads.session('session-1')).toMatchObject(session)
        expect((await reads.sessions({ identityId: 'user-42' }))[0]).toMatchObject(session)
        const seen = { endDate: 0, lastActivity: noon + 5 }
        // A forged `sentAt` makes the correction plausible. Then it holds until the page is corrected again.
        const isPlausible = sentAt === far
        const shown = isPlausible ? { url: '/z', title: 'Z', viewedAt: far } : { url: '/a', title: 'A', viewedAt: 0 }
        expect(await reads.page('page-1')).toMatchObject({ ...seen, ...shown })
        expect((await reads.visit('visit-1'))?.lastActivity).toBe(noon + 5)
        expect(await reads.isSignedIn('user-42', noon + 9)).toBe(true)
        expect(await reads.isSignedIn('user-42', noon + 2_000_000)).toBe(false)
        // All was added. A name of a plausible time comes after it.
        expect(await reads.events({ visitID: 'visit-1' })).toHaveLength(6)
        const next = [said('c', 'UserInfo', noon + 9, { name: 'Anna B.' }), said('d', 'SignOut', noon + 10)]
        const again = { pageID: 'page-1', url: '/b', title: 'B', viewedAt: noon + 9 }
        await store.merge([arrive({ ...wireBatch(next, { pages: [again] }), sentAt: noon + 2 }, noon + 2)])
        expect(await reads.page('page-1')).toMatchObject({ url: '/b', title: 'B', viewedAt: noon + 9 })
        expect((await reads.identity('user-42'))?.name).toBe('Anna B.')
        expect(await reads.session('session-1')).toMatchObject({ endDate: noon + 10, endReason: 'signed-out' })
        expect(await reads.isSignedIn('user-42', noon + 9)).toBe(false)
      }
    })

    it('keeps sites apart, although they use the same ids', async () => {
      const { store } = await open()
      const of = (site: string, url: string, identityId: string) =>
        arrive(
          wireBatch([wireEvent('a', { url, eventName: 'UserInfo', data: { name: site } })], { identityId }),
          noon,
          site,
        )
      await store.merge([
        of('shop', '/shop', 'user-42'),
        of('blog', '/blog', 'user-42'),
        of('blog', '/blog', 'user-42'),
      ])
      for (const site of ['shop', 'blog']) {
        const reads = store.of(site)
        expect((await reads.events({ identityId: 'user-42' })).map(({ url }) => url)).toEqual([`/${site}`])
        expect((await reads.identity('user-42'))?.name).toBe(site)
        expect(await reads.identities({})).toHaveLength(1)
        expect(await reads.sessions({ visitID: 'visit-1' })).toHaveLength(1)
      }
      const nowhere = store.of('default')
      expect([await nowhere.session('session-1'), await nowhere.visit('visit-1')]).toEqual([null, null])
      expect([await nowhere.identity('user-42'), await nowhere.page('page-1')]).toEqual([null, null])
    })

    it('keeps long ids of visits, sessions and identities whole, and finds by them', async () => {
      const { store } = await open()
      const long = (letter: string) => letter.repeat(200)
      const [visitID, sessionID, identityId] = [long('v'), long('s'), long('i')]
      const page = { pageID: 'page-1', url: '/a' }
      const batch = wireBatch(
        [wireEvent('a', { pageID: 'page-1' })],
        { visitID, sessionID, identityId, pages: [page] },
        { visitID },
      )
      await store.merge([arrive(batch)])
      const reads = store.of('default')
      const whole = { visitID, sessionID }
      for (const filter of [{ visitID }, whole, { identityId }]) {
        expect((await reads.events(filter)).map(toIds)).toEqual([whole])
        expect((await reads.pages(filter)).map(toIds)).toEqual([whole])
      }
      expect((await reads.sessions({ identityId }, { after: [noon - 1, sessionID, visitID] })).map(toIds)).toEqual([
        whole,
      ])
      expect(await reads.session(sessionID)).toMatchObject({ ...whole, identityId })
      expect(await reads.page('page-1')).toMatchObject({ ...whole, identityId })
      expect(await reads.visit(visitID)).toMatchObject({ visitID })
      expect(await reads.identity(identityId)).toMatchObject({ identityId, sessionID })
      expect(await reads.isSignedIn(identityId, noon)).toBe(true)
    })

    it('takes url and title of a page together from the copy that was corrected last', async () => {
      const copies = [
        { url: '/z', title: 'Shop' },
        { url: '/a', title: 'Lantern', viewedAt: noon + 9 },
        { url: '/y', title: '', viewedAt: noon + 5 },
      ].map(copy => ({ pageID: 'page-1', ...copy }))
      const batches = [copies, copies.toReversed(), ...copies.map(copy => [copy])].map(pages =>
        wireBatch([], { pages }),
      )
      for (const order of [[0], [1], [2, 3, 4], [4, 3, 2], [3, 2, 4]]) {
        const { store } = await open()
        for (const n of order) await store.merge([arrive(batches[n] as object)])
        expect(await store.of('default').page('page-1')).toMatchObject({
          url: '/a',
          title: 'Lantern',
          viewedAt: noon + 9,
        })
      }
    })

    it('returns texts of every kind unchanged', async () => {
      const { store } = await open()
      const texts = ['', 'größer 🛒', '; DROP TABLE events', '\u2028 " \\ \n', '‮', '\u0001', 'null']
      const data = { texts, nested: { a: [1.5, -0.1, 1e300, true, null] }, __proto_: 1 }
      await store.merge([
        arrive(wireBatch([wireEvent('a', { data, url: texts.join() })], { identityId: texts.join() })),
      ])
      const [event] = await store.of('default').events({ visitID: 'visit-1', sessionID: 'session-1' })
      expect(event).toMatchObject({ data, url: texts.join() })
      expect((await store.of('default').session('session-1'))?.identityId).toBe(texts.join())
    })

    it('has the same state if all groups are merged at the same time', async () => {
      await fc.assert(
        fc.asyncProperty(anyArrivals, async ([arrivals, delivery]) => {
          const { store, dump } = await open()
          await Promise.all(delivery.map(group => store.merge(group)))
          expect(toComparable(await dump())).toEqual(toComparable(toReference(arrivals)))
          await store.close()
        }),
        { numRuns: runs },
      )
    })

    it('joins like the pure join: commutative, associative and idempotent', async () => {
      await fc.assert(
        fc.asyncProperty(fc.tuple(anyArrival, anyArrival, anyArrival), async ([a, b, c]) => {
          const states = await Promise.all(
            [
              [[a], [b], [c]],
              [[c], [b, a]],
              [[b, c], [a], [b, c]],
            ].map(async groups => {
              const { store, dump } = await open()
              for (const group of groups) await store.merge(group)
              const state = toComparable(await dump())
              await store.close()
              return state
            }),
          )
          const expected = toComparable(toReference([a, b, c]))
          for (const state of states) expect(state).toEqual(expected)
        }),
        { numRuns: runs },
      )
    })

    it('counts an event once, although copies that are received together differ', async () => {
      const copies = [
        wireEvent('a'),
        wireEvent('a', { eventName: 'Found', data: { n: 1 } }),
        wireEvent('a', { seq: 7 }),
      ]
      for (const order of [copies, copies.toReversed()]) {
        const { store } = await open()
        for (const one of order) await store.merge([arrive(wireBatch([one]))])
        const events = await store.of('default').events({ visitID: 'visit-1' })
        expect(events).toMatchObject([{ eventName: 'Found', data: { n: 1 }, seq: 1 }])
      }
    })
  })
}

/** What does not depend on when the records were received. */
function toTold(state: State): object {
  const received = new Set(['receivedAt', 'serverTimestamp', 'skew', 'lead', 'at'])
  const strip = (one: object) => Object.fromEntries(Object.entries(one).filter(([name]) => !received.has(name)))
  return toComparable(Object.fromEntries(Object.entries(state).map(([name, list]) => [name, list.map(strip)])) as never)
}

// The order of rows and of their columns does not matter.
function toComparable(state: State): object {
  return Object.fromEntries(
    Object.entries(state).map(([name, list]) => [name, list.map(one => JSON.stringify(toSorted(one))).sort()]),
  )
}

function toIds({ visitID, sessionID }: { visitID: string; sessionID: string | null }): object {
  return { visitID, sessionID }
}

function toSorted(one: object): object {
  return Object.entries(one).sort(([a], [b]) => (a < b ? -1 : 1))
}
