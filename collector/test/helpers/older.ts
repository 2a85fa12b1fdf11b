import { foldArrivals } from '../../src/store/fold.js'
import type { Arrival, State } from '../../src/store/store.js'
import { arrive } from './arrivals.js'
import { wireBatch, wireEvent } from './batches.js'
import { noon } from './collector.js'

// A database as sojourn-collector 0.1.0 has written it, and what it must be after it was migrated.

/** The tables of that version, with their columns in order. They are the same in SQLite and PostgreSQL. */
const tables = {
  visits: 'visitID globalVisitID startDate languageCode userAgent lastActivity skew',
  sessions: 'visitID sessionID identityId startDate endDate duration lastActivity',
  pages: 'visitID pageID sessionID identityId url title referrer category startDate endDate lastActivity',
  events: 'visitID eventID eventType eventName category timestamp writer seq url data sessionID pageID serverTimestamp',
  identities: 'identityId startDate sessionID name location userAgent nameAt locationAt userAgentAt',
} as const

const at = (id: string, eventName: string, after: number, more: object = {}) =>
  wireEvent(id, { eventName, timestamp: noon + after, ...more })

function batches(signedIn: (data: object) => object | null): object[] {
  const page = (n: number, sessionID: string | null) => ({ pageID: `page-${n}`, sessionID, url: `/${n}` })
  const signIn = (id: string, after: number, data: object, more = {}) =>
    at(id, 'SignIn', after, { data: signedIn(data), pageID: 'page-1', ...more })
  const person = (n: number, identityId: string) => ({ sessionID: `session-${n}`, identityId, startDate: noon + n })
  const ended = (id: string, after: number, reason?: unknown) =>
    at(id, 'SessionEnded', after, { data: reason === undefined ? null : { reason } })
  return [
    // Anna signs in on a page that she had entered before. Her second sign-in tells another name.
    wireBatch(
      [
        signIn('a1', 0, { name: 'Anna', location: 'Oslo' }),
        at('a2', 'PageEntered', 2, { pageID: 'page-2' }),
        at('a3', 'UserInfo', 5, { data: { location: 'Bergen' } }),
        at('a4', 'SignOut', 100),
        at('a5', 'Search', 200),
      ],
      { identityId: 'anna', pages: [page(1, null), page(2, 'session-1')] },
      { pages: [page(1, null)] },
    ),
    wireBatch([signIn('b1', 300, { name: 'Anna B.' }), ended('b2', 350, 'replaced'), ended('b3', 340, 'idle')], {
      ...person(2, 'anna'),
      pages: [page(1, null)],
    }),
    // What Jo has told later stays.
    wireBatch([signIn('j1', 10, { name: 'J.' }), at('j2', 'UserInfo', 50, { data: { name: 'Jo' } }), ended('j3', 60)], {
      ...person(3, 'jo'),
      pages: [page(1, null)],
    }),
    // No text of PostgreSQL can contain these characters. What stands beside them stays unknown.
    wireBatch([signIn('k1', 20, { name: 'Kim', odd: '\0\ud800' }, { pageID: 'page-9' }), ended('k2', 30, 7)], {
      ...person(4, 'kim'),
      endDate: noon + 40,
    }),
    wireBatch([at('l1', 'SignOut', 20, { data: { name: 'no trait' } })], person(5, 'lee')),
    wireBatch([signIn('m1', 20, { name: 7, location: ['Oslo'] })], { ...person(6, 'mia'), pages: [page(1, null)] }),
  ]
}

function stateOf(signedIn: (data: object) => object | null): State {
  const arrivals: Arrival[] = batches(signedIn).map(batch => arrive(batch))
  return foldArrivals(arrivals)
}

/** Makes the statements that fill the tables of that version. Their values are in `values`, one for each `?`. */
export function olderRows(schema: string): readonly { readonly sql: string; readonly values: unknown[] }[] {
  // That version did not look at the data of a sign-in.
  const state = { ...stateOf(data => data), identities: stateOf(() => null).identities }
  return Object.entries(tables).flatMap(([table, list]) => {
    const columns = list.split(' ')
    const rows = state[table as keyof typeof tables] as readonly object[]
    return rows.map(row => ({
      sql: `INSERT INTO ${schema}${table} (${columns.map(name => `"${name}"`).join()}) VALUES (${columns.map(() => '?').join()})`,
      values: columns.map(name => {
        const value = (row as Record<string, unknown>)[name]
        return name === 'data' && value ? JSON.stringify(value) : value
      }),
    }))
  })
}

/**
 * The state that the migrated database must have. Every event was an activity, so the last event of a session counts as
 * made at its last activity.
 */
export function migratedState(): State {
  const { identities } = stateOf(data => ('odd' in data ? null : data))
  const state = { ...stateOf(data => data), identities }
  return { ...state, sessions: state.sessions.map(one => ({ ...one, lastEventAt: one.lastActivity })) }
}

/** Makes states comparable: the order of rows and of their columns does not matter. */
export function toRows(state: State): object {
  const sorted = (row: object): string => JSON.stringify(Object.entries(row).sort(([a], [b]) => (a < b ? -1 : 1)))
  const parts = Object.entries(state).filter(([, rows]) => rows.length)
  return Object.fromEntries(parts.map(([name, rows]) => [name, rows.map(sorted).sort()]))
}
