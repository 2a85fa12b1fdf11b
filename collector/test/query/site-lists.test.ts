import { describe, expect, it } from 'vitest'
import { maxLooked } from '../../src/limits.js'
import { createMemoryStore } from '../../src/store/memory.js'
import type { Range } from '../../src/store/store.js'
import { wireBatch, wireEvent } from '../helpers/batches.js'
import { collectorWith, noon } from '../helpers/collector.js'

const agent = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36'
const crawler = 'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)'

/** A visit of an anonymous visitor, with an event. */
const anonymous = (n: number, more: object = {}, eventName = 'Search') => ({
  visitID: `visit-${n}`,
  globalVisitID: `browser-${n % 2}`,
  startDate: noon - 1000 + n,
  userAgent: agent,
  events: [wireEvent(`event-${n}`, { seq: n, eventName, timestamp: noon - 1000 + n })],
  ...more,
})

/** A collector whose clock goes one second further with each request. */
async function collectorOf(...visits: readonly object[]) {
  let at = noon
  const whole = collectorWith({ now: () => at })
  for (const visit of visits) {
    at += 1000
    expect((await whole.send({ v: 1, sentAt: at, visits: [visit] })).status).toBe(200)
  }
  const list = async (path: string): Promise<any> => (await whole.json(`/v1${path}`)).items
  const ids = async (path: string, id = 'visitID'): Promise<string[]> => (await list(path)).map((one: any) => one[id])
  return { ...whole, list, ids, set: (time: number) => (at = time) }
}

describe('the list of all visits', () => {
  it('has anonymous visitors, the newest first, and the oldest first if the request says so', async () => {
    const { ids, list } = await collectorOf(anonymous(1), anonymous(2), anonymous(3))
    expect(await ids('/visits')).toEqual(['visit-3', 'visit-2', 'visit-1'])
    expect(await ids('/visits?order=asc')).toEqual(['visit-1', 'visit-2', 'visit-3'])
    expect(await ids('/sites/default/visits')).toEqual(['visit-3', 'visit-2', 'visit-1'])
    expect((await list('/visits?include_events=true'))[0].eventIds).toEqual(['event-3'])
  })

  it('can be filtered by time, browser, user agent and identity', async () => {
    const { ids, send } = await collectorOf(
      anonymous(1),
      anonymous(2),
      anonymous(3, { userAgent: `${agent} Edg/140.0` }),
    )
    await send(wireBatch([wireEvent('signs-in')], { visitID: 'visit-2' }, { visitID: 'visit-2' }))
    expect(await ids(`/visits?since=${noon - 998}`)).toEqual(['visit-3', 'visit-2'])
    expect(await ids(`/visits?until=${noon - 998}`)).toEqual(['visit-2', 'visit-1'])
    expect(await ids('/visits?since=2025-11-24&until=2025-11-24')).toEqual(['visit-3', 'visit-2', 'visit-1'])
    expect(await ids('/visits?since=2025-11-25&until=2025-11-25')).toEqual([])
    expect(await ids('/visits?until=2025-11-23')).toEqual([])
    expect(await ids('/visits?globalVisitID=browser-1')).toEqual(['visit-3', 'visit-1'])
    expect(await ids(`/visits?userAgent=${encodeURIComponent(agent)}`)).toEqual(['visit-2', 'visit-1'])
    expect(await ids('/visits?identityId=user-42')).toEqual(['visit-2'])
    expect(await ids('/visits?identityId=nobody')).toEqual([])
  })

  it('leaves out automated browsers unless the request asks for them, and drops none', async () => {
    const { ids, list } = await collectorOf(
      anonymous(1),
      anonymous(2, { automated: true }),
      anonymous(3, { userAgent: crawler }),
    )
    for (const [path, id] of [
      ['/visits', 'visitID'],
      ['/events', 'visitID'],
    ] as const) {
      expect(await ids(path, id)).toEqual(['visit-1'])
      expect(await ids(`${path}?automated=include`, id)).toEqual(['visit-3', 'visit-2', 'visit-1'])
      expect(await ids(`${path}?automated=only`, id)).toEqual(['visit-3', 'visit-2'])
    }
    expect((await list('/visits?automated=only')).map((one: any) => one.automated)).toEqual([true, true])
  })

  it('does not begin with what claims to come from the future, unless until asks for it', async () => {
    const { ids } = await collectorOf(anonymous(1), anonymous(2, { startDate: noon + 1e12 }))
    expect(await ids('/visits')).toEqual(['visit-1'])
    expect(await ids(`/visits?until=${noon + 2e12}`)).toEqual(['visit-2', 'visit-1'])
  })

  it('is paged without gaps or repetitions while more arrive', async () => {
    const { send, get } = await collectorOf(...Array.from({ length: 12 }, (_, n) => anonymous(n)))
    for (const base of ['/v1', '/backend/data']) {
      const paged: string[] = []
      for (let next: string | null = ''; next !== null; ) {
        const reply: Response = await get(`${base}/visits?page_size=5${next && `&paging_next=${next}`}`)
        const body: any = await reply.json()
        paged.push(...(body.items ?? body).map((one: any) => one.visitID ?? one.visitId))
        next = base === '/v1' ? body.next : reply.headers.get('Paging-Next')
        await send({ v: 1, visits: [anonymous(100 + paged.length + base.length)] })
      }
      expect(paged.filter(id => Number(id.slice(6)) < 12)).toEqual(
        Array.from({ length: 12 }, (_, n) => `visit-${11 - n}`),
      )
    }
  })
})

