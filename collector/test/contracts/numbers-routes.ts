import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { CollectorStore } from '../../src/store/store.js'
import { wireEvent } from '../helpers/batches.js'
import { collectorWith, noon } from '../helpers/collector.js'

/** An empty store, and a function that resolves when everything that is stored counts. */
export interface CountedStore {
  readonly store: CollectorStore
  readonly count: () => Promise<void>
  /** Closes the store before the test is over. */
  readonly close?: () => Promise<void>
}

const shop = 'https://shop.example'
const [second, day] = [1000, 86_400_000]
/** The first moment of the day of `noon`. */
const today = noon - (noon % day)

interface VisitPlan {
  readonly startDate: number
  /** Who signs in at the start. If left out, nobody does. */
  readonly who?: string
  readonly pages?: readonly string[]
  readonly referrer?: string
  /** What happens, a second after each other. */
  readonly events?: readonly (readonly [name: string, data?: object])[]
  readonly automated?: boolean
  /** Records that the browser says it made, and that never arrive. */
  readonly lost?: number
}

/** Makes the batch of a whole visit. Each page is entered a second after the one before, and events happen on the last. */
export function visitBatch(n: number | string, plan: VisitPlan): object {
  const { startDate, who, pages = [], referrer = '', events = [], automated, lost = 0 } = plan
  const owner = who === undefined ? {} : { sessionID: `session-${n}` }
  const entered = pages.map((url, place) => ({
    pageID: `page-${n}-${place}`,
    ...owner,
    url: shop + url,
    referrer: place ? shop + pages[place - 1] : referrer,
    startDate: startDate + place * second,
  }))
  const happened = events.map(([eventName, data], place) =>
    wireEvent(`event-${n}-${place}`, {
      eventName,
      ...(data && { data }),
      writer: `writer-${n}`,
      seq: place + 1,
      timestamp: startDate + (Math.max(pages.length, 1) + place) * second,
      ...(pages.length && { pageID: `page-${n}-${pages.length - 1}` }),
    }),
  )
  const visit = {
    visitID: `visit-${n}`,
    globalVisitID: `browser-${n}`,
    startDate,
    written: { [`writer-${n}`]: events.length + lost },
    ...(automated && { automated }),
  }
  if (who === undefined) return { v: 1, visits: [{ ...visit, pages: entered, events: happened }], sessions: [] }
  const session = { ...owner, identityId: who, visitID: visit.visitID, startDate, pages: entered, events: happened }
  return { v: 1, visits: [{ ...visit, pages: [], events: [] }], sessions: [session] }
}

/** Two persons, somebody who never signs in, a program, and a person of long ago. */
const plans: readonly VisitPlan[] = [
  {
    startDate: today - day + 10 * second,
    who: 'ada',
    pages: ['/home', '/lamps?list=1#top'],
    referrer: 'https://search.example/find?q=lamp',
    events: [
      ['AddToCart', { sku: 'lamp', price: 5, isGift: true, tags: ['a'] }],
      ['AddToCart', { sku: 'cable', price: 5 }],
      ['SignOut'],
    ],
  },
  { startDate: noon - 60 * second, who: 'bob', pages: ['/lamps'], events: [['Search', { sku: 'lamp' }]], lost: 2 },
  { startDate: today - day, pages: ['/home', '/lamps', '/home'] },
  { startDate: noon - 30 * second, who: 'robot', pages: ['/home'], events: [['Search']], automated: true },
  { startDate: today - 40 * day, who: 'ada', pages: ['/old'], events: [['Search'], ['AddToCart']] },
]

/**
 * What the routes of the numbers answer, on any store.
 *
 * @param runs how often the property of paging is checked.
 */
