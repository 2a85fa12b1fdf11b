import { limits } from 'sojourn/record'
import { describe, expect, it } from 'vitest'
import { golden, wireBatch, wireEvent } from './helpers/batches.js'
import { bodyOf, collectorWith, noon } from './helpers/collector.js'

const seedSession =
  '{"eventIds":null,"events":null,"pageIds":null,"pages":null,"sessionId":"461d54d0-3fa4-11e2-aee5-00505625a04f","startDate":1354798555805,"endDate":1354798556259,"duration":0,"identityId":"user@genesyslab.com"}'

const shop = 'SessionOfAnIdentity-01'

/** Makes a collector that has stored the golden batches with these names. */
async function collectorOf(...names: string[]) {
  const collector = collectorWith()
  for (const name of names) await collector.send(golden(name).batch)
  return {
    ...collector,
    gwe: (path: string) => collector.json(`/backend/data${path}`),
    own: (path: string) => collector.json(`/v1${path}`),
    statusOf: async (path: string) => (await collector.get(`/backend/data${path}`)).status,
    errorOf: async (path: string) => {
      const response = await collector.get(`/backend/data${path}`)
      return [response.status, (await bodyOf(response)).error]
    },
  }
}

describe('a session', () => {
  it('of the seed example is equal to the 208 bytes of the seed', async () => {
    const { get } = await collectorOf('seed-example')
    const response = await get('/backend/data/sessions/461d54d0-3fa4-11e2-aee5-00505625a04f')
    const text = await response.text()
    expect(text).toBe(seedSession)
    expect(Buffer.byteLength(text)).toBe(208)
    expect(response.headers.get('Content-Type')).toBe('application/json; charset=UTF-8')
  })

  it('contains the ids of its events and pages if included, and the items with the detail', async () => {
    const { gwe } = await collectorOf('browse-then-sign-in')
    const ids = await gwe(`/sessions/${shop}?include_events=true&include_pages=true&include_events_detail=false`)
    const writer = '4pRt6VbN2mQw8XcYd1eGh'
    expect(ids.eventIds).toEqual(['00003', '00005', '00004', '00006', '00007', '00008'].map(id => writer + id))
    expect(ids.pageIds).toEqual(['PageOfAVisit-00000002'])
    expect([ids.events, ids.pages]).toEqual([null, null])
    const detail = await gwe(
      `/sessions/${shop}?include_events=true&include_events_detail=true&include_pages=true&include_pages_detail=true`,
    )
    expect(detail.events).toEqual(await gwe(`/sessions/${shop}/events`))
    expect(detail.pages).toEqual(await gwe(`/sessions/${shop}/pages`))
    expect(detail).toMatchObject({ eventIds: ids.eventIds, pageIds: ids.pageIds })
  })

  it('has our names under /v1, and only what the request included', async () => {
    const { own } = await collectorOf('browse-then-sign-in')
    const session = {
      sessionID: shop,
      identityId: 'user-42',
      visitID: 'VisitOfABrowser-000001',
      startDate: 1763900004000,
      endDate: 1763900015950,
      duration: 11,
      lastActivity: 1763900015950,
    }
    expect(await own(`/sessions/${shop}`)).toEqual(session)
    const detail = await own(`/sessions/${shop}?include_pages=true&include_pages_detail=true&include_events=true`)
    expect(detail).toMatchObject({ ...session, pageIds: ['PageOfAVisit-00000002'] })
    expect(detail.pages).toEqual((await own(`/sessions/${shop}/pages`)).items)
    expect(detail.eventIds).toHaveLength(6)
    expect(detail).not.toHaveProperty('events')
  })

  it('without an end is open, and has its last activity', async () => {
    const { own } = await collectorOf('replaced-in-two-tabs')
    expect(await own('/sessions/SessionOfAnIdentity-03')).toMatchObject({
      endDate: 0,
      duration: 0,
      lastActivity: 1763900061000,
    })
  })

  it('that does not exist is 404, in both formats', async () => {
    const { get } = await collectorOf()
    for (const path of ['/backend/data/sessions/nobody', '/v1/sessions/nobody', '/v1/sessions', '/nowhere']) {
      const response = await get(path)
      expect(response.status).toBe(404)
      expect(await response.json()).toMatchObject({ v: 1, error: 'not-found' })
    }
  })
})

