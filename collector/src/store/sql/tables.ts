import { type Count, type Identity, joinIdentity } from 'sojourn/record'
import {
  joinCount,
  joinRefusal,
  joinSessionPage,
  joinStoredEvent,
  joinStoredPage,
  joinStoredSession,
  joinStoredVisit,
} from '../fold.js'
import type {
  SessionPage,
  State,
  StoredEvent,
  StoredPage,
  StoredRefusal,
  StoredSession,
  StoredVisit,
} from '../store.js'

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
  'visitID globalVisitID startDate languageCode userAgent lastActivity skew idleLimitMs',
)
const sessions = makeTable<StoredSession>(
  'sessions',
  2,
  state => state.sessions,
  joinStoredSession,
  'visitID sessionID identityId startDate endDate duration lastActivity lastEventAt endReason endReasonAt',
)
const pages = makeTable<StoredPage>(
  'pages',
  2,
  state => state.pages,
  joinStoredPage,
  'visitID pageID sessionID identityId url title referrer category startDate endDate lastActivity viewedAt',
)
const sessionPages = makeTable<SessionPage>(
  'session_pages',
  3,
  state => state.sessionPages,
  joinSessionPage,
  'visitID sessionID pageID',
)
const events = makeTable<StoredEvent>(
  'events',
  2,
  state => state.events,
  joinStoredEvent,
  'visitID eventID eventType eventName category timestamp writer seq url data sessionID pageID serverTimestamp activity',
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
export const tables: readonly Table<object>[] = [
  visits,
  sessions,
  pages,
  sessionPages,
  events,
  writers,
  refused,
  identities,
]

/** Turns a row into an item. Of an event, `data` is stored as JSON, and `activity` as 0 or 1. An item has only `false`. */
export function toItem({ activity, ...row }: Record<string, Value>): object {
  const item = typeof row.data === 'string' ? { ...row, data: JSON.parse(row.data) as unknown } : row
  return activity === 0 ? { ...item, activity: false } : item
}

/** Turns an item into values, in the order of the columns. */
export function toValues(columns: readonly string[], item: object): Value[] {
  const values: Value[] = []
  for (const name of columns) values.push(toValue((item as Record<string, unknown>)[name]))
  return values
}

// `activity` is the only member that may be left out or `false`.
function toValue(value: unknown): Value {
  if (value === undefined || value === false) return value === undefined ? 1 : 0
  return value !== null && typeof value === 'object' ? JSON.stringify(value) : (value as Value)
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
