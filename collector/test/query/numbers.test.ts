import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { maxReplyBytes } from '../../src/limits.js'
import { createMemoryStore } from '../../src/store/memory.js'
import type { ListedSession, Numbers } from '../../src/store/numbers.js'
import { numbersRoutes, visitBatch } from '../contracts/numbers-routes.js'
import { wireBatch, wireEvent } from '../helpers/batches.js'
import { collectorWith, noon } from '../helpers/collector.js'

numbersRoutes('memory', async () => ({ store: createMemoryStore(), count: async () => undefined }))

/** A collector whose numbers are these. */
function collectorOver(numbers: Partial<Numbers>) {
  const store = createMemoryStore()
  return collectorWith({
    store: { ...store, of: site => ({ ...store.of(site), numbers: numbers as Numbers }) },
  })
}

const long = 'x'.repeat(10_000)
const steps = 'step=event:a&step=page:b'

/** The questions, each after a short name. */
const named = <T extends readonly string[]>(all: readonly T[]) =>
  all.map(one => [(one[0] as string).slice(0, 60), ...one] as const)

describe('a bad question about numbers', () => {
  it.each(
    named([
      ['days?since=yesterday', 'since'],
      ['days?since=NaN', 'since'],
      ['days?since=-1', 'since'],
      ['days?since=1e12', 'since'],
      ['days?since=1.5', 'since'],
      ['days?since=', 'since'],
      ['days?since=99999999999999999999', 'since'],
      ['days?since=9007199254740993', 'since'],
      ['days?since=2026-02-30', 'since'],
      ['days?since=+010000-01-01', 'since'],
      ['days?since=275760-09-13', 'since'],
      [`days?since=${long}`, 'since'],
      ['days?since=0', 'since'],
      ['days?since=2025-11-25', 'since'],
      ['days?since=2025-11-24&until=2025-11-23', 'since'],
      ['days?since=2015-01-01', 'since'],
      ['days?until=0', 'since'],
      ['days?until=tomorrow', 'until'],
      ['days?until=Infinity', 'until'],
      ['days?until=9007199254740992', 'until'],
      ['days?automated=yes', 'automated'],
      ['days?since=2025-11-01&since=2025-11-02', 'since'],
      ['days?automated=only&automated=only', 'automated'],
      ['durations?since=x', 'since'],
      ['ranking?of=users', 'of'],
      ['ranking?of=__proto__', 'of'],
      ['ranking?by=size', 'by'],
      ['ranking?of=events&by=activeMs', 'by'],
      ['ranking?limit=0', 'limit'],
      ['ranking?limit=1001', 'limit'],
      ['ranking?limit=ten', 'limit'],
      ['ranking?of=pages&of=events', 'of'],
      ['properties', 'eventName'],
      ['properties?eventName=', 'eventName'],
      ['properties?eventName=%00', 'eventName'],
      [`properties?eventName=${long}`, 'eventName'],
      ['values?property=p', 'eventName'],
      ['values?eventName=e', 'property'],
      ['values?eventName=e&property=', 'property'],
      ['values?eventName=e&property=a%00b', 'property'],
      [`values?eventName=e&property=${long}`, 'property'],
      ['values?eventName=e&property=a&property=b', 'property'],
      ['funnel', 'step'],
      ['funnel?step=event:a', 'step'],
      [`funnel?${steps}&${steps}&${steps}`, 'step'],
      ['funnel?step=event:a&step=b', 'step'],
      ['funnel?step=event:a&step=', 'step'],
      ['funnel?step=event:a&step=event:', 'step'],
      ['funnel?step=event:a&step=page:%23top', 'step'],
      ['funnel?step=event:a&step=visit:b', 'step'],
      ['funnel?step=event:a&step=EVENT:b', 'step'],
      ['funnel?step=event:a&step=event:%00', 'step'],
      [`funnel?step=event:a&step=event:${long}`, 'step'],
      [`funnel?step=event:a&step=page:${long}`, 'step'],
      ['sessions?identityId=', 'identityId'],
      ['sessions?identityId=%00', 'identityId'],
      [`sessions?identityId=${long}`, 'identityId'],
      ['sessions?minDuration=-1', 'minDuration'],
      ['sessions?minDuration=NaN', 'minDuration'],
      ['sessions?maxDuration=1e999', 'maxDuration'],
      ['sessions?open=maybe', 'open'],
      ['sessions?complete=1', 'complete'],
      ['sessions?endReason=', 'endReason'],
      [`sessions?endReason=${long}`, 'endReason'],
      ['sessions?url=', 'url'],
      ['sessions?url=%3Fq', 'url'],
      [`sessions?url=${long}`, 'url'],
      ['sessions?eventName=%00', 'eventName'],
      ['sessions?sort=visitID', 'sort'],
      ['sessions?sort=constructor', 'sort'],
      ['sessions?order=up', 'order'],
      ['sessions?since=never', 'since'],
      ['sessions?until=x', 'until'],
      ['sessions?age=x', 'age'],
      ['sessions?page_size=0', 'page_size'],
      ['sessions?page_size=1001', 'page_size'],
      ['sessions?paging_next=', 'paging_next'],
      ['sessions?paging_next=x', 'paging_next'],
      [`sessions?paging_next=${long}`, 'paging_next'],
      [`sessions?paging_next=${cursor('start', 1, 'a')}`, 'paging_next'],
      [`sessions?paging_next=${cursor('start', '1', 'a', 'b')}`, 'paging_next'],
      [`sessions?paging_next=${cursor('start', 1e300, 'a', 'b')}`, 'paging_next'],
      [`sessions?paging_next=${cursor('start', 1, 'a\0', 'b')}`, 'paging_next'],
      [`sessions?paging_next=${cursor('pages', 1, 'a', 'b')}`, 'paging_next'],
      [`sessions?sort=pages&paging_next=${cursor('start', 1, 'a', 'b')}`, 'paging_next'],
      ['sessions?sort=start&sort=pages', 'sort'],
    ]),
  )('is answered 400 by name: %s', async (_, path, name) => {
    const { get, errors } = collectorWith()
    for (const base of ['/v1', '/v1/sites/default']) {
      const response = await get(`${base}/numbers/${path}`)
      const { error, message } = (await response.json()) as { error: string; message: string }
      expect([response.status, error]).toEqual([400, `${name}-invalid`])
      expect(message.length).toBeLessThan(200)
    }
    expect(errors).toEqual([])
  })

  it.each(
    [
      'days?since=2025-11-24',
      'days?until=9007199254740991',
      'days?until=9999-12-31',
      'days?until=1',
      'sessions?since=9007199254740991',
      'sessions?since=2025-11-24&until=2025-11-23',
      'sessions?minDuration=9007199254740991&maxDuration=0',
      'sessions?age=9007199254740991',
      'sessions?unknown=1&unknown=2',
      'ranking?limit=1000',
      `funnel?${steps}&${steps}&step=event:%F0%9F%9B%92`,
      `values?eventName=__proto__&property=${'x'.repeat(8192)}`,
    ].map(path => [path.slice(0, 60), path]),
  )('is none if it only finds nothing: %s', async (_, path) => {
    const { get } = collectorWith()
    expect((await get(`/v1/numbers/${path}`)).status).toBe(200)
  })
})