describe('the events of a session', () => {
  it('are complete and in order, and contain the browser data of their visit', async () => {
    const { gwe } = await collectorOf('browse-then-sign-in')
    const events = await gwe(`/sessions/${shop}/events`)
    const names = events.map((event: any) => event.eventName)
    expect(names.join()).toBe('SignIn,PageExited,PageEntered,AddToCart,UserInfo,SignOut')
    expect(JSON.stringify(events[3])).toBe(
      JSON.stringify({
        eventID: '4pRt6VbN2mQw8XcYd1eGh00006',
        eventType: 'BUSINESS',
        eventName: 'AddToCart',
        category: 'shop;cart',
        timestamp: 1763900009500,
        serverTimestamp: noon,
        url: 'https://shop.example/tools?page=2',
        pageID: 'PageOfAVisit-00000002',
        visitID: 'VisitOfABrowser-000001',
        globalVisitID: 'BrowserOverVisits-0001',
        languageCode: 'de',
        data: { sku: 'hammer-16oz', price: 19.9, tags: ['new', 'größer'], gift: null },
      }),
    )
  })

  it('can be filtered by name, type, category, url and age', async () => {
    const { gwe, statusOf } = await collectorOf('browse-then-sign-in')
    const names = async (query: string) =>
      (await gwe(`/sessions/${shop}/events?${query}`)).map((event: any) => event.eventName).join()
    expect(await names('eventName=SignIn')).toBe('SignIn')
    expect(await names('eventType=BUSINESS')).toBe('AddToCart')
    expect(await names('eventType=SYSTEM')).toBe('SignIn,PageExited,PageEntered,UserInfo,SignOut')
    expect(await names('category=cart')).toBe('AddToCart')
    expect(await names('category=shop')).toBe('AddToCart')
    expect(await names('category=all%20categories&eventType=BUSINESS')).toBe('AddToCart')
    expect(await names('url=https%3A%2F%2Fshop.example%2Fsign-in')).toBe('SignIn,PageExited')
    const age = (noon - 1763900009600) / 1000
    expect(await names(`age=${Math.floor(age)}`)).toBe('SignOut')
    expect(await statusOf(`/sessions/${shop}/events?age=1`)).toBe(204)
    expect(await statusOf(`/sessions/${shop}/events?category=sho`)).toBe(204)
    expect(await statusOf(`/sessions/nobody/events`)).toBe(404)
  })

  it('are paged without gaps or repetitions, although times are equal and more events arrive', async () => {
    const { gwe, own, get, send } = await collectorOf()
    const events = Array.from({ length: 25 }, (_, n) =>
      wireEvent(`e${String(n).padStart(2, '0')}`, { seq: n, timestamp: noon + (n >> 3), writer: `w${n % 3}` }),
    )
    await send(wireBatch(events))
    const all = (await gwe('/sessions/session-1/events')).map((event: any) => event.eventID)
    expect(all).toHaveLength(25)
    const paged: string[] = []
    for (let next: string | null = ''; next !== null; ) {
      const response: Response = await get(
        `/backend/data/sessions/session-1/events?page_size=7${next && `&paging_next=${next}`}`,
      )
      paged.push(...(await bodyOf(response)).map((event: any) => event.eventID))
      next = response.headers.get('Paging-Next')
      await send(wireBatch([wireEvent(`before ${paged.length}`, { timestamp: noon - 1 })]))
    }
    expect(paged).toEqual(all)
    const first = await own('/sessions/session-1/events?page_size=25&eventName=Search')
    const second = await own(`/sessions/session-1/events?page_size=25&paging_next=${first.next}`)
    expect([first.items.length, second.items.length, second.next]).toEqual([25, 4, null])
  })

  it('are an empty list under /v1 and 204 in the GWE format if none match', async () => {
    const { get, own, send } = await collectorOf()
    await send(wireBatch([]))
    const response = await get('/backend/data/sessions/session-1/events')
    expect([response.status, await response.text()]).toEqual([204, ''])
    expect(await own('/sessions/session-1/events')).toEqual({ items: [], next: null })
  })

  it('have our names under /v1', async () => {
    const { own } = await collectorOf('another-library')
    expect(await own('/sessions/session-of-a-script/events')).toEqual({
      items: [
        {
          eventID: 'event-of-a-script',
          eventType: 'SYSTEM',
          eventName: 'SignIn',
          category: '',
          timestamp: 1763900000000,
          serverTimestamp: noon,
          url: 'https://shop.example/',
          data: null,
          writer: 'a-script',
          seq: 1,
          sessionID: 'session-of-a-script',
          visitID: 'visit-of-a-script',
          pageID: null,
          globalVisitID: '',
          languageCode: '',
        },
      ],
      next: null,
    })
  })
})

