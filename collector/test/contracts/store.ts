import * as fc from 'fast-check'
import { parseBatch } from 'sojourn/record'
import { describe, expect, it } from 'vitest'
import { foldArrivals } from '../../src/store/state.js'
import type { Arrival, CollectorStore, State } from '../../src/store/store.js'
import { anyArrivals, anyDelivery, anyRecords, toArrival } from '../helpers/arrivals.js'
import { wireBatch, wireEvent } from '../helpers/batches.js'
import { noon } from '../helpers/collector.js'

/** An implementation under test: one empty store, and all that is in it. */
export interface Implementation {
  readonly store: CollectorStore
  readonly dump: () => Promise<State>
}

/** The promise of a collector's store; every implementation keeps it. */
export function storeContract(name: string, open: () => Implementation): void {
  const arrive = (batch: object, receivedAt = noon): Arrival => ({
    receivedAt,
    batch: parseBatch(JSON.stringify(batch)),
  })

  describe(`${name} as a store`, () => {
    it('adds up to one state in any order, split and repetition of what browsers send', async () => {
      await fc.assert(
        fc.asyncProperty(
          anyRecords.chain(records => fc.tuple(fc.constant(records), anyDelivery(records))),
          async ([records, delivery]) => {
            const { store, dump } = open()
            for (const group of delivery) await store.merge(group)
            const all = delivery.flat()
            const whole = foldArrivals([toArrival(records, noon)])
            const expected = {
              ...whole,
              visits: whole.visits.map(visit => ({ ...visit, skew: leastSkew(all, visit.visitID) })),
              events: whole.events.map(event => ({ ...event, serverTimestamp: firstSeen(all, event.eventID) })),
            }
            expect(toComparable(await dump())).toEqual(toComparable(expected))
            await store.close()
          },
        ),
        { numRuns: 60 },
      )
    }, 60_000)

    it('adds up to the join of what arrived, though senders contradict themselves', async () => {
      await fc.assert(
        fc.asyncProperty(anyArrivals, async ([arrivals, delivery]) => {
          const { store, dump } = open()
          for (const group of delivery) await store.merge(group)
          expect(toComparable(await dump())).toEqual(toComparable(foldArrivals(arrivals)))
          await store.close()
        }),
        { numRuns: 60 },
      )
    }, 60_000)

    it('keeps one text of data whose parts come in another order, whoever came first', async () => {
      const batches = [
        { a: 1, b: 2 },
        { b: 2, a: 1 },
      ].map(data => arrive(wireBatch([wireEvent('a', { data })])))
      const texts = await Promise.all(
        [batches, [...batches].reverse()].map(async order => {
          const { store } = open()
          for (const one of order) await store.merge([one])
          return JSON.stringify((await store.events({ sessionID: 'session-1' }))[0]?.data)
        }),
      )
      expect(texts[0]).toBe(texts[1])
    })

    it('joins what one batch says twice of a visit', async () => {
      const { store } = open()
      const batch = wireBatch([])
      batch.visits.push({ ...batch.visits[0], startDate: noon - 1 }, { ...batch.visits[0], globalVisitID: 'a browser' })
      await store.merge([arrive(batch)])
      expect(await store.visit('visit-1')).toMatchObject({ startDate: noon - 1, globalVisitID: 'browser-1' })
    })

    it('keeps nothing of arrivals that it cannot keep', async () => {
      const { store, dump } = open()
      const good = arrive(wireBatch([wireEvent('a')]))
      const [fact] = good.batch.facts
      const broken = {
        ...good,
        batch: { ...good.batch, facts: [{ ...fact, event: { ...fact?.event, timestamp: null } }] },
      }
      await expect(store.merge([good, broken as unknown as Arrival])).rejects.toThrow()
      expect((await dump()).sessions).toEqual([])
      await store.merge([good])
      expect((await dump()).events).toHaveLength(1)
    })

    it('keeps the greatest of what a writer counted, and what was refused', async () => {
      const { store, dump } = open()
      const batch = (written: object, dropped: object) =>
        wireBatch([wireEvent('bad', { seq: -1 })], {}, { written, dropped })
      await store.merge([arrive(batch({ a: 5, b: 1 }, {}))])
      await store.merge([arrive(batch({ a: 3 }, { a: 2 }))])
      const { counts, refusals } = await dump()
      expect(counts).toEqual([
        { visitID: 'visit-1', writer: 'a', written: 5, dropped: 2 },
        { visitID: 'visit-1', writer: 'b', written: 1, dropped: 0 },
      ])
      expect(refusals).toEqual([{ eventID: 'bad', code: 'writer-invalid', visitID: 'visit-1' }])
    })

    it('gives back texts of every kind as they came', async () => {
      const { store } = open()
      const texts = ['', 'größer 🛒', '; DROP TABLE events', '\u2028 " \\ \n', '‮', '\u0001', 'null']
      const data = { texts, nested: { a: [1.5, -0.1, 1e300, true, null] }, __proto_: 1 }
      await store.merge([
        arrive(wireBatch([wireEvent('a', { data, url: texts.join() })], { identityId: texts.join() })),
      ])
      const [event] = await store.events({ sessionID: 'session-1' })
      expect(event).toMatchObject({ data, url: texts.join() })
      expect((await store.session('session-1'))?.identityId).toBe(texts.join())
    })

    it('lists by time, then by writer and by the count of the writer', async () => {
      const { store } = open()
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
        (await store.events({ sessionID: 'session-1' }, range)).map(({ eventID }) => eventID).join('')
      expect(await ids({})).toBe('ybzca')
      expect(await ids({ limit: 2 })).toBe('yb')
      expect(await ids({ after: [noon, 'w0', 9, 'b'], limit: 2 })).toBe('zc')
      expect(await ids({ since: noon, after: [noon, 'w1', 2, 'c'] })).toBe('a')
    })

    it('answers whether it can be read', async () => {
      const { store } = open()
      expect(await store.isAlive()).toBe(true)
      await store.close()
      expect(await store.isAlive()).toBe(false)
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

// Data as text: even the order of its keys must not depend on who came first.
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
