import { parseBatch } from 'sojourn/record'
import { describe, expect, it } from 'vitest'
import { foldArrivals, foldState } from '../../src/store/fold.js'
import type { State } from '../../src/store/store.js'

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

/** Makes states comparable: the order of their items does not matter. */
function toSorted(state: State): object {
  const sort = (some: readonly object[]) => some.map(one => JSON.stringify(one)).sort()
  return Object.fromEntries(Object.entries(state).map(([name, some]) => [name, sort(some)]))
}

describe('the state that arrivals add up to', () => {
  it('is the join of all records, although consecutive records are folded together', () => {
    const arrival = { receivedAt: at, batch: parseBatch(makeBody()) }
    const alone = arrival.batch.facts.map(fact =>
      foldArrivals([{ ...arrival, batch: { ...arrival.batch, facts: [fact] } }]),
    )
    const names = ['visits', 'sessions', 'pages', 'sessionPages', 'events', 'counts', 'refusals', 'identities'] as const
    const all = Object.fromEntries(names.map(name => [name, alone.flatMap(state => state[name] as object[])]))
    expect(arrival.batch.facts).toHaveLength(23)
    expect(toSorted(foldArrivals([arrival]))).toEqual(toSorted(foldState(all as unknown as State)))
  })
})