describe('the pages of a session', () => {
  it('are those that were entered in it, and can be filtered by url, title, category and age', async () => {
    const { gwe, statusOf } = await collectorOf('browse-then-sign-in')
    const page = {
      eventIds: null,
      events: null,
      pageId: 'PageOfAVisit-00000002',
      url: 'https://shop.example/tools?page=2',
      title: 'Werkzeug für Zuhause',
      referrer: '',
      category: 'shop;tools',
      startDate: 1763900005000,
      endDate: 0,
      duration: 0,
      visitId: 'VisitOfABrowser-000001',
      sessionId: shop,
      identityId: 'user-42',
    }
    for (const query of [
      '',
      '?category=tools',
      `?title=${encodeURIComponent(page.title)}`,
      `?url=${encodeURIComponent(page.url)}`,
    ])
      expect(await gwe(`/sessions/${shop}/pages${query}`)).toEqual([page])
    for (const query of ['?category=tool', '?title=x', '?url=https://shop.example/', '?age=60'])
      expect(await statusOf(`/sessions/${shop}/pages${query}`)).toBe(204)
    const [detailed] = await gwe(`/sessions/${shop}/pages?include_events=true&include_events_detail=true`)
    expect(detailed.events.map((event: any) => event.eventName)).toEqual([
      'PageEntered',
      'AddToCart',
      'UserInfo',
      'SignOut',
    ])
    expect(detailed.eventIds).toEqual(detailed.events.map((event: any) => event.eventID))
  })

  it('have an end and a duration after they are left', async () => {
    const { own, send } = await collectorOf()
    const pages = [{ pageID: 'page-1', url: 'https://shop.example/' }]
    await send(
      wireBatch([wireEvent('a', { eventName: 'PageExited', pageID: 'page-1', timestamp: noon + 2999 })], { pages }),
    )
    expect((await own('/sessions/session-1/pages')).items).toMatchObject([
      { startDate: noon, endDate: noon + 2999, duration: 2 },
    ])
  })
})

describe('the sessions of a visit', () => {
  it('are those of every identity, or of one', async () => {
    const { gwe, own, statusOf } = await collectorOf('replaced-in-two-tabs')
    const path = '/visits/VisitOfABrowser-000002/sessions'
    expect((await gwe(path)).map((session: any) => [session.sessionId, session.duration])).toEqual([
      ['SessionOfAnIdentity-02', 60],
      ['SessionOfAnIdentity-03', 0],
    ])
    expect(await gwe(`${path}?identityId=jo%40shop.example`)).toHaveLength(1)
    expect(await statusOf(`${path}?identityId=nobody`)).toBe(204)
    expect(await statusOf(`${path}?age=10`)).toBe(204)
    expect(await statusOf('/visits/nobody/sessions')).toBe(404)
    const [session] = await gwe(`${path}?include_events=true&include_pages=true&page_size=1`)
    expect([session.eventIds.length, session.pageIds, session.events]).toEqual([2, [], null])
    const first = await own(`${path}?page_size=1`)
    const second = await own(`${path}?page_size=1&paging_next=${first.next}`)
    expect([...first.items, ...second.items].map((one: any) => one.sessionID)).toEqual([
      'SessionOfAnIdentity-02',
      'SessionOfAnIdentity-03',
    ])
    expect(second.next).toBe(null)
  })
})

