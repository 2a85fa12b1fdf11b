import { limits } from 'sojourn/record'
import { describe, expect, it } from 'vitest'
import { wireBatch, wireEvent } from '../helpers/batches.js'
import { bodyOf, collectorWith, noon } from '../helpers/collector.js'

/** Makes a collector with two identities: anna, from Oslo, in two visits; jo in the second of them, after anna. */
async function siteWith(times = { now: noon + 60_000 }) {
  const collector = collectorWith({ now: () => times.now })
  const told = (id: string, at: number, data: object) => wireEvent(id, { eventName: 'UserInfo', timestamp: at, data })
  const anna = { identityId: 'anna@shop.example' }
  const first = [told('a1', noon + 5, { name: 'Anna', location: 'Oslo' }), wireEvent('a2', { pageID: 'page-1' })]
  const end = wireEvent('a4', { eventName: 'SignOut', timestamp: noon + 2000 })
  const pages = [{ pageID: 'page-1', url: 'https://shop.example/', title: 'Home' }]
  const later = { visitID: 'visit-2', globalVisitID: 'browser-2', userAgent: 'b', startDate: noon + 1000 }
  await collector.send(wireBatch(first, { ...anna, pages }, { userAgent: 'a' }))
  const second = { ...anna, sessionID: 'session-2', visitID: 'visit-2', startDate: noon + 1000 }
  await collector.send(wireBatch([wireEvent('a3', { timestamp: noon + 1500 }), end], second, later))
  const jo = { identityId: 'jo', sessionID: 'session-3', visitID: 'visit-2', startDate: noon + 3000 }
  await collector.send(wireBatch([wireEvent('j1', { timestamp: noon + 3500 })], jo, later))
  const path = (rest = '') => `/identities/${encodeURIComponent(anna.identityId)}${rest}`
  return {
    ...collector,
    path,
    own: (rest: string) => collector.json(`/v1${rest}`),
    gwe: (rest: string) => collector.json(`/backend/data${rest}`),
    statusOf: async (rest: string) => (await collector.get(`/backend/data${rest}`)).status,
  }
}

describe('an identity', () => {
  it('has the latest name and location, and tells whether it is signed in', async () => {
    const times = { now: noon + 60_000 }
    const { gwe, own, path } = await siteWith(times)
    expect(await gwe(path())).toEqual({
      eventIds: null,
      events: null,
      pageIds: null,
      pages: null,
      sessionIds: null,
      sessions: null,
      visitIds: null,
      visits: null,
      identityId: 'anna@shop.example',
      name: 'Anna',
      location: 'Oslo',
      visitScope: 'Authenticated',
    })
    expect(await own(path())).toMatchObject({ startDate: noon, sessionID: 'session-1', userAgent: 'b' })
    // The batches arrived a minute after their `sentAt`, so the clock of the browser counts as a minute slow.
    times.now = noon + 60_000 + 5 + limits.idleLimitMs
    expect(await own(path())).toMatchObject({ visitScope: 'Recognized' })
    expect(await own('/identities/jo')).toMatchObject({ visitScope: 'Authenticated' })
  })

  it('contains its visits, sessions, pages and events if the request includes them', async () => {
    const { gwe, own, path } = await siteWith()
    const all = ['events', 'pages', 'sessions', 'visits'].map(n => `include_${n}=true&include_${n}_detail=true`)
    const whole = await gwe(path(`?${all.join('&')}`))
    expect(whole.eventIds).toEqual(['a2', 'a1', 'a3', 'a4'])
    expect([whole.pageIds, whole.sessionIds, whole.visitIds]).toEqual([
      ['page-1'],
      ['session-1', 'session-2'],
      ['visit-1', 'visit-2'],
    ])
    expect(whole.events).toEqual(await gwe(path('/events')))
    expect(whole.pages).toEqual(await gwe(path('/pages')))
    expect(whole.sessions).toEqual(await gwe(path('/sessions')))
    expect(whole.visits).toEqual(await gwe(path('/visits')))
    expect((await own(path('?include_visits=true'))).visitIds).toEqual(['visit-1', 'visit-2'])
  })

  it('is 404 if it never signed in, and so are its lists', async () => {
    const { statusOf } = await siteWith()
    for (const rest of ['', '/visits', '/sessions', '/events', '/pages'])
      expect([rest, await statusOf(`/identities/nobody${rest}`)]).toEqual([rest, 404])
  })

  it('lists only events and pages of its own sessions', async () => {
    const { gwe, statusOf } = await siteWith()
    expect((await gwe('/identities/jo/events')).map((one: any) => one.eventID)).toEqual(['j1'])
    expect(await statusOf('/identities/jo/pages')).toBe(204)
    expect((await gwe('/identities/jo/sessions')).map((one: any) => one.sessionId)).toEqual(['session-3'])
    expect(await statusOf('/identities/jo/events?eventName=SignOut')).toBe(204)
  })
})