function cursor(...values: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify(values)).toString('base64url')
}

describe('the numbers', () => {
  it('have a period of whole days that contains what was asked for, and that can be asked for again', async () => {
    const day = 86_400_000
    const { json } = collectorWith()
    await fc.assert(
      fc.asyncProperty(fc.nat(4e12), fc.integer({ min: 1, max: 300 * day }), async (since, length) => {
        const said = await json(`/v1/numbers/days?since=${since}&until=${since + length}`)
        expect([said.since % day, said.until % day]).toEqual([0, 0])
        expect(said.since <= since && said.until >= since + length).toBe(true)
        expect(said.until - said.since).toBeLessThan(length + 2 * day)
        expect(said.days.length).toBe((said.until - said.since) / day)
        expect(await json(`/v1/numbers/days?since=${said.since}&until=${said.until}`)).toEqual(said)
      }),
      { numRuns: 50 },
    )
  })

  it('hide no session, whatever its id is', async () => {
    const { send, json } = collectorWith()
    for (const id of ['list', 'numbers', 'days', 'sessions']) {
      await send(wireBatch([wireEvent(`of-${id}`)], { sessionID: id, visitID: id }, { visitID: id }))
      expect(await json(`/v1/sessions/${id}`)).toMatchObject({ sessionID: id })
      expect(await json(`/v1/visits/${id}`)).toMatchObject({ visitID: id })
    }
  })

  it('say how far they are behind', async () => {
    const behind = { visits: 7, since: noon - 1 }
    const { json } = collectorOver({ days: async () => [], behind: async () => behind })
    expect((await json('/v1/numbers/days')).behind).toEqual(behind)
  })

  it('are 503 if the store fails', async () => {
    const cause = new Error('the disk is gone')
    const { get } = collectorOver({ days: () => Promise.reject(cause), behind: () => Promise.reject(cause) })
    const response = await get('/v1/numbers/days')
    expect([response.status, ((await response.json()) as any).error]).toEqual([503, 'store-failed'])
  })
})