describe('the visits of an identity', () => {
  it('are those in which it was signed in, and can be filtered by browser and user agent', async () => {
    const { gwe, statusOf } = await collectorOf('browse-then-sign-in', 'replaced-in-two-tabs', 'another-library')
    const visits = await gwe('/identities/user-42/visits')
    const ids = visits.map((visit: any) => visit.visitId)
    expect(ids).toEqual(['VisitOfABrowser-000001', 'VisitOfABrowser-000002', 'visit-of-a-script'])
    expect(visits[0]).toEqual({
      eventIds: null,
      events: null,
      pageIds: null,
      pages: null,
      sessionIds: null,
      sessions: null,
      visitId: 'VisitOfABrowser-000001',
      startDate: 1763900000000,
      endDate: 1763900015950,
      activeSessionId: null,
      globalVisitID: 'BrowserOverVisits-0001',
      userAgentID: 'Mozilla/5.0 (X11; Linux x86_64)',
    })
    expect(await gwe('/identities/user-42/visits?globalVisitID=BrowserOverVisits-0001')).toHaveLength(2)
    expect(await gwe('/identities/user-42/visits?userAgent=Mozilla%2F5.0%20(X11%3B%20Linux%20x86_64)')).toHaveLength(2)
    expect(await statusOf('/identities/user-42/visits?globalVisitID=other')).toBe(204)
    expect(await statusOf('/identities/user-42/visits?age=60')).toBe(204)
    expect(await statusOf('/identities/nobody/visits')).toBe(404)
  })

  it('contain events, pages and sessions if the request includes them', async () => {
    const { gwe, own } = await collectorOf('browse-then-sign-in')
    const all = ['events', 'pages', 'sessions']
      .map(name => `include_${name}=true&include_${name}_detail=true`)
      .join('&')
    const [visit] = await gwe(`/identities/user-42/visits?${all}`)
    expect(visit.events).toHaveLength(8)
    expect(visit.pages.map((page: any) => [page.pageId, page.sessionId])).toEqual([
      ['PageOfAVisit-00000001', null],
      ['PageOfAVisit-00000002', shop],
    ])
    expect(visit.sessions).toEqual([await gwe(`/sessions/${shop}`)])
    expect([visit.eventIds.length, visit.pageIds.length, visit.sessionIds]).toEqual([8, 2, [shop]])
    const { items } = await own(`/identities/user-42/visits?include_sessions=true`)
    expect(items).toEqual([
      {
        visitID: 'VisitOfABrowser-000001',
        globalVisitID: 'BrowserOverVisits-0001',
        startDate: 1763900000000,
        endDate: 1763900015950,
        lastActivity: 1763900015950,
        activeSessionID: null,
        languageCode: 'de',
        userAgent: 'Mozilla/5.0 (X11; Linux x86_64)',
        skew: noon - 1763900020000,
        sessionIds: [shop],
      },
    ])
  })

  it('are open until the idle limit, and then end at their last activity', async () => {
    const times = { now: noon }
    const { send, json } = collectorWith({ now: () => times.now })
    await send(wireBatch([wireEvent('a')]))
    const visit = async () => (await json('/v1/identities/user-42/visits')).items[0]
    times.now = noon + limits.idleLimitMs - 1
    expect(await visit()).toMatchObject({ endDate: 0, activeSessionID: 'session-1' })
    times.now++
    expect(await visit()).toMatchObject({ endDate: noon, activeSessionID: null })
    await send(wireBatch([wireEvent('b', { eventName: 'SignOut', timestamp: times.now })]))
    expect(await visit()).toMatchObject({ endDate: 0, activeSessionID: null })
  })

  it('are found under an identity that needs encoding', async () => {
    const { send, statusOf } = await collectorOf()
    for (const identityId of ['user@genesyslab.com', 'a/b', 'a?b#c', '100%', '%41', 'größer 🛒', 'a+b', '..']) {
      const [sessionID, visitID] = [`s ${identityId}`, `v ${identityId}`]
      await send(wireBatch([], { sessionID, identityId, visitID }, { visitID }))
      const path = `/identities/${encodeURIComponent(identityId).replaceAll('.', '%2E')}/visits`
      if (identityId !== '..') expect([identityId, await statusOf(path)]).toEqual([identityId, 200])
    }
  })
})

describe('a bad parameter', () => {
  for (const [path, code] of [
    [`/sessions/${shop}?include_events=yes`, 'include_events-invalid'],
    [`/sessions/${shop}?include_events_detail=true`, 'include_events_detail-invalid'],
    [`/sessions/${shop}?include_pages=false&include_pages_detail=true`, 'include_pages_detail-invalid'],
    [`/sessions/${shop}/events?age=-1`, 'age-invalid'],
    [`/sessions/${shop}/events?age=`, 'age-invalid'],
    [`/sessions/${shop}/events?eventType=system`, 'eventType-invalid'],
    [`/sessions/${shop}/events?page_size=0`, 'page_size-invalid'],
    [`/sessions/${shop}/events?page_size=1001`, 'page_size-invalid'],
    [`/sessions/${shop}/events?page_size=1e2`, 'page_size-invalid'],
    [`/sessions/${shop}/events?paging_next=hello`, 'paging_next-invalid'],
    [`/sessions/${shop}/events?paging_next=${cursor(1, 'id')}`, 'paging_next-invalid'],
    [`/sessions/${shop}/pages?paging_next=${cursor('1', 'id')}`, 'paging_next-invalid'],
    [`/sessions/${shop}/pages?paging_next=${cursor(1, null)}`, 'paging_next-invalid'],
    ['/identities/user-42/visits?include_sessions_detail=true', 'include_sessions_detail-invalid'],
  ])
    it(`is 400 with a code that names it: ${path}`, async () => {
      const { errorOf } = await collectorOf('browse-then-sign-in')
      expect(await errorOf(path as string)).toEqual([400, code])
    })
})

function cursor(...values: unknown[]): string {
  return Buffer.from(JSON.stringify(values)).toString('base64url')
}