describe('the identities', () => {
  it('are listed page by page in order of the first sign-in, and cursors contain no identity', async () => {
    const { own } = await siteWith()
    const first = await own('/identities?page_size=1')
    expect(first.items.map((one: any) => one.identityId)).toEqual(['anna@shop.example'])
    expect(Buffer.from(first.next, 'base64url').toString()).not.toContain('anna')
    const rest = await own(`/identities?page_size=1&paging_next=${first.next}`)
    expect([rest.items.map((one: any) => one.identityId), rest.next]).toEqual([['jo'], null])
  })

  it('can be filtered by location, user agent and age', async () => {
    const { own, statusOf } = await siteWith()
    const ids = async (query: string) => (await own(`/identities?${query}`)).items.map((one: any) => one.identityId)
    expect(await ids('location=Oslo')).toEqual(['anna@shop.example'])
    expect(await ids('userAgent=b')).toEqual(['anna@shop.example', 'jo'])
    expect(await ids('location=Oslo&userAgent=b')).toEqual(['anna@shop.example'])
    expect(await ids('age=57')).toEqual(['jo'])
    expect(await statusOf('/identities?location=Bergen')).toBe(204)
  })
})

describe('a visit', () => {
  it('is found by its id, and so are its events and pages', async () => {
    const { gwe, own, statusOf } = await siteWith()
    expect(await own('/visits/visit-2')).toMatchObject({ visitID: 'visit-2', activeSessionID: 'session-3', endDate: 0 })
    expect((await gwe('/visits/visit-2/events')).map((one: any) => one.eventID)).toEqual(['a3', 'a4', 'j1'])
    expect((await gwe('/visits/visit-1/pages')).map((one: any) => one.pageId)).toEqual(['page-1'])
    expect(await statusOf('/visits/visit-2/pages')).toBe(204)
    for (const rest of ['', '/events', '/pages', '/identities', '/sessions'])
      expect([rest, await statusOf(`/visits/nobody${rest}`)]).toEqual([rest, 404])
  })

  it('lists the identities that are or were signed in during it', async () => {
    const times = { now: noon + 60_000 }
    const { own, gwe, statusOf, get } = await siteWith(times)
    const scopes = async (query = '') =>
      (await own(`/visits/visit-2/identities${query}`)).items.map((one: any) => [one.identityId, one.visitScope])
    const [anna, jo] = [
      ['anna@shop.example', 'Recognized'],
      ['jo', 'Authenticated'],
    ]
    expect(await scopes()).toEqual([anna, jo])
    expect(await scopes('?association=Authenticated')).toEqual([jo])
    expect(await scopes('?association=Recognized')).toEqual([anna])
    const first = await own('/visits/visit-2/identities?page_size=1')
    expect(await scopes(`?page_size=1&paging_next=${first.next}`)).toEqual([jo])
    expect(await gwe('/visits/visit-1/identities?include_sessions=true')).toMatchObject([
      { identityId: 'anna@shop.example', visitScope: 'Authenticated', sessionIds: ['session-1', 'session-2'] },
    ])
    times.now = noon + 60_000 + 3500 + limits.idleLimitMs
    expect(await statusOf('/visits/visit-2/identities?association=Authenticated')).toBe(204)
    const bad = await get('/v1/visits/visit-2/identities?association=signed-in')
    expect([bad.status, (await bodyOf(bad)).error]).toEqual([400, 'association-invalid'])
  })
})

describe('a page', () => {
  it('lists its events', async () => {
    const { gwe, statusOf } = await siteWith()
    expect((await gwe('/pages/page-1/events')).map((one: any) => one.eventID)).toEqual(['a2'])
    expect(await statusOf('/pages/page-1/events?eventType=SYSTEM')).toBe(204)
    expect(await statusOf('/pages/nobody/events')).toBe(404)
  })
})
