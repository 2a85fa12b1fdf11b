import { limits } from 'sojourn/record'
import { describe, expect, it } from 'vitest'
import { wireBatch, wireEvent } from '../helpers/batches.js'
import { collectorWith, noon } from '../helpers/collector.js'
import { collectorOf } from '../helpers/golden.js'

const shop = 'SessionOfAnIdentity-01'

describe('the sessions of a visit', () => {
  it('are those of every identity, or of one', async () => {
    const { gwe, own, statusOf } = await collectorOf('replaced-in-two-tabs')
    const path = '/visits/VisitOfABrowser-000002/sessions'
    expect((await gwe(path)).map((session: any) => [session.sessionId, session.duration])).toEqual([
      ['SessionOfAnIdentity-02', 60],
      // The batch does not say when it was sent, and nothing has happened since its time.
      ['SessionOfAnIdentity-03', 1],
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
      endDate: 0,
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
        endDate: 0,
        lastActivity: 1763900015950,
        activeSessionID: null,
        languageCode: 'de',
        userAgent: 'Mozilla/5.0 (X11; Linux x86_64)',
        skew: noon - 1763900020000,
        idleLimitMs: null,
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
