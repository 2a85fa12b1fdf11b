import { limits } from 'sojourn/record'
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

/** The condition that an item is in a visit of an identity. Its value is the identity. */
function toIsInVisitOf(schema: string, listed: string, later = ''): string {
  return `${listed}."visitID" IN (${toVisitsOf(schema)}${later})`
}

/**
 * The condition that an item belongs to a session of an identity. Its values are the identity, those of `later`, and the
 * identity again. It filters by visit first, because indexes and shards begin with it.
 */
function toIsOf(schema: string, listed: string, later = ''): string {
  const isOfSession = `sessions."visitID" = ${listed}."visitID" AND sessions."sessionID" = ${listed}."sessionID"`
  return `${toIsInVisitOf(schema, listed, later)} AND EXISTS (${toVisitsOf(schema)} AND ${isOfSession})`
}

/**
 * The condition that a page belongs to a session: it was entered in it, or is one of its `session_pages`. Its values are
 * the session, the visit, and the session again.
 */
function toIsPageOfSession(schema: string): string {
  const other = `SELECT other."pageID" FROM ${schema}session_pages AS other WHERE other."visitID" = ? AND other."sessionID" = ?`
  return `(pages."sessionID" = ? OR pages."pageID" IN (${other}))`
}

/**
 * The same for any session of an identity. Its values are the identity, three times. No query in it depends on the page,
 * so that each runs once, and Citus can run it.
 */
function toIsPageOfIdentity(schema: string): string {
  const theirs = `SELECT sessions."visitID", sessions."sessionID" FROM ${schema}sessions AS sessions WHERE sessions."identityId" = ?`
  const isOther = `other."visitID" = sessions."visitID" AND other."sessionID" = sessions."sessionID"`
  const other = `SELECT other."visitID", other."pageID" FROM ${schema}sessions AS sessions JOIN ${schema}session_pages AS other ON ${isOther} WHERE sessions."identityId" = ?`
  const isTheirs = `(pages."visitID", pages."sessionID") IN (${theirs}) OR (pages."visitID", pages."pageID") IN (${other})`
  return `${toIsInVisitOf(schema, 'pages')} AND (${isTheirs})`
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
    else if (listed === 'pages' && name === 'sessionID')
      where(toIsPageOfSession(schema), value, (filter as { visitID: string }).visitID, value)
    else if (name !== 'identityId' || listed === 'sessions') where(`${listed}."${name}" = ?`, value)
    else if (listed === 'pages') where(toIsPageOfIdentity(schema), value, value, value)
    else if (listed === 'visits') where(toIsInVisitOf(schema, listed), value)
    else {
      // Sessions whose last event is older can be skipped.
      const from = Math.max(since ?? 0, Number(after?.[0] ?? 0))
      if (from) where(toIsOf(schema, listed, ' AND sessions."lastEventAt" >= ?'), value, from, value)
      else where(toIsOf(schema, listed), value, value)
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

/** Makes the query that returns a row if the identity has an open session that is not idle (`isIdle`) at `now`. */
export function toSelectSignedIn({ schema }: SqlDialect, identityId: string, now: number): Select {
  const over = `sessions."lastActivity" + coalesce(visits.skew, 0) + coalesce(visits."idleLimitMs", ${limits.idleLimitMs})`
  const from = `FROM ${schema}sessions AS sessions ${toJoinVisits('sessions', schema)}`
  const where = `WHERE sessions."identityId" = ? AND sessions."endDate" = 0 AND ${over} > ?`
  return { sql: `SELECT sessions."visitID" ${from} ${where} LIMIT 1`, values: [identityId, now] }
}

// Only `visitID` has no collation by bytes, because Citus distributes rows by it.
function toColumn(listed: Listed, name: string, byBytes: string): string {
  return `${listed}."${name}"${name === 'visitID' ? byBytes : ''}`
}

function toSource(listed: Listed, schema: string): string {
  const columns = (tables.find(({ name }) => name === listed)?.columns ?? []).map(name => `${listed}."${name}"`)
  const from = `FROM ${schema}${listed} AS ${listed}`
  const ofVisit = {
    events: ['globalVisitID', 'languageCode'].map(name => `coalesce(visits."${name}", '') AS "${name}"`),
    sessions: ['visits.skew', 'visits."idleLimitMs"'],
  }
  if (listed !== 'events' && listed !== 'sessions') return `SELECT ${columns.join()} ${from}`
  return `SELECT ${[...columns, ...ofVisit[listed]].join()} ${from} ${toJoinVisits(listed, schema)}`
}

function toJoinVisits(listed: string, schema: string): string {
  return `LEFT JOIN ${schema}visits AS visits ON visits."visitID" = ${listed}."visitID"`
}