export function numbersRoutes(name: string, open: () => Promise<CountedStore>, runs = 60): void {
  async function filled() {
    const { store, count } = await open()
    const collector = collectorWith({ store })
    for (const [n, plan] of plans.entries()) expect((await collector.send(visitBatch(n, plan))).status).toBe(200)
    await count()
    const ask = (path: string): Promise<any> => collector.json(`/v1/numbers/${path}`)
    const ids = async (query: string): Promise<string[]> =>
      (await ask(`sessions?${query}`)).items.map((one: any) => one.sessionID)
    return { ...collector, ask, ids }
  }

  describe(`the numbers of a site on ${name}`, () => {
    it('are those of each of the last 30 days, without automated browsers', async () => {
      const { ask, json } = await filled()
      const said = await ask('days')
      const none = { visits: 0, visitors: 0, sessions: 0, pages: 0, events: 0, activeMs: 0 }
      const yesterday = { visits: 2, visitors: 2, sessions: 1, pages: 5, events: 2, activeMs: 3 * second }
      const last = { visits: 1, visitors: 1, sessions: 1, pages: 1, events: 1, activeMs: second }
      expect([said.since, said.until]).toEqual([today - 29 * day, today + day])
      expect(said.days).toEqual(
        Array.from({ length: 30 }, (_, n) => ({
          day: today - (29 - n) * day,
          ...(n === 28 ? yesterday : n === 29 ? last : none),
        })),
      )
      expect(said.total).toEqual({ visits: 3, sessions: 2, pages: 6, events: 3, activeMs: 4 * second })
      expect(said.behind).toEqual({ visits: 0, since: null })
      expect((await ask('days?automated=only')).total).toMatchObject({ visits: 1, sessions: 1, pages: 1, events: 1 })
      expect((await ask('days?automated=include')).total).toMatchObject({ visits: 4, sessions: 3, pages: 7, events: 4 })
      expect(await json('/v1/sites/default/numbers/days')).toEqual(said)
    })

    it('are those of any period, and a time means its whole day', async () => {
      const { ask } = await filled()
      const one = await ask('days?since=2025-11-23&until=2025-11-23')
      expect(one.days.map((of: any) => [of.day, of.visits])).toEqual([[today - day, 2]])
      for (const period of [
        `since=${today - 1}&until=${today - 1}`,
        `since=${today - day}&until=${today}`,
        `since=${one.since}&until=${one.until}`,
      ])
        expect(await ask(`days?${period}`)).toEqual(one)
      const longest = await ask(`days?since=${today - 3659 * day}`)
      expect([longest.days.length, longest.total.sessions]).toEqual([3660, 3])
    })

    it('tell how long sessions took', async () => {
      const { buckets } = await (await filled()).ask('durations?automated=include')
      expect(buckets.map((one: any) => one.maxSeconds)).toEqual([10, 30, 60, 180, 600, 1800, 3600, null])
      expect(buckets.map((one: any) => one.sessions)).toEqual([3, 0, 0, 0, 0, 0, 0, 0])
    })

    it.each([
      ['pages', { '/lamps': [3, 4 * second], '/home': [3, 0] }, [6, 4 * second]],
      ['pages&by=activeMs', { '/lamps': [3, 4 * second], '/home': [3, 0] }, [6, 4 * second]],
      ['entries', { '/home': [2, 0], '/lamps': [1, 0] }, [3, 0]],
      ['exits', { '/lamps': [2, 0], '/home': [1, 0] }, [3, 0]],
    ] as const)('rank %s by their addresses', async (of, rows, [count, activeMs]) => {
      const { items, total } = await (await filled()).ask(`ranking?of=${of}`)
      expect(Object.fromEntries(items.map((one: any) => [one.key, [one.count, one.activeMs]]))).toEqual(
        Object.fromEntries(Object.entries(rows).map(([path, row]) => [shop + path, row])),
      )
      expect(total).toEqual({ count, activeMs, keys: 2 })
    })

    it('rank referrers and events, and give so many rows as were asked for', async () => {
      const { ask } = await filled()
      const referrers = await ask('ranking?of=referrers')
      expect(referrers.items).toEqual([{ key: 'https://search.example/find', count: 1, activeMs: 0 }])
      const events = await ask('ranking?of=events&limit=1')
      expect(events.items).toEqual([{ key: 'AddToCart', count: 2, activeMs: 0 }])
      expect(events.total).toEqual({ count: 3, activeMs: 0, keys: 2 })
      expect([events.of, events.by, (await ask('ranking')).of]).toEqual(['events', 'count', 'pages'])
    })

    it('tell the properties of an event and their values', async () => {
      const { ask } = await filled()
      const { items } = await ask('properties?eventName=AddToCart')
      expect(Object.fromEntries(items.map((one: any) => [one.key, one.count]))).toEqual({ sku: 2, price: 2, isGift: 1 })
      const price = await ask('values?eventName=AddToCart&property=price')
      expect(price).toMatchObject({
        eventName: 'AddToCart',
        property: 'price',
        items: [{ key: '5', count: 2, activeMs: 0 }],
        total: { count: 2, keys: 1 },
      })
      expect((await ask('values?eventName=AddToCart&property=sku&limit=1')).total).toEqual({
        count: 2,
        activeMs: 0,
        keys: 2,
      })
      expect((await ask('values?eventName=Nothing&property=sku')).items).toEqual([])
    })

    it('tell how many sessions went from step to step', async () => {
      const { ask } = await filled()
      const [home, lamps] = ['/home', '/lamps?list=2'].map(path => `step=page:${encodeURIComponent(shop + path)}`)
      const funnel = await ask(`funnel?${home}&${lamps}&step=event:AddToCart`)
      expect(funnel).toMatchObject({
        steps: [
          { step: `page:${shop}/home`, sessions: 1 },
          { step: `page:${shop}/lamps?list=2`, sessions: 1 },
          { step: 'event:AddToCart', sessions: 1 },
        ],
        looked: 1,
        isWhole: true,
      })
      const back = await ask(`funnel?step=event:AddToCart&${lamps}&since=2025-01-01`)
      expect(back.steps.map((one: any) => one.sessions)).toEqual([2, 0])
    })
  })

  describe(`the list of summaries on ${name}`, () => {
    it('has what happened in each session, the newest first', async () => {
      const { ask } = await filled()
      const { items, next } = await ask('sessions')
      expect(next).toBe(null)
      const bob = {
        sessionID: 'session-1',
        visitID: 'visit-1',
        identityId: 'bob',
        startDate: noon - 60 * second,
        endDate: 0,
        lastActivity: noon - 59 * second,
        duration: 1,
        endReason: null,
        idleAt: noon - 59 * second + 1_800_000,
        pages: 1,
        events: 1,
        complete: false,
        automated: false,
        entry: `${shop}/lamps`,
        exit: `${shop}/lamps`,
        open: true,
      }
      const startDate = today - day + 10 * second
      const ada = {
        ...bob,
        sessionID: 'session-0',
        visitID: 'visit-0',
        identityId: 'ada',
        startDate,
        endDate: startDate + 4 * second,
        lastActivity: startDate + 4 * second,
        duration: 4,
        endReason: 'signed-out',
        idleAt: startDate + 4 * second + 1_800_000,
        pages: 2,
        events: 2,
        complete: true,
        entry: `${shop}/home`,
        open: false,
      }
      const old = today - 40 * day
      const abandoned = { endDate: old + 2 * second, lastActivity: old + 2 * second, endReason: 'abandoned' }
      expect(items).toEqual([bob, ada, expect.objectContaining({ sessionID: 'session-4', open: false, ...abandoned })])
    })

    it.each([
      ['identityId=ada', ['0', '4']],
      ['identityId=nobody', []],
      ['automated=only', ['3']],
      ['automated=include', ['3', '1', '0', '4']],
      ['open=true', ['1']],
      ['open=false', ['0', '4']],
      ['endReason=signed-out', ['0']],
      ['endReason=abandoned', ['4']],
      ['endReason=idle', []],
      ['complete=true', ['0', '4']],
      ['complete=false', ['1']],
      ['minDuration=2', ['0', '4']],
      ['maxDuration=2', ['1', '4']],
      ['minDuration=2&maxDuration=3', ['4']],
      [`url=${encodeURIComponent(`${shop}/lamps?list=9#x`)}`, ['1', '0']],
      ['url=/lamps', []],
      ['eventName=Search', ['1', '4']],
      ['eventName=Search&identityId=ada', ['4']],
      [`eventName=AddToCart&url=${encodeURIComponent(`${shop}/home`)}`, ['0']],
      ['since=2025-11-23', ['1', '0']],
      ['until=2025-11-23', ['0', '4']],
      ['since=2025-11-23&until=2025-11-23', ['0']],
      [`since=${noon - 60 * second}&until=${noon - 60 * second}`, ['1']],
      [`age=${2 * 86_400}`, ['1', '0']],
      ['sort=start&order=asc', ['4', '0', '1']],
      ['sort=duration', ['0', '4', '1']],
      ['sort=duration&order=asc', ['1', '4', '0']],
      ['sort=lastActivity', ['1', '0', '4']],
      ['sort=pages', ['0', '4', '1']],
      ['sort=events&order=asc&since=2025-11-23', ['1', '0']],
    ])('has for %s the sessions %j', async (query, expected) => {
      const { ids } = await filled()
      expect(await ids(query)).toEqual(expected.map(one => `session-${one}`))
    })

    it('is paged in every order, a session at a time', async () => {
      const { ask, ids } = await filled()
      for (const sort of ['start', 'duration', 'lastActivity', 'pages', 'events'])
        for (const order of ['asc', 'desc']) {
          const query = `automated=include&sort=${sort}&order=${order}`
          const paged: string[] = []
          for (let next: string | null = ''; next !== null; ) {
            const part: any = await ask(`sessions?${query}&page_size=1${next && `&paging_next=${next}`}`)
            paged.push(...part.items.map((one: any) => one.sessionID))
            expect(paged.length).toBeLessThanOrEqual(4)
            next = part.next
          }
          expect([query, paged]).toEqual([query, await ids(query)])
          expect(paged).toHaveLength(4)
        }
    })
  })

  describe(`a reader who pages through the sessions on ${name}`, () => {
    it('sees each session once that was there at the start, and none twice, while more arrive', async () => {
      const plan = fc.record({ at: fc.nat(3), pages: fc.nat(2), events: fc.nat(3), robot: fc.boolean() })
      const paging = fc.record({
        there: fc.array(plan, { minLength: 1, maxLength: 9 }),
        later: fc.array(fc.array(plan, { maxLength: 3 }), { maxLength: 6 }),
        sort: fc.constantFrom('start', 'duration', 'lastActivity', 'pages', 'events'),
        order: fc.constantFrom('asc', 'desc'),
        filter: fc.constantFrom('', '&automated=include', '&eventName=Search', '&open=true', '&minDuration=2'),
        size: fc.integer({ min: 1, max: 4 }),
      })
      await fc.assert(
        fc.asyncProperty(paging, async ({ there, later, sort, order, filter, size }) => {
          const { store, count, close } = await open()
          const { send, json } = collectorWith({ store })
          let made = 0
          async function arrive(some: typeof there): Promise<void> {
            for (const { at, pages, events, robot } of some) {
              const batch = visitBatch(made++, {
                startDate: noon - 60 * second + at * second,
                who: `person-${at}`,
                pages: Array.from({ length: pages }, (_, n) => `/${n}`),
                events: Array.from({ length: events }, () => ['Search'] as const),
                automated: robot,
              })
              expect((await send(batch)).status).toBe(200)
            }
            await count()
          }
          await arrive(there)
          const query = `/v1/numbers/sessions?sort=${sort}&order=${order}${filter}`
          const known = (await json(query)).items.map((one: any) => one.sessionID)
          const paged: string[] = []
          for (let next: string | null = ''; next !== null; ) {
            const part: any = await json(`${query}&page_size=${size}${next && `&paging_next=${next}`}`)
            expect(part.items.length).toBeLessThanOrEqual(size)
            paged.push(...part.items.map((one: any) => one.sessionID))
            expect(paged.length).toBeLessThanOrEqual(made)
            next = part.next
            await arrive(later.shift() ?? [])
          }
          expect(new Set(paged).size).toBe(paged.length)
          // The others have arrived meanwhile. Those that were there keep their order.
          expect(paged.filter(id => known.includes(id))).toEqual(known)
          await close?.()
        }),
        { numRuns: runs },
      )
    })
  })
}
