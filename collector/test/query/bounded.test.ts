import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { maxIncluded, maxReplyBytes, maxSessionsLooked } from '../../src/limits.js'
import { createMemoryStore } from '../../src/store/memory.js'
import { wireBatch, wireEvent } from '../helpers/batches.js'
import { collectorWith, databasePath, noon, sqliteStore } from '../helpers/collector.js'
import { spawnWith } from '../helpers/command.js'
import { isLong } from '../helpers/long.js'

/** What a stranger with the write key can make of two identities: sixty thousand events, and events of 100 KB. */
function fillHostile(path: string): void {
  const db = new Database(path)
  const numbers = (count: number): string =>
    `WITH RECURSIVE up(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM up WHERE n < ${count})`
  // Text of arrays takes twenty times its size when it is parsed.
  const arrays = (count: number): string => `'[' || replace(printf('%.*c', ${count}, 'x'), 'x', '[],') || '1]'`
  const event = `${noon}, 'w', n, 'Search', '', '/', NULL`
  db.exec(`
    ${numbers(60)} INSERT INTO visits
      SELECT 'default', 'v' || n, ${noon} + n, 0, ${noon}, 'g', 'de', 'a', NULL, 0, ${noon}, 0, ${noon}, 0, ${noon}, NULL FROM up;
    ${numbers(60)} INSERT INTO sessions
      SELECT 'default', 'v' || n, 's' || n, ${noon} + n, ${noon}, iif(n < 60, 'many', 'large'), NULL, ${noon}, 0, ${noon},
        ${noon} + 1000000, 0, ${noon}, 0, '', NULL FROM up;
    INSERT INTO identities VALUES
      ('default', 'many', ${noon}, ${noon}, 's1', NULL), ('default', 'large', ${noon}, ${noon}, 's60', NULL);
    ${numbers(60_000)} INSERT INTO events
      SELECT 'default', 'v' || (n % 59 + 1), 'e' || n, ${event}, 's' || (n % 59 + 1), ${arrays(100)}, 1, 'BUSINESS', ${noon} + n FROM up;
    ${numbers(200)} INSERT INTO events
      SELECT 'default', 'v60', 'l' || n, ${event}, 's60', ${arrays(33_000)}, 1, 'BUSINESS', ${noon} + n FROM up;`)
  db.close()
}

