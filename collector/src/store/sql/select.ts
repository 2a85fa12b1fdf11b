import type { Identity, Page, Session } from 'sojourn/record'
import type { FoundEvent, Range, StoredVisit } from '../store.js'
import { tables } from './tables.js'

/** What can be listed, and what the items are. */
export interface Items {
  readonly events: FoundEvent
  readonly pages: Page
  readonly sessions: Session
  readonly visits: StoredVisit
  readonly identities: Identity
}

export type Listed = keyof Items

/** A query: its text names only our own columns, and what came from outside stands in the values, one for each `?`. */
export interface Select {
  readonly sql: string
  readonly values: readonly (string | number)[]
}

/** How a database says what not all of them say alike. */
export interface Speech {
  /** What stands before the name of a table. */
  readonly schema: string
  /** The function that finds one text in another. */
  readonly find: string
  /** What makes a text compare by its bytes, after a column that does not. */
  readonly byBytes: string
}

/**
 * What makes the order of a list total: time first. The visit at the end, for ids that two visits claim; two identities that
 * claim one first session stay equal, for nothing that names a person may stand in a cursor.
 */
export const orders: Readonly<Record<Listed, readonly string[]>> = {
  events: ['timestamp', 'writer', 'seq', 'eventID', 'visitID'],
  pages: ['startDate', 'pageID', 'visitID'],
  sessions: ['startDate', 'sessionID', 'visitID'],
  visits: ['startDate', 'visitID'],
  identities: ['startDate', 'sessionID'],
}

/** The visits in which an identity was signed in. */
function toVisitsOf(schema: string): string {
  return `SELECT sessions."visitID" FROM ${schema}sessions AS sessions WHERE sessions."identityId" = ?`
}

/**
 * Makes the query of a list: every filter holds, from the time and after the item that the range names.
 *
 * @param filter by the names of the contract's filters; never names that came from outside.
 */
export function toSelect(
  { schema, find, byBytes }: Speech,
  listed: Listed,
  filter: object,
  { since, after, limit }: Range = {},
): Select {
  const order = orders[listed].map(name => toColumn(listed, name, byBytes))
  const ofIdentity = toVisitsOf(schema)
  const wheres: string[] = []
  const values: (string | number)[] = []
  const where = (sql: string, ...some: readonly (string | number)[]): void => {
    wheres.push(sql)
    values.push(...some)
  }
  for (const [name, value] of Object.entries(filter) as [string, string][]) {
    // Of most people no location is known: an index of those alone is small, and is used where this is said.
    if (listed === 'identities') where(`${listed}."${name}" = ? AND ${listed}."${name}" <> ''`, value)
    else if (name === 'category') where(`${find}(';' || ${listed}.category || ';', ?) > 0`, `;${value};`)
    else if (name !== 'identityId' || listed === 'sessions') where(`${listed}."${name}" = ?`, value)
    else {
      // By the visit first: it is what an index, or a shard, is found by. No event is later than its session's last activity.
      const from = listed === 'events' ? Math.max(since ?? 0, Number(after?.[0] ?? 0)) : 0
      const later = from ? ' AND sessions."lastActivity" >= ?' : ''
      where(`${listed}."visitID" IN (${ofIdentity}${later})`, value, ...(from ? [from] : []))
      if (listed !== 'visits')
        where(
          `EXISTS (${ofIdentity} AND sessions."visitID" = ${listed}."visitID" AND sessions."sessionID" = ${listed}."sessionID")`,
          value,
        )
    }
  }
  // Said even where it says nothing: it is what makes SQLite read a list in its order, not sort it.
  where(`${order[0]} >= ?`, since ?? 0)
  if (after) where(`(${order.join()}) > (${order.map(() => '?').join()})`, ...after)
  if (limit !== undefined) values.push(limit)
  const limited = limit === undefined ? '' : ' LIMIT ?'
  return { sql: `${toSource(listed, schema)} WHERE ${wheres.join(' AND ')} ORDER BY ${order.join()}${limited}`, values }
}

/** Makes the query of one thing by its id alone. */
export function toSelectOne({ schema, byBytes }: Speech, listed: Listed, id: string): Select {
  const isIdentity = listed === 'identities'
  const name = isIdentity ? 'identityId' : `${listed.slice(0, -1)}ID`
  const greatest = isIdentity ? '' : ` ORDER BY ${toColumn(listed, 'visitID', byBytes)} DESC LIMIT 1`
  return { sql: `${toSource(listed, schema)} WHERE ${listed}."${name}" = ?${greatest}`, values: [id] }
}

/** Makes the query that finds something if the identity has an open session with activity after that time. */
export function toSelectSignedIn({ schema }: Speech, identityId: string, since: number): Select {
  const isOpen = 'sessions."endDate" = 0 AND sessions."lastActivity" > ?'
  return { sql: `${toVisitsOf(schema)} AND ${isOpen} LIMIT 1`, values: [identityId, since] }
}

// Only the visit's id is kept without an order of its own: it is what rows are spread by.
function toColumn(listed: Listed, name: string, byBytes: string): string {
  return `${listed}."${name}"${name === 'visitID' ? byBytes : ''}`
}

function toSource(listed: Listed, schema: string): string {
  const columns = (tables.find(({ name }) => name === listed)?.columns ?? []).map(name => `${listed}."${name}"`)
  const from = `FROM ${schema}${listed} AS ${listed}`
  if (listed !== 'events') return `SELECT ${columns.join()} ${from}`
  const browser = ['globalVisitID', 'languageCode'].map(name => `coalesce(visits."${name}", '') AS "${name}"`)
  return `SELECT ${[...columns, ...browser].join()} ${from} LEFT JOIN ${schema}visits AS visits ON visits."visitID" = events."visitID"`
}
