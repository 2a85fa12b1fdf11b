import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createMemoryStore } from '../../src/store/memory.js'
import type { CollectorStore } from '../../src/store/store.js'
import { anyArrivals, anyDelivery, anyRecords, arrive } from '../helpers/arrivals.js'
import { wireBatch, wireEvent } from '../helpers/batches.js'
import { noon } from '../helpers/collector.js'
import { askAll, dayMs, digestAll } from '../helpers/numbers.js'

/** An implementation under test: an empty store, and other collectors on the same database. */
export interface NumbersImplementation {
  readonly store: CollectorStore
  readonly another: () => Promise<CollectorStore>
}

const day = noon - (noon % dayMs)
const today = { since: day, until: day + dayMs }
const shop = 'https://shop.example'

const event = (eventID: string, eventName: string, after: number, more: object = {}): object => ({
  eventID,
  eventName,
  timestamp: noon + after,
  writer: 'w',
  seq: 1,
  ...more,
})
const page = (pageID: string, url: string, after: number, more: object = {}): object => ({
  pageID,
  url,
  startDate: noon + after,
  sessionID: null,
  ...more,
})

/** A visit with a sign-in, one without, and one of an automated browser. */
const afternoon = {
  v: 1,
  sentAt: noon,
  visits: [
    {
      visitID: 'v1',
      startDate: noon,
      pages: [page('p1', `${shop}/?q=1`, 0, { referrer: 'https://search.example/find?q=2' })],
      events: [event('e1', 'PageEntered', 0, { pageID: 'p1' }), event('e2', 'Search', 4000, { pageID: 'p1' })],
      written: { w: 6 },
    },
    { visitID: 'v2', startDate: noon + 1, pages: [page('p9', `${shop}/help`, 1)], events: [] },
    { visitID: 'v3', startDate: noon + 2, automated: true, events: [event('e9', 'Search', 2)] },
  ],
  sessions: [
    {
      sessionID: 's1',
      visitID: 'v1',
      identityId: 'ada',
      startDate: noon + 5000,
      pages: [page('p2', `${shop}/cart#top`, 6000, { sessionID: 's1', referrer: `${shop}/` })],
      events: [
        event('e3', 'SignIn', 5000, { pageID: 'p1' }),
        event('e4', 'Buy', 7000, { pageID: 'p2', data: { price: 5, gift: true, of: { no: 1 } } }),
        event('e5', 'Buy', 9000, { pageID: 'p2', data: { price: '5' } }),
        event('e6', 'SignOut', 20_000, { pageID: 'p2' }),
      ],
    },
  ],
}

/**
 * The contract of `Numbers`. Every implementation runs these tests.
 *
 * @param runs how often each property is checked.
 */
