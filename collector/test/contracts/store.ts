import * as fc from 'fast-check'
import { limits, parseBatch } from 'sojourn/record'
import { describe, expect, it } from 'vitest'
import { createMemoryStore } from '../../src/store/memory.js'
import type { Arrival, CollectorStore, Cursor, Range, State } from '../../src/store/store.js'
import { anyArrival, anyArrivals, anyDelivery, anyRecords, toArrival } from '../helpers/arrivals.js'
import { wireBatch, wireEvent } from '../helpers/batches.js'
import { noon } from '../helpers/collector.js'
import { allReads, lists } from '../helpers/reads.js'
import { toReference } from '../helpers/reference.js'

/** An implementation under test: an empty store, and a function that reads its whole state. */
export interface Implementation {
  readonly store: CollectorStore
  readonly dump: () => Promise<State>
}

/**
 * The contract of `CollectorStore`. Every implementation runs these tests.
 *
 * @param runs how often each property is checked.
 */
export function storeContract(name: string, open: () => Promise<Implementation>, runs = 40): void {
  const arrive = (batch: object, receivedAt = noon): Arrival => ({
    receivedAt,
    batch: parseBatch(JSON.stringify(batch)),
  })

  describe(`${name} as a store`, () => {
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

    it('lists events by time, then by writer and seq', async () => {
      const { store } = await open()
      const said = [
        ['c', noon, 'w1', 2],
        ['a', noon, 'w1', 3],
        ['z', noon, 'w1', 1],
        ['b', noon, 'w0', 9],
        ['y', noon - 1, 'w9', 1],
      ] as const
      const events = said.map(([id, timestamp, writer, seq]) => wireEvent(id, { timestamp, writer, seq }))
      await store.merge([arrive(wireBatch(events))])
      const ids = async (range: object) =>
        (await store.events({ visitID: 'visit-1', sessionID: 'session-1' }, range))
          .map(({ eventID }) => eventID)
          .join('')
      expect(await ids({})).toBe('ybzca')
      expect(await ids({ limit: 2 })).toBe('yb')
      expect(await ids({ after: [noon, 'w0', 9, 'b', 'visit-1'], limit: 2 })).toBe('zc')
      expect(await ids({ since: noon, after: [noon, 'w1', 2, 'c', 'visit-1'] })).toBe('a')
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

    it('reads the same as the memory store, which scans everything', async () => {
      await fc.assert(
        fc.asyncProperty(anyArrivals, async ([arrivals]) => {
          const { store } = await open()
          const plain = createMemoryStore()
          for (const one of [store, plain]) await one.merge(arrivals)
          for (const read of allReads) expect(await read(store)).toEqual(await read(plain))
          await store.close()
        }),
        { numRuns: runs },
      )
    }, 60_000)

    it('pages through every list without gaps or repetitions', async () => {
      await fc.assert(
        fc.asyncProperty(anyArrivals, async ([arrivals]) => {
          const { store } = await open()
          await store.merge(arrivals)
          for (const [order, read] of lists) {
            const whole = await read(store, {})
            // Identities with the same first session have equal cursors, because a cursor contains no personal data.
            if (new Set(whole.map(one => JSON.stringify(toKey(order, one)))).size < whole.length) continue
            const paged = await pageThrough(order, range => read(store, range))
            expect(paged).toEqual(whole)
          }
          await store.close()
        }),
        { numRuns: runs },
      )
    }, 60_000)

    it('identifies a record by visit and id, and finds sessions and pages by their id alone', async () => {
      const { store } = await open()
      const page = { pageID: 'page-1', url: 'https://shop.example/' }
      const event = wireEvent('a', { pageID: 'page-1' })
      const other = { visitID: 'visit-2', globalVisitID: 'browser-1', startDate: noon, pages: [page], events: [event] }
      const batch = wireBatch([event], { pages: [page] })
      await store.merge([arrive({ ...batch, visits: [...batch.visits, other] })])
      for (const visitID of ['visit-1', 'visit-2']) expect(await store.events({ visitID })).toHaveLength(1)
      expect(await store.session('session-1')).toMatchObject({ visitID: 'visit-1' })
      expect(await store.page('page-1')).toMatchObject({ visitID: 'visit-2' })
    })

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

    it('keeps the first sign-in of an identity, and its latest name, location and user agent', async () => {
      const { store } = await open()
      const told = (id: string, after: number, data: object) =>
        wireEvent(id, { eventName: 'UserInfo', timestamp: noon + after, data })
      const first = wireBatch([told('a', 5, { name: 'Anna', location: 'Oslo' }), told('b', 9, { name: 'Anna B.' })])
      const later = wireBatch(
        [told('c', 7, { location: 'Bergen' })],
        { sessionID: 'session-2', visitID: 'visit-2', startDate: noon + 4 },
        { visitID: 'visit-2', userAgent: 'a new browser' },
      )
      for (const batch of [later, first]) await store.merge([arrive(batch)])
      const expected = { startDate: noon, sessionID: 'session-1', name: 'Anna B.', location: 'Bergen' }
      expect(await store.identity('user-42')).toMatchObject({ ...expected, userAgent: 'a new browser' })
      expect(await store.identities({ location: 'Oslo' })).toEqual([])
      expect(await store.identities({ location: 'Bergen', userAgent: 'a new browser' })).toHaveLength(1)
    })

    it('tells whether an identity has an open session with recent activity', async () => {
      const { store } = await open()
      await store.merge([arrive(wireBatch([wireEvent('a', { timestamp: noon + 9 })]))])
      expect(await store.isSignedIn('user-42', noon + 8)).toBe(true)
      expect(await store.isSignedIn('user-42', noon + 9)).toBe(false)
      expect(await store.isSignedIn('nobody', 0)).toBe(false)
      await store.merge([arrive(wireBatch([wireEvent('b', { eventName: 'SignOut', timestamp: noon + 10 })]))])
      expect(await store.isSignedIn('user-42', 0)).toBe(false)
    })

    it('stores ids, identities and texts of the greatest length in three-byte characters', async () => {
      const { store } = await open()
      const wide = (length: number, letter = '語') => letter.repeat(length)
      const id = wide(limits.maxIdLength)
      const identityId = wide(limits.maxIdentityLength)
      const event = wireEvent(id, {
        eventName: 'UserInfo',
        writer: id,
        pageID: id,
        data: { name: wide(9000), location: wide(9000) },
      })
      const page = { pageID: id, url: wide(limits.maxTextLength), title: wide(limits.maxTextLength) }
      const batch = wireBatch(
        [event, { ...event, eventID: wide(limits.maxIdLength + 1) }],
        { sessionID: id, identityId, visitID: id, pages: [page] },
        { visitID: id, globalVisitID: id, userAgent: wide(limits.maxTextLength), written: { [id]: 2 } },
      )
      await store.merge([arrive(batch)])
      expect(await store.events({ identityId })).toHaveLength(1)
      const location = wide(limits.maxTraitLength)
      expect(await store.identities({ location, userAgent: location })).toMatchObject([{ identityId, name: location }])
    })

    it('tells whether it can be read', async () => {
      const { store } = await open()
      expect(await store.isAlive()).toBe(true)
      await store.close()
      expect(await store.isAlive()).toBe(false)
    })
  })
}

async function pageThrough<T extends object>(
  order: readonly string[],
  read: (range: Range) => Promise<readonly T[]>,
): Promise<T[]> {
  const all: T[] = []
  for (let after: Cursor | undefined; ; ) {
    const part = await read({ limit: 2, ...(after ? { after } : {}) })
    all.push(...part)
    const last = part.at(-1)
    if (!last || part.length < 2) return all
    after = toKey(order, last)
  }
}

function toKey(order: readonly string[], item: object): Cursor {
  return order.map(name => (item as Record<string, string | number>)[name] as string | number)
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