describe('a reply with numbers', () => {
  const wide = '\u0001'.repeat(8192)

  it('is bounded, whatever a stranger has stored', async () => {
    const rows = Array.from({ length: 1500 }, (_, n) => ({ key: `${n}${wide}`, count: 1, activeMs: 0 }))
    const ranking = { rows, count: 1500, activeMs: 0, keys: 1500 }
    const { get } = collectorOver({
      ranking: async () => ranking,
      values: async () => ranking,
      properties: async () => rows,
    })
    for (const path of ['ranking', 'values?eventName=e&property=p', 'properties?eventName=e']) {
      const text = await (await get(`/v1/numbers/${path}`)).text()
      expect(text.length).toBeLessThan(maxReplyBytes + 1000)
      expect(JSON.parse(text).items.length).toBeGreaterThan(100)
    }
  })

  it('ends a page of sessions before it gets too large, and the next page begins with the next session', async () => {
    const all = Array.from({ length: 400 }, (_, n): ListedSession => {
      const times = { startDate: n, endDate: n, lastActivity: n, duration: n, idleAt: n }
      const counts = { pages: n, events: n, complete: true, automated: false }
      return {
        sessionID: `s${n}`,
        visitID: `v${n}`,
        identityId: 'i',
        endReason: '',
        ...times,
        ...counts,
        entry: wide,
        exit: '',
      }
    })
    const { json } = collectorOver({
      async sessions({ after, limit, order }) {
        const from = after ? all.findIndex(one => one.sessionID === after[1]) + 1 : 0
        if (after)
          expect(after).toEqual([order === 'start' ? from - 1 : all[from - 1]?.[order], `s${from - 1}`, `v${from - 1}`])
        const items = all.slice(from, from + limit)
        const last = items.at(-1)
        return {
          items,
          next: last && from + limit < all.length ? [last.startDate, last.sessionID, last.visitID] : null,
        }
      },
    })
    for (const sort of ['start', 'duration', 'lastActivity', 'pages', 'events']) {
      const ids: string[] = []
      let parts = 0
      for (let next: string | null = ''; next !== null; parts++) {
        const part: any = await json(`/v1/numbers/sessions?sort=${sort}&page_size=300${next && `&paging_next=${next}`}`)
        expect(JSON.stringify(part).length).toBeLessThan(maxReplyBytes + 1000)
        ids.push(...part.items.map((one: any) => one.sessionID))
        next = part.next
      }
      expect(ids).toEqual(all.map(one => one.sessionID))
      expect(parts).toBeGreaterThan(2)
    }
  })

  it('says of a session what the session itself says', async () => {
    let now = noon
    const { send, json } = collectorWith({ now: () => now })
    await send(visitBatch('open', { startDate: noon, who: 'ada', events: [['Search']] }))
    await send(
      visitBatch('ended', { startDate: noon - 1000, who: 'ada', events: [['SessionEnded', { reason: 'limit' }]] }),
    )
    await send(visitBatch('unknown', { startDate: noon - 2000, who: 'ada', events: [['SessionEnded']] }))
    const seen: string[][] = []
    for (const time of [noon, noon + 1_800_999, noon + 1_801_000, noon + 1e10]) {
      now = time
      const { items } = await json('/v1/numbers/sessions')
      expect(items).toHaveLength(3)
      for (const { sessionID, endDate, endReason, lastActivity, open } of items) {
        expect(await json(`/v1/sessions/${sessionID}`)).toMatchObject({ endDate, endReason, lastActivity })
        expect(open).toBe(endDate === 0)
      }
      seen.push(items.map((one: any) => one.endReason ?? 'open'))
      for (const { sessionID, endReason } of items) {
        if (endReason === null) continue
        const { items: some } = await json(`/v1/numbers/sessions?endReason=${endReason}`)
        expect(some.map((one: any) => one.sessionID)).toEqual([sessionID])
      }
    }
    expect(seen).toEqual([
      ['open', 'limit', 'unknown'],
      ['open', 'limit', 'unknown'],
      ['abandoned', 'limit', 'unknown'],
      ['abandoned', 'limit', 'unknown'],
    ])
  })
})