export function numbersContract(name: string, open: () => Promise<NumbersImplementation>, runs: number): void {
  describe(`${name} as a store that counts`, () => {
    it('counts an afternoon as a person would', async () => {
      const { store } = await open()
      await store.merge([arrive(afternoon)])
      await store.merge([arrive(afternoon, noon, 'other')])
      await digestAll(store)
      const { numbers } = store.of('default')
      const exclude = { ...today, automated: 'exclude' as const }
      const counts = { day, visits: 2, visitors: 2, sessions: 1, pages: 3, events: 3, activeMs: 5000 + 14_000 }
      expect(await numbers.days(exclude)).toEqual([counts])
      expect(await numbers.days(today)).toEqual([{ ...counts, visits: 3, visitors: 3, events: 4 }])
      expect(await numbers.days({ since: day - dayMs, until: day })).toEqual([])
      expect(await numbers.durations(today)).toEqual([0, 1, 0, 0, 0, 0, 0, 0])
      const keys = async (of: 'pages' | 'entries' | 'exits' | 'referrers' | 'events') =>
        (await numbers.ranking(of, exclude, 'count', 9)).rows.map(one => `${one.count} ${one.key}`)
      expect(await keys('pages')).toEqual([`1 ${shop}/`, `1 ${shop}/cart`, `1 ${shop}/help`])
      expect(await keys('entries')).toEqual([`1 ${shop}/`, `1 ${shop}/help`])
      expect(await keys('exits')).toEqual([`1 ${shop}/cart`, `1 ${shop}/help`])
      expect(await keys('referrers')).toEqual(['1 https://search.example/find'])
      expect(await keys('events')).toEqual(['2 Buy', '1 Search'])
      expect(await numbers.ranking('pages', exclude, 'activeMs', 1)).toEqual({
        rows: [{ key: `${shop}/cart`, count: 1, activeMs: 14_000 }],
        count: 3,
        activeMs: 19_000,
        keys: 3,
      })
      const row = (key: string, count: number) => ({ key, count, activeMs: 0 })
      expect(await numbers.properties('Buy', today)).toEqual([row('price', 2), row('gift', 1)])
      expect((await numbers.values('Buy', 'price', today, 9)).rows).toEqual([row('5', 2)])
      expect(await numbers.values('Search', 'price', today, 9)).toMatchObject({ rows: [], keys: 0 })
      const steps = [{ url: `${shop}/` }, { url: `${shop}/cart` }, { eventName: 'Buy' }, { eventName: 'Search' }]
      expect(await numbers.funnel(steps, today)).toEqual({ sessions: [1, 1, 1, 0], looked: 1, isWhole: true })
      expect(await numbers.funnel(steps.toReversed().slice(1), today)).toMatchObject({ sessions: [1, 0, 0] })
      const asked = { now: noon + 30_000, order: 'start', isDescending: true, limit: 9 } as const
      const listed = {
        sessionID: 's1',
        visitID: 'v1',
        identityId: 'ada',
        startDate: noon + 5000,
        endDate: noon + 20_000,
        lastActivity: noon + 20_000,
        duration: 15,
        endReason: 'signed-out',
        idleAt: noon + 20_000 + 1_800_000,
        pages: 2,
        events: 2,
        complete: true,
        automated: false,
        entry: `${shop}/`,
        exit: `${shop}/cart`,
      }
      expect(await numbers.sessions(asked)).toEqual({ items: [listed], next: null })
      for (const none of [
        { eventName: 'SignOut' },
        { open: true },
        { complete: false },
        { minDuration: 16 },
        { eventName: 'Search' },
      ])
        expect(await numbers.sessions({ ...asked, ...none })).toEqual({ items: [], next: null })
      for (const one of [{ open: false }, { url: `${shop}/cart` }, { eventName: 'Buy' }, { identityId: 'ada' }])
        expect((await numbers.sessions({ ...asked, ...one })).items).toHaveLength(1)
      expect(await numbers.behind()).toEqual({ visits: 0, since: null })
    })

    it.each([
      ['at the end', 0],
      ['after each merge', 1],
      ['after every other merge', 2],
    ])('counts the same as the memory store %s, however what was made arrives', async (_, every) => {
      const delivery = anyRecords.chain(records => anyDelivery(records))
      await fc.assert(
        fc.asyncProperty(delivery, async groups => {
          const { store } = await open()
          const plain = createMemoryStore()
          for (const [n, arrivals] of groups.entries()) {
            for (const one of [store, plain]) await one.merge(arrivals)
            if (every && n % every === 0) await store.digest()
          }
          await digestAll(store)
          expect(await askAll(store.of('default').numbers)).toEqual(await askAll(plain.of('default').numbers))
          await store.close()
        }),
        { numRuns: runs },
      )
    })

    it('counts the same as the memory store what contradicts itself, with erasures and retention between', async () => {
      const steps = fc.array(fc.constantFrom('digest', 'erase a', 'erase b', 'old', 'nothing'), {
        minLength: 12,
        maxLength: 12,
      })
      await fc.assert(
        fc.asyncProperty(anyArrivals, steps, async ([, groups], plan) => {
          const { store } = await open()
          const plain = createMemoryStore()
          for (const [n, arrivals] of groups.entries()) {
            for (const one of [store, plain]) await one.merge(arrivals)
            const step = plan[n % plan.length] as string
            if (step === 'digest') await store.digest()
            for (const one of [store, plain]) {
              if (step.startsWith('erase')) await one.rights.erase('default', step.slice(-1), 1)
              if (step === 'old') await one.rights.removeOld('default', 2, null)
            }
          }
          await digestAll(store)
          for (const site of ['default', 'other'])
            expect(await askAll(store.of(site).numbers)).toEqual(await askAll(plain.of(site).numbers))
          await store.close()
        }),
        { numRuns: runs },
      )
    })

    it('counts each visit once, although several collectors count at the same time, and one of them ends', async () => {
      await fc.assert(
        fc.asyncProperty(anyArrivals, async ([, groups]) => {
          const { store, another } = await open()
          const [second, third] = [await another(), await another()]
          const plain = createMemoryStore()
          const counting: Promise<unknown>[] = []
          for (const arrivals of groups) {
            for (const one of [store, plain]) await one.merge(arrivals)
            counting.push(
              store.digest(),
              second.digest(),
              third.digest().catch(() => 'ended'),
            )
          }
          await third.close()
          await Promise.all([...counting, digestAll(store), digestAll(second)])
          const expected = await askAll(plain.of('default').numbers)
          for (const one of [store, second]) expect(await askAll(one.of('default').numbers)).toEqual(expected)
          await Promise.all([store.close(), second.close()])
        }),
        { numRuns: Math.ceil(runs / 2) },
      )
    })

    it('tells how many visits wait, and since when', async () => {
      const { store } = await open()
      await store.merge([arrive(afternoon)])
      await store.merge([arrive(wireBatch([wireEvent('late')], { visitID: 'v1' }, { visitID: 'v1' }), noon + 5)])
      const { behind } = store.of('default').numbers
      const isMemory = name === 'memory'
      expect(await behind()).toEqual(isMemory ? { visits: 0, since: null } : { visits: 3, since: noon })
      expect(await store.countChanged()).toBe(isMemory ? 0 : 3)
      expect(await store.of('other').numbers.behind()).toEqual({ visits: 0, since: null })
      await digestAll(store)
      expect(await behind()).toEqual({ visits: 0, since: null })
      expect(await store.countChanged()).toBe(0)
    })

    it('counts, and erases in, a visit whose forged writers claim more records than any database can sum', async () => {
      const { store } = await open()
      const claim = (writers: number): object =>
        Object.fromEntries(Array.from({ length: writers }, (_, n) => [`w${n}`, Number.MAX_SAFE_INTEGER]))
      const counts = { written: claim(1200), dropped: claim(1100), about: 'x'.repeat(20_000) }
      const forged = { visitID: 'v1', startDate: noon, ...counts }
      await store.merge([arrive(afternoon)])
      await store.merge([arrive({ v: 1, sentAt: noon, visits: [forged] })])
      await digestAll(store)
      const { numbers } = store.of('default')
      const asked = { now: noon, order: 'start', isDescending: true, limit: 9 } as const
      expect((await numbers.sessions(asked)).items).toMatchObject([{ sessionID: 's1', complete: false }])
      // Something of the visit is left, which is counted anew.
      const bob = { sessionID: 's2', visitID: 'v1', identityId: 'bob', startDate: noon + 90_000 }
      await store.merge([arrive({ v: 1, sentAt: noon, visits: [forged], sessions: [bob] })])
      expect(await store.rights.erase('default', 'ada', noon + 100_000)).toMatchObject({ sessions: 1, visits: 0 })
      expect(await store.of('default').identity('ada')).toBe(null)
      expect((await numbers.sessions(asked)).items).toMatchObject([{ sessionID: 's2' }])
    })

    it('finds and shows ids that are stored as a hash', async () => {
      const { store } = await open()
      const long = (text: string): string => text.padEnd(100, '語')
      const ids = { visitID: long('visit'), sessionID: long('session'), identityId: long('ada') }
      await store.merge([arrive(wireBatch([wireEvent('e')], ids, { visitID: ids.visitID }))])
      await digestAll(store)
      const { sessions } = store.of('default').numbers
      const asked = { now: noon, order: 'start', isDescending: false, limit: 1 } as const
      expect((await sessions(asked)).items).toMatchObject([ids])
      expect((await sessions({ ...asked, identityId: ids.identityId })).items).toMatchObject([ids])
      const after = [noon, ids.sessionID, ids.visitID] as const
      expect((await sessions({ ...asked, after })).items).toEqual([])
    })
  })
}