describe('a reply to a read', () => {
  it('ends after five seconds with a cursor, and whoever follows the cursors reads every item once', async () => {
    let at = noon
    // Each look at the clock takes a second.
    const { send, json } = collectorWith({ now: () => (at += 1000) })
    const batches = Array.from({ length: 30 }, (_, n) =>
      wireBatch([wireEvent(`event-${n}`)], { sessionID: `session-${n}`, identityId: `user-${n}`, startDate: noon + n }),
    )
    for (const one of batches) expect((await send({ ...batches[0], sessions: one.sessions })).status).toBe(200)
    const visit = '/v1/visits/visit-1'
    for (const path of ['/v1/identities?', `${visit}/sessions?`, '/v1/sessions?order=asc&']) {
      const found: string[] = []
      let pages = 0
      for (let next: string | null = ''; next !== null; pages++) {
        const list: any = await json(`${path}${next && `paging_next=${next}`}`)
        expect(list.items.length).toBeGreaterThan(0)
        found.push(...list.items.map((one: any) => one.sessionID ?? one.identityId))
        next = list.next
      }
      expect([path, new Set(found).size, found.length, pages > 1]).toEqual([path, 30, 30, true])
    }
    const { sessionIds, sessionsNext } = await json(`${visit}?include_sessions=true`)
    expect([sessionIds.length < 30, typeof sessionsNext]).toEqual([true, 'string'])
  })

  it('is bounded, so that what a stranger has filled is read in little memory while others write', async () => {
    const path = databasePath()
    await (await sqliteStore(path)).close()
    fillHostile(path)
    const child = spawnWith(['--db', path, '--port', '0'], { NODE_OPTIONS: '--max-old-space-size=160' })
    const url = await child.listens
    const all = 'include_events=true&include_events_detail=true&include_sessions=true&include_visits=true'
    const reading = ['many', 'large'].flatMap(id => [
      `/v1/identities/${id}?${all}`,
      `/v1/identities/${id}/events`,
      `/v1/identities/${id}/sessions?include_events=true&include_events_detail=true`,
      `/backend/data/identities/${id}?${all}`,
    ])
    // The first two of `many`, and the last two of `large`.
    const paths = isLong ? reading : reading.filter((_, n) => n % 8 < 2 || n % 8 > 5)
    let isRead = false
    const reads = Promise.all(paths.map(async one => fetch(url + one))).finally(() => {
      isRead = true
    })
    const body = JSON.stringify(wireBatch([wireEvent('innocent')]))
    expect((await fetch(`${url}/v1/sessions?key=k`, { method: 'POST', body })).status).toBe(200)
    expect(isRead).toBe(false)
    for (const reply of await reads) {
      const text = await reply.text()
      expect([reply.status, text.length < maxReplyBytes + 300_000]).toEqual([200, true])
      const { items, next, events, eventsNext } = JSON.parse(text)
      expect((items ?? events).length).toBeGreaterThan(0)
      expect(typeof (next ?? eventsNext ?? items.at(-1).eventsNext)).toBe('string')
    }
  })

  // Fewer readers end no process without the bound, whose turns `web/read-room.test.ts` shows.
  it.runIf(isLong)('is bounded together with all others, so that fifty at once end no process', async () => {
    const path = databasePath()
    await (await sqliteStore(path)).close()
    fillHostile(path)
    const child = spawnWith(['--db', path, '--port', '0'], { NODE_OPTIONS: '--max-old-space-size=160' })
    const url = await child.listens
    const paths = ['many', 'large'].map(id => `/v1/identities/${id}?include_events=true&include_events_detail=true`)
    // With half as many, a collector that makes all of them at a time does not end.
    const statuses = Array.from({ length: 50 }, async (_, n) => {
      const reply = await fetch(url + paths[n % 2])
      return [reply.status, (await reply.text()).startsWith('{"v":1,"versions":[1],"error":"busy"')]
    })
    // Who waits too long is told so.
    for (const one of await Promise.all(statuses)) expect(one).toEqual(one[1] ? [503, true] : [200, false])
    expect((await fetch(`${url}/healthz`)).status).toBe(200)
  })

  it('continues where an included list ended, in both formats', async () => {
    const { send, json, get } = collectorWith()
    const ids = Array.from({ length: maxIncluded + 5 }, (_, n) => `e${String(n).padStart(4, '0')}`)
    for (const some of [ids.slice(0, 900), ids.slice(900)])
      await send(wireBatch(some.map(id => wireEvent(id, { seq: Number(id.slice(1)) }))))
    for (const path of ['/sessions/session-1', '/visits/visit-1', '/identities/user-42']) {
      const own = await json(`/v1${path}?include_events=true`)
      const rest = await json(`/v1${path}/events?paging_next=${own.eventsNext}`)
      expect([...own.eventIds, ...rest.items.map((one: any) => one.eventID)]).toEqual(ids)
      expect(rest.next).toBe(null)
      const reply = await get(`/backend/data${path}?include_events=true&include_events_detail=true`)
      expect(reply.headers.get('Paging-Next')).toBe(`events=${own.eventsNext}`)
      expect(await reply.json()).toMatchObject({ eventIds: own.eventIds, eventsNext: own.eventsNext })
    }
    expect(await json('/v1/sessions/session-1?include_pages=true')).not.toHaveProperty('pagesNext')
  })

  it('of the events of an identity looks at five thousand at a time, however few of them the filter matches', async () => {
    const { send, json } = collectorWith()
    for (let visit = 0; visit < 6; visit++) {
      const events = Array.from({ length: 1000 }, (_, n) =>
        wireEvent(`e${visit}-${n}`, {
          timestamp: noon + n * 6 + visit,
          eventName: n % 250 === 240 ? 'Rare' : 'Search',
        }),
      )
      const of = { visitID: `visit-${visit}`, sessionID: `session-${visit}` }
      await send(wireBatch(events, of, of))
    }
    const path = '/v1/identities/user-42/events?eventName=Rare'
    const first = await json(path)
    const second = await json(`${path}&paging_next=${first.next}`)
    expect([first.items.length, second.items.length, second.next]).toEqual([18, 6, null])
    const all = [...first.items, ...second.items]
    const times: number[] = all.map((one: any) => one.timestamp)
    expect(times).toEqual(times.toSorted((a, b) => a - b))
    expect(new Set(all.map((one: any) => one.eventID)).size).toBe(24)
    const { eventIds, eventsNext } = await json('/v1/identities/user-42?include_events=true')
    expect([eventIds.length, typeof eventsNext]).toEqual([1000, 'string'])
  })

  it('of a session or page, or with a filter, looks at five thousand of the visit at a time, and gives each once', async () => {
    for (const store of [createMemoryStore(), await sqliteStore()]) {
      const { send, json } = collectorWith({ store })
      const page = (pageID: string, sessionID: string | null, startDate: number) => {
        return { pageID, sessionID, url: `/${pageID}`, title: sessionID ?? 'none', startDate }
      }
      // The last events of the visit are those of the second session. Its first one is older than all others.
      for (let n = 0; n < 7; n++) {
        const events = Array.from({ length: 900 }, (_, m) =>
          wireEvent(`e${n}-${m}`, { timestamp: noon + n * 900 + m, pageID: 'page-1' }),
        )
        expect((await send(wireBatch(events, { pages: [page('page-1', 'session-1', noon)] }))).status).toBe(200)
        const pages = Array.from({ length: 900 }, (_, m) => page(`p${n}-${m}`, 'session-1', noon + n * 900 + m))
        expect((await send(wireBatch([], { pages }))).status).toBe(200)
      }
      const late = [0, 1, 2].map(n =>
        wireEvent(`late-${n}`, { timestamp: n ? noon + 7000 + n : noon - 5000, pageID: `q${n}`, eventName: 'Rare' }),
      )
      const pages = [0, 1, 2].map(n => page(`q${n}`, n ? 'session-2' : null, noon + 8000 + n))
      const on = wireEvent('on', { timestamp: noon + 7003, pageID: 'p3-5' })
      await send(wireBatch([...late, on], { sessionID: 'session-2', identityId: 'jo', pages }))
      const lateIDs = ['late-0', 'late-1', 'late-2']
      for (const [path, ids, parts] of [
        ['/sessions/session-2/events', [...lateIDs, 'on'], 2],
        ['/sessions/session-2/events?eventName=Rare', lateIDs, 2],
        ['/sessions/session-1/events?eventName=Rare', [], 2],
        ['/pages/q2/events', ['late-2'], 2],
        ['/visits/visit-1/events?eventName=Rare', lateIDs, 2],
        ['/visits/visit-1/events?url=/q1', ['late-1'], 2],
        ['/visits/visit-1/pages?title=session-2', ['q1', 'q2'], 2],
        ['/sessions/session-2/pages', ['p3-5', 'q0', 'q1', 'q2'], 2],
        ['/identities/jo/pages', ['p3-5', 'q0', 'q1', 'q2'], 2],
        ['/identities/jo/events', [...lateIDs, 'on'], 2],
      ] as const) {
        const found: string[] = []
        let replies = 0
        for (let next: string | null = ''; next !== null; replies++) {
          const list: any = await json(`/v1${path}${next && `${path.includes('?') ? '&' : '?'}paging_next=${next}`}`)
          found.push(...list.items.map((one: any) => one.eventID ?? one.pageID))
          next = list.next
        }
        expect([path, found, replies]).toEqual([path, ids, parts])
      }
      const { eventIds, eventsNext } = await json('/v1/sessions/session-2?include_events=true')
      expect([eventIds, typeof eventsNext]).toEqual([['late-0'], 'string'])
      // After the last event of a session, nothing is looked at.
      const early = wireBatch([wireEvent('early', { timestamp: noon + 3 })], {
        sessionID: 'session-3',
        identityId: 'jo',
      })
      await send(early)
      expect(await json('/v1/sessions/session-3/events')).toMatchObject({ items: [{ eventID: 'early' }], next: null })
    }
  })

  it('of an identity looks at its newest sessions to find an open one, however many it has', async () => {
    const path = databasePath()
    const store = await sqliteStore(path)
    const sessions = maxSessionsLooked + 100
    const db = new Database(path)
    db.exec(`
      WITH RECURSIVE up(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM up WHERE n < ${sessions}) INSERT INTO sessions
        SELECT 'default', 'v' || n, 's' || n, ${noon} + n, ${noon}, 'many', NULL, ${noon}, 0, 1, 1, 0, ${noon}, 0, '', NULL FROM up;`)
    const open = (n: number): void => {
      db.exec(`UPDATE sessions SET lastActivity = iif(sessionID = 's${n}', ${noon}, 1)`)
    }
    const isSignedIn = (visitID?: string) => store.of('default').isSignedIn('many', noon, visitID)
    expect(await isSignedIn()).toBe(false)
    for (const n of [sessions, sessions - maxSessionsLooked + 1]) {
      open(n)
      expect([n, await isSignedIn(), await isSignedIn(`v${n}`), await isSignedIn('v1')]).toEqual([n, true, true, false])
    }
    open(1)
    expect([await isSignedIn(), await isSignedIn('v1')]).toEqual([false, true])
    db.close()
  })

  it('ends a page before the reply gets too large, and the next page begins with the next item', async () => {
    const { send, own } = await filledWith(90)
    expect(await send(wireBatch([wireEvent('z', { seq: 1000 })]))).toMatchObject({ status: 200 })
    const first = await own('/sessions/session-1/events')
    expect(JSON.stringify(first).length).toBeLessThan(maxReplyBytes + 1000)
    const second = await own(`/sessions/session-1/events?paging_next=${first.next}`)
    const ids = [...first.items, ...second.items].map(one => one.eventID)
    expect([new Set(ids).size, ids.length, ids.at(-1), second.next]).toEqual([91, 91, 'z', null])
    const both = await own('/sessions/session-1?include_events=true&include_events_detail=true')
    expect(both.events).toEqual(first.items)
    expect(both.eventIds).toEqual(first.items.map((one: any) => one.eventID))
  })

  it('finds the open session of a visit, and its identities, however many sessions it has', async () => {
    const { send, json } = collectorWith()
    const sessions = Array.from({ length: 1200 }, (_, n) => ({
      sessionID: `s${String(n).padStart(4, '0')}`,
      identityId: `i${n}`,
      visitID: 'visit-1',
      startDate: noon - 5000 + n,
      events: n === 700 ? [] : [wireEvent(`end ${n}`, { eventName: 'SignOut', timestamp: noon - 3000 + n })],
    }))
    // A batch of many short sessions would be too heavy.
    for (let from = 0; from < sessions.length; from += 10)
      expect((await send({ ...wireBatch([]), sessions: sessions.slice(from, from + 10) })).status).toBe(200)
    expect(await json('/v1/visits/visit-1')).toMatchObject({ activeSessionID: 's0700' })
    const signedIn = await json('/v1/visits/visit-1/identities?association=Authenticated')
    expect(signedIn.items.map((one: any) => one.identityId)).toEqual(['i700'])
    const first = await json('/v1/visits/visit-1/identities?association=Recognized')
    const second = await json(`/v1/visits/visit-1/identities?association=Recognized&paging_next=${first.next}`)
    expect([first.items.length, second.items.length, second.next]).toEqual([1000, 199, null])
  })
})

/** A collector with so many events of 100 KB. */
async function filledWith(count: number) {
  const { send, json } = collectorWith()
  const data = { text: 'x'.repeat(100_000) }
  for (let n = 0; n < count; n += 4)
    await send(
      wireBatch(
        [0, 1, 2, 3].filter(one => n + one < count).map(one => wireEvent(`e${n + one}`, { seq: n + one, data })),
      ),
    )
  return { send, own: (path: string) => json(`/v1${path}`) }
}
