import { type Listed, orders } from '../lists.js'
import type { Range } from '../store.js'
import { tables } from './tables.js'

/** A query. `sql` contains only names of our own columns. Values from outside are in `values`, one for each `?`. */
export interface Select {
  readonly sql: string
  readonly values: readonly (string | number)[]
}

/** What differs between the SQL of the databases. */
export interface SqlDialect {
  /** The text before the name of a table. */
  readonly schema: string
  /** The function that finds one text in another. */
  readonly find: string
  /** The text after a column that makes it compare by bytes, for columns that would not. */
  readonly byBytes: string
}

/** The query for the visits in which an identity was signed in. */
function toVisitsOf(schema: string): string {
  return `SELECT sessions."visitID" FROM ${schema}sessions AS sessions WHERE sessions."identityId" = ?`
}

/**
 * Makes the query for a list. Items must match every filter and be in the range.
 *
 * @param filter names from the filter types of `store.ts`, never names from outside.
 */
export function toSelect(
  { schema, find, byBytes }: SqlDialect,
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
    // Most identities have no location. The index contains only those that have one, and needs `<> ''` in the query.
    if (listed === 'identities') where(`${listed}."${name}" = ? AND ${listed}."${name}" <> ''`, value)
    else if (name === 'category') where(`${find}(';' || ${listed}.category || ';', ?) > 0`, `;${value};`)
    else if (name !== 'identityId' || listed === 'sessions') where(`${listed}."${name}" = ?`, value)
    else {
      // Filter by visit first, because indexes and shards begin with it. An event is never later than the last activity
      // of its session, so that older sessions can be skipped.
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
  // Every query has this condition, because it makes SQLite read the list in index order instead of sorting it.
  where(`${order[0]} >= ?`, since ?? 0)
  if (after) where(`(${order.join()}) > (${order.map(() => '?').join()})`, ...after)
  if (limit !== undefined) values.push(limit)
  const limited = limit === undefined ? '' : ' LIMIT ?'
  return { sql: `${toSource(listed, schema)} WHERE ${wheres.join(' AND ')} ORDER BY ${order.join()}${limited}`, values }
}

/** Makes the query for one item by its id alone. */
export function toSelectOne({ schema, byBytes }: SqlDialect, listed: Listed, id: string): Select {
  const isIdentity = listed === 'identities'
  const name = isIdentity ? 'identityId' : `${listed.slice(0, -1)}ID`
  const greatest = isIdentity ? '' : ` ORDER BY ${toColumn(listed, 'visitID', byBytes)} DESC LIMIT 1`
  return { sql: `${toSource(listed, schema)} WHERE ${listed}."${name}" = ?${greatest}`, values: [id] }
}

/** Makes the query that returns a row if the identity has an open session with an activity later than `since`. */
export function toSelectSignedIn({ schema }: SqlDialect, identityId: string, since: number): Select {
  const isOpen = 'sessions."endDate" = 0 AND sessions."lastActivity" > ?'
  return { sql: `${toVisitsOf(schema)} AND ${isOpen} LIMIT 1`, values: [identityId, since] }
}

// Only `visitID` has no collation by bytes, because Citus distributes rows by it.
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
