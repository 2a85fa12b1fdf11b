import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Arrival, State } from '../../src/store/store.js'
import { anyArrival, anyArrivals, anyDelivery, anyRecords, arrive, toArrival } from '../helpers/arrivals.js'
import { wireBatch, wireEvent } from '../helpers/batches.js'
import { noon } from '../helpers/collector.js'
import { toReference } from '../helpers/reference.js'
import type { Implementation } from './implementation.js'

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
            const all = delivery.flat()
            const whole = toReference([toArrival(records, noon)])
            const expected = {
              ...whole,
              visits: whole.visits.map(visit => ({ ...visit, skew: leastSkew(all, visit.visitID) })),
              events: whole.events.map(event => ({ ...event, serverTimestamp: firstSeen(all, event.eventID) })),
            }
            expect(toComparable(await dump())).toEqual(toComparable(expected))
            await store.close()
          },
        ),
        { numRuns: runs },
      )
    }, 60_000)

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
    }, 60_000)

    it('keeps the same text of data whichever copy arrived first, although the order of keys differs', async () => {
      const batches = [
        { a: 1, b: 2 },
        { b: 2, a: 1 },
      ].map(data => arrive(wireBatch([wireEvent('a', { data })])))
      const texts = await Promise.all(
        [batches, [...batches].reverse()].map(async order => {
          const { store } = await open()
          for (const one of order) await store.merge([one])
          return JSON.stringify((await store.events({ visitID: 'visit-1', sessionID: 'session-1' }))[0]?.data)
        }),
      )
      expect(texts[0]).toBe(texts[1])
    })

    it('joins several copies of a visit in one batch', async () => {
      const { store } = await open()
      const batch = wireBatch([])
      batch.visits.push({ ...batch.visits[0], startDate: noon - 1 }, { ...batch.visits[0], globalVisitID: 'a browser' })
      await store.merge([arrive(batch)])
      expect(await store.visit('visit-1')).toMatchObject({ startDate: noon - 1, globalVisitID: 'browser-1' })
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

    it('keeps the greatest counts of each writer, and the refused records', async () => {
      const { store, dump } = await open()
      const batch = (written: object, dropped: object) =>
        wireBatch([wireEvent('bad', { seq: -1 })], {}, { written, dropped })
      await store.merge([arrive(batch({ a: 5, b: 1 }, {}))])
      await store.merge([arrive(batch({ a: 3 }, { a: 2 }))])
      const { counts, refusals } = await dump()
      expect(counts).toEqual([
        { visitID: 'visit-1', writer: 'a', written: 5, dropped: 2 },
        { visitID: 'visit-1', writer: 'b', written: 1, dropped: 0 },
      ])
      expect(refusals).toEqual([{ visitID: 'visit-1', eventID: 'bad', code: 'writer-invalid' }])
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
        const { events, counts, sessions, visits } = await dump()
        expect(sessions).toMatchObject([{ startDate: noon, lastActivity: noon + 59, endDate: 0 }])
        expect(visits).toMatchObject([{ startDate: noon }])
        // No record is missing: as many are stored as were written.
        expect(events.map(({ eventID }) => eventID).sort()).toEqual(['own-0', 'own-5', 'own-9', 'sign-in'])
        expect(counts.reduce((sum, { written }) => sum + written, 0)).toBe(events.length)
      }
    })

    it('keeps of two copies of an event the one that is an activity, if they are equal otherwise', async () => {
      const copies = [wireEvent('a', { activity: false }), wireEvent('a')]
      for (const order of [copies, copies.toReversed()]) {
        const { store } = await open()
        for (const one of order) await store.merge([arrive(wireBatch([one]))])
        const activities = async () => (await store.events({ visitID: 'visit-1' })).map(({ activity }) => activity)
        expect(await activities()).toEqual([undefined])
        await store.merge([arrive(wireBatch([wireEvent('a', { seq: 2, activity: false })]))])
        expect(await activities()).toEqual([false])
      }
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
        expect(await store.page('page-1')).toMatchObject({ url: '/a', title: 'Lantern', viewedAt: noon + 9 })
      }
    })

    it('returns texts of every kind unchanged', async () => {
      const { store } = await open()
      const texts = ['', 'größer 🛒', '; DROP TABLE events', '\u2028 " \\ \n', '‮', '\u0001', 'null']
      const data = { texts, nested: { a: [1.5, -0.1, 1e300, true, null] }, __proto_: 1 }
      await store.merge([
        arrive(wireBatch([wireEvent('a', { data, url: texts.join() })], { identityId: texts.join() })),
      ])
      const [event] = await store.events({ visitID: 'visit-1', sessionID: 'session-1' })
      expect(event).toMatchObject({ data, url: texts.join() })
      expect((await store.session('session-1'))?.identityId).toBe(texts.join())
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
    }, 60_000)

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
    }, 60_000)

    it('counts an event once, although copies have another time, name and data', async () => {
      const copies = [
        wireEvent('a'),
        wireEvent('a', { timestamp: noon + 9, eventName: 'Found', data: { n: 1 } }),
        wireEvent('a', { timestamp: noon + 5, seq: 7 }),
      ]
      const kept = await Promise.all(
        [copies, copies.toReversed()].map(async order => {
          const { store } = await open()
          for (const one of order) await store.merge([arrive(wireBatch([one]))])
          return store.events({ visitID: 'visit-1' })
        }),
      )
      expect(kept[0]).toHaveLength(1)
      expect(kept[0]).toEqual(kept[1])
      expect(kept[0]?.[0]).toMatchObject({ eventName: 'Found', data: { n: 1 } })
    })
  })
}

function leastSkew(arrivals: readonly Arrival[], visitID: string): number {
  const naming = arrivals.filter(({ batch }) => batch.visits.some(visit => visit.visitID === visitID))
  return Math.min(...naming.map(({ receivedAt, batch }) => receivedAt - (batch.sentAt ?? 0)))
}

function firstSeen(arrivals: readonly Arrival[], eventID: string): number {
  const naming = arrivals.filter(({ batch }) => batch.facts.some(({ event }) => event.eventID === eventID))
  return Math.min(...naming.map(({ receivedAt }) => receivedAt))
}

// Compares data as text, because even the order of its keys must not depend on the order of arrival.
function toComparable(state: State): object {
  const events = state.events.map(event => ({ ...event, data: JSON.stringify(event.data) }))
  return Object.fromEntries(
    Object.entries({ ...state, events }).map(([name, list]) => [
      name,
      list.map(one => JSON.stringify(toSorted(one))).sort(),
    ]),
  )
}

function toSorted(one: object): object {
  return Object.entries(one).sort(([a], [b]) => (a < b ? -1 : 1))
}