describe('the list of all sessions', () => {
  it('can be filtered by identity, and by whether and why they ended', async () => {
    const { ids, send, set } = await collectorOf()
    set(noon)
    const session = (n: number, identityId: string, events: object[]) => ({
      sessionID: `session-${n}`,
      identityId,
      visitID: 'visit-1',
      startDate: noon - 100 + n,
      events,
    })
    const sessions = [
      session(1, 'ada', [wireEvent('e1', { eventName: 'SignOut' })]),
      session(2, 'ada', [wireEvent('e2', { eventName: 'SessionEnded', data: { reason: 'limit' } })]),
      session(3, 'bob', []),
    ]
    await send({ ...wireBatch([], {}, { userAgent: agent }), sessions })
    expect(await ids('/sessions', 'sessionID')).toEqual(['session-3', 'session-2', 'session-1'])
    expect(await ids('/sessions?identityId=ada', 'sessionID')).toEqual(['session-2', 'session-1'])
    expect(await ids('/sessions?open=true', 'sessionID')).toEqual(['session-3'])
    expect(await ids('/sessions?open=false', 'sessionID')).toEqual(['session-2', 'session-1'])
    expect(await ids('/sessions?endReason=limit', 'sessionID')).toEqual(['session-2'])
    set(noon + 86_400_000)
    expect(await ids('/sessions?open=true', 'sessionID')).toEqual([])
    expect(await ids('/sessions?endReason=abandoned', 'sessionID')).toEqual(['session-3'])
  })
})

