import { parseBatch } from 'sojourn/record'
import { describe, expect, it } from 'vitest'
import { foldArrivals } from '../../src/store/fold.js'
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
})
