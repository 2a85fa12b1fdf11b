import { type Count, type Identity, joinIdentity, type Page, type Session } from 'sojourn/record'
import { joinCount, joinRefusal, joinStoredEvent, joinStoredPage, joinStoredSession, joinStoredVisit } from '../fold.js'
import type { State, StoredEvent, StoredRefusal, StoredVisit } from '../store.js'

/** A value of a column. */
export type Value = string | number | null

/**
 * A table of an SQL store: its columns, and the join of two rows with the same key. The first `keys` columns are the
 * key.
 */
export interface Table<T> {
  readonly name: string
  readonly columns: readonly string[]
  readonly keys: number
  rowsOf(state: State): readonly T[]
  join(a: T, b: T): T
}

// Every key begins with `visitID`, because a distributed database distributes rows by it. Identities have their own
// key.

const visits = makeTable<StoredVisit>(
  'visits',
  1,
  state => state.visits,
  joinStoredVisit,
  'visitID globalVisitID startDate languageCode userAgent lastActivity skew',
)
const sessions = makeTable<Session>(
  'sessions',
  2,
  state => state.sessions,
  joinStoredSession,
  'visitID sessionID identityId startDate endDate duration lastActivity',
)
const pages = makeTable<Page>(
  'pages',
  2,
  state => state.pages,
  joinStoredPage,
  'visitID pageID sessionID identityId url title referrer category startDate endDate lastActivity',
)
const events = makeTable<StoredEvent>(
  'events',
  2,
  state => state.events,
  joinStoredEvent,
  'visitID eventID eventType eventName category timestamp writer seq url data sessionID pageID serverTimestamp',
)
const writers = makeTable<Count>('writers', 2, state => state.counts, joinCount, 'visitID writer written dropped')
const refused = makeTable<StoredRefusal>('refused', 3, state => state.refusals, joinRefusal, 'visitID eventID code')
const identities = makeTable<Identity>(
  'identities',
  1,
  state => state.identities,
  joinIdentity,
  'identityId startDate sessionID name location userAgent nameAt locationAt userAgentAt',
)

/** All tables, in the order in which every collector writes them. One common order prevents deadlocks. */
export const tables: readonly Table<object>[] = [visits, sessions, pages, events, writers, refused, identities]

/** Turns a row into an item. Only `data` of an event is stored as JSON. */
export function toItem(row: Record<string, Value>): object {
  return typeof row.data === 'string' ? { ...row, data: JSON.parse(row.data) as unknown } : row
}

/** Turns an item into values, in the order of the columns. */
export function toValues(columns: readonly string[], item: object): Value[] {
  const values: Value[] = []
  for (const name of columns) {
    const value = (item as Record<string, unknown>)[name]
    values.push(value !== null && typeof value === 'object' ? JSON.stringify(value) : (value as Value))
  }
  return values
}

function makeTable<T>(
  name: string,
  keys: number,
  rowsOf: (state: State) => readonly T[],
  join: (a: T, b: T) => T,
  columns: string,
): Table<T> {
  return { name, keys, rowsOf, join, columns: columns.split(' ') }
}