describe('the list of all events', () => {
  it('is in the order of receipt, whatever the clocks of browsers say', async () => {
    const { ids } = await collectorOf(
      anonymous(1, { events: [wireEvent('first', { timestamp: noon + 1e12 })] }),
      anonymous(2, { events: [wireEvent('second', { timestamp: 5 })] }),
    )
    expect(await ids('/events', 'eventID')).toEqual(['second', 'first'])
    expect(await ids(`/events?since=${noon + 2000}`, 'eventID')).toEqual(['second'])
    expect(await ids(`/events?until=${noon + 1000}`, 'eventID')).toEqual(['first'])
  })

  it('can be filtered by name, type, category, url and identity', async () => {
    const { ids, send } = await collectorOf(
      anonymous(1, { events: [wireEvent('a', { category: 'shop;lamps', url: '/lamps' })] }),
      anonymous(2, {}, 'PageEntered'),
    )
    await send(wireBatch([wireEvent('c')], {}, { userAgent: agent }))
    expect(await ids('/events?eventName=Search', 'eventID')).toEqual(['c', 'a'])
    expect(await ids('/events?eventType=SYSTEM', 'eventID')).toEqual(['event-2'])
    expect(await ids('/events?category=lamps', 'eventID')).toEqual(['a'])
    expect(await ids('/events?url=%2Flamps', 'eventID')).toEqual(['a'])
    expect(await ids('/events?identityId=user-42', 'eventID')).toEqual(['c'])
  })

  it('looks at a bounded part of the list, and continues there', async () => {
    const { send, json, set } = await collectorOf()
    for (let n = 0; n < 8; n++) {
      set(noon + n)
      const events = Array.from({ length: 900 }, (_, m) => wireEvent(`e${n}-${m}`, { seq: m, writer: `w${n}` }))
      const rare = n ? [] : [wireEvent('rare', { eventName: 'Rare' })]
      expect((await send(wireBatch([...rare, ...events], {}, { userAgent: agent }))).status).toBe(200)
    }
    const first = await json('/v1/events?eventName=Rare')
    expect([first.items, typeof first.next]).toEqual([[], 'string'])
    const second = await json(`/v1/events?eventName=Rare&paging_next=${first.next}`)
    expect([second.items.map((one: any) => one.eventID), second.next]).toEqual([['rare'], null])
    expect(maxLooked).toBeLessThan(8 * 900)
    const oldest = await json('/v1/events?eventName=Nothing&order=asc')
    expect(await json(`/v1/events?eventName=Nothing&order=asc&paging_next=${oldest.next}`)).toEqual({
      items: [],
      next: null,
    })
  })

  it('reads a bounded part for an identity that has very many events, and gives each of them once', async () => {
    const memory = createMemoryStore()
    const parts: Range[] = []
    const store = {
      ...memory,
      of(site: string) {
        const reads = memory.of(site)
        const watch = <F extends object, T>(read: (filter: F, range?: Range) => T) => {
          return (filter: F, range: Range = {}) => {
            if ('identityId' in filter) parts.push(range)
            return read(filter, range)
          }
        }
        const hasMoreThan = async (): Promise<boolean> => true
        return { ...reads, receipts: watch(reads.receipts), visits: watch(reads.visits), hasMoreThan }
      },
    }
    let at = noon
    const { send, json } = collectorWith({ store, now: () => at })
    for (let n = 0; n < 7; n++) {
      at += 1000
      const events = Array.from({ length: 900 }, (_, m) => wireEvent(`e${n}-${m}`, { seq: m, writer: `w${n}` }))
      const theirs = { sessionID: `session-${n}`, identityId: n % 6 ? 'other' : 'many' }
      const visit = { visitID: `visit-${n}`, userAgent: agent, startDate: at }
      expect((await send(wireBatch(events, { ...theirs, visitID: visit.visitID, startDate: at }, visit))).status).toBe(
        200,
      )
    }
    for (const [path, whole] of [
      ['/v1/events?identityId=many&page_size=1000', 1800],
      ['/v1/events?identityId=many&page_size=1000&order=asc', 1800],
      ['/v1/visits?identityId=many', 2],
    ] as const) {
      const found: string[] = []
      for (let next: string | null = ''; next !== null; ) {
        const list: any = await json(path + (next && `&paging_next=${next}`))
        found.push(...list.items.map((one: any) => one.eventID ?? one.visitID))
        next = list.next
      }
      expect([path, found.length, new Set(found).size]).toEqual([path, whole, whole])
    }
    // Each read is of the list of the site, and the first ends at the horizon.
    expect(parts.every(one => one.isOfSite)).toBe(true)
    expect(parts[0]?.since).toBeGreaterThan(noon + 1000)
  })
})
