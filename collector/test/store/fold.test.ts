import { parseBatch } from 'sojourn/record'
import { describe, expect, it } from 'vitest'
import { foldArrivals } from '../../src/store/fold.js'
import { toAutomated } from '../../src/store/rows.js'
import { tables } from '../../src/store/tables.js'
import { toReference } from '../helpers/reference.js'

const at = 1_763_900_000_000

/** Makes a body with numbered events, 100 ms apart, in three visits and two sessions. */
function makeBody(): string {
  let n = 0
  const events = (...names: string[]) =>
    names.map(name => ({
      eventID: `event-${++n}`,
      eventName: name,
      timestamp: at + 100 * n,
      writer: 'writer',
      seq: n,
      ...(/^(VisitStarted|Before)$/.test(name) ? {} : { pageID: 'page' }),
      ...(/^(UserInfo|SignIn)$/.test(name) ? { data: { name: 'Ada' } } : {}),
      ...(name === 'Heartbeat' ? { activity: false } : {}),
    }))
  const session = (id: string, ...names: string[]) => ({
    sessionID: id,
    identityId: `of ${id}`,
    visitID: 'one',
    startDate: at,
    pages: [{ pageID: 'page', sessionID: 'first', url: 'https://shop.example/', startDate: at }],
    events: events(...names),
  })
  const visits = ['one', 'other', 'third'].map(visitID => ({
    visitID,
    startDate: at,
    pages: [],
    events: events('VisitStarted', 'Before'),
  }))
  const sessions = [
    session(
      'first',
      'SignIn',
      'UserInfo',
      'PageEntered',
      'Search',
      'Heartbeat',
      'PageExited',
      'Search',
      'SignOut',
      'Search',
      'Heartbeat',
    ),
    session('second', 'SignIn', 'Heartbeat', 'Search', 'SessionEnded', 'Search', 'Heartbeat', 'Search'),
  ]
  return JSON.stringify({ v: 1, visits, sessions })
}

/** Makes states comparable: the order of their rows does not matter. */
function toSorted(rows: readonly object[]): string[] {
  return rows.map(one => JSON.stringify(Object.entries(one).sort(([a], [b]) => (a < b ? -1 : 1)))).sort()
}

describe('the rows that arrivals add up to', () => {
  it('are the join of all records, although the rows of a place are changed in place', () => {
    const arrival = { site: 'default', receivedAt: at, batch: parseBatch(makeBody()) }
    const expected = toReference([arrival])
    expect(arrival.batch.facts).toHaveLength(23)
    for (const [n, rows] of foldArrivals([arrival]).entries()) {
      const { name, columns } = tables[n] as (typeof tables)[number]
      const items = rows.map(row => Object.fromEntries(columns.map((one, place) => [one, row[place]])))
      expect([name, toSorted(items)]).toEqual([name, toSorted(expected[name as keyof typeof expected])])
    }
  })

  it('are apart for two sites that have the same visit', () => {
    const batch = parseBatch(makeBody())
    const sites = ['shop', 'blog', 'shop']
    const [visits] = foldArrivals(sites.map(site => ({ site, receivedAt: at, batch })))
    expect(visits?.map(([site, visitID]) => `${site} ${visitID}`)).toEqual(
      ['shop', 'blog'].flatMap(site => ['one', 'other', 'third'].map(visitID => `${site} ${visitID}`)),
    )
  })
})

describe('who controls a browser', () => {
  it('is found the same however often it is asked, and after a thousand others', () => {
    const agents = Array.from({ length: 2100 }, (_, n) =>
      n % 3 ? `Mozilla/5.0 (X11) Firefox/${n}.0` : `Googlebot/2.${n}`,
    )
    const expected = agents.map((_, n) => (n % 3 ? 0 : 2))
    for (let turn = 0; turn < 2; turn++) expect(agents.map(agent => toAutomated(false, agent))).toEqual(expected)
    expect(agents.map(agent => toAutomated(true, agent))).toEqual(agents.map(() => 1))
  })
})
