import { describe, expect, it } from 'vitest'
import { wireBatch, wireEvent } from '../helpers/batches.js'
import { bodyOf, noon } from '../helpers/collector.js'
import { collectorOf } from '../helpers/golden.js'

const seedSession =
  '{"eventIds":null,"events":null,"pageIds":null,"pages":null,"sessionId":"461d54d0-3fa4-11e2-aee5-00505625a04f","startDate":1354798555805,"endDate":1354798556259,"duration":0,"identityId":"user@genesyslab.com"}'

const shop = 'SessionOfAnIdentity-01'

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
    expect(ids.pageIds).toEqual(['PageOfAVisit-00000001', 'PageOfAVisit-00000002'])
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
      endReason: 'signed-out',
    }
    expect(await own(`/sessions/${shop}`)).toEqual(session)
    const detail = await own(`/sessions/${shop}?include_pages=true&include_pages_detail=true&include_events=true`)
    expect(detail).toMatchObject({ ...session, pageIds: ['PageOfAVisit-00000001', 'PageOfAVisit-00000002'] })
    expect(detail.pages).toEqual((await own(`/sessions/${shop}/pages`)).items)
    expect(detail.eventIds).toHaveLength(6)
    expect(detail).not.toHaveProperty('events')
  })

  it('without an end is open while it is not idle, and has its last activity', async () => {
    const { own, send } = await collectorOf()
    await send(wireBatch([wireEvent('a', { timestamp: noon + 5000 })]))
    expect(await own('/sessions/session-1')).toMatchObject({
      endDate: 0,
      duration: 0,
      lastActivity: noon + 5000,
      endReason: null,
    })
  })

  it('that does not exist is 404, in both formats', async () => {
    const { get } = await collectorOf()
    for (const path of ['/backend/data/sessions/nobody', '/v1/sessions/nobody', '/nowhere']) {
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
  it('are those that were entered in it and those on which something of it happened, by url, title, category and age', async () => {
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
    const signIn = {
      ...page,
      pageId: 'PageOfAVisit-00000001',
      url: 'https://shop.example/sign-in',
      title: 'Sign in',
      category: '',
      startDate: 1763900000000,
      endDate: 1763900005000,
      duration: 5,
      sessionId: null,
      identityId: null,
    }
    expect(await gwe(`/sessions/${shop}/pages`)).toEqual([signIn, page])
    expect(await gwe(`/sessions/${shop}/pages?title=Sign%20in`)).toEqual([signIn])
    for (const query of [
      '?category=tools',
      `?title=${encodeURIComponent(page.title)}`,
      `?url=${encodeURIComponent(page.url)}`,
    ])
      expect(await gwe(`/sessions/${shop}/pages${query}`)).toEqual([page])
    for (const query of ['?category=tool', '?title=x', '?url=https://shop.example/', '?age=60'])
      expect(await statusOf(`/sessions/${shop}/pages${query}`)).toBe(204)
    const [, detailed] = await gwe(`/sessions/${shop}/pages?include_events=true&include_events_detail=true`)
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
