import { toKey } from '../keys.js'
import { type Listed, orders } from '../lists.js'
import type { Cursor, Range, Within } from '../store.js'
import type { SqlDialect } from './dialect.js'
import { keysOf, type Source, toColumn, toFound, toOrderValue, toSource } from './source.js'
import { isOfBrowser, toEndOfSession, toSessionKey, toWhere } from './where.js'

/** A query. `sql` contains only names of our own columns. Values from outside are in `values`, one for each `?`. */
export interface Select {
  readonly sql: string
  readonly values: readonly (string | number)[]
}

/**
 * Makes the query for a list of a site. Items must match every filter and be in the range.
 *
 * @param filter names from the filter types of `store.ts`, never names from outside.
 * @param source makes the beginning of the query, if it is not for the items.
 */
export function toSelect(
  dialect: SqlDialect,
  site: string,
  listed: Listed,
  filter: object,
  range: Range = {},
  source: Source = (columns, rows) => toSource(listed, dialect, columns, rows),
): Select {
  const { since, until, after, limit, isDescending = false } = range
  // An identity or a visit has a small part of the list of a site. A `+` keeps the database from reading the list in its order instead,
  // which it would do even for two bounds of the time.
  const isPart =
    ('identityId' in filter && /^(visits|receipts)$/.test(listed) && !range.isOfSite) ||
    ('visitID' in filter && /^(sessions|identities)$/.test(listed))
  const [time, ...others] = orders[listed].map(name => toColumn(listed, name, dialect.byBytes)) as [string, ...string[]]
  const order = [isPart ? `+${time}` : time, ...others]
  const { conditions, values } = toWhere(dialect, site, listed, filter, range)
  const compare = (sign: string, cursor: Cursor): void => {
    conditions.push(`(${order.join()}) ${sign} (${order.map(() => '?').join()})`)
    values.push(...cursor.map((value, n) => toOrderValue(listed, orders[listed][n] as string, value)))
  }
  // Every query has this condition, because it makes SQLite read the list in index order instead of sorting it.
  // The time of the cursor is said once more, because SQLite would look for the cursor from the beginning of the list.
  const at = after ? Number(after[0]) : null
  conditions.push(`${order[0]} >= ?`)
  values.push(at === null || isDescending ? (since ?? 0) : Math.max(since ?? 0, at))
  const end = at !== null && isDescending ? Math.min(until ?? at, at) : until
  if (listed === 'events' && 'sessionID' in filter) {
    conditions.push(`${order[0]} <= ${toEndOfSession(dialect.schema)}`)
    values.push(...toSessionKey(site, filter as Within), end ?? Number.MAX_SAFE_INTEGER)
  } else if (end !== undefined) {
    conditions.push(`${order[0]} <= ?`)
    values.push(end)
  }
  if (after) compare(isDescending ? '<' : '>', after)
  if (limit !== undefined) values.push(limit)
  const limited = limit === undefined ? '' : ' LIMIT ?'
  const where = `WHERE ${conditions.join(' AND ')}`
  const turn = `ORDER BY ${order.map(one => (isDescending ? `${one} DESC` : one)).join()}`
  const isOfPerson = /^(events|pages)$/.test(listed) && 'identityId' in filter
  if (isPart || isOfPerson) {
    // No index has their order, so that more is sorted than is given. Only keys are, and the rest is read of what is given.
    const found = `(${source(keysOf(listed))} ${where} ${turn}${limited})`
    return { sql: `${toFound(listed, dialect, found, source)} ${turn}`, values }
  }
  const by = isOfBrowser(filter) ? dialect.byBrowser : ''
  return { sql: `${source()}${by} ${where} ${turn}${limited}`, values }
}

/** Makes the query for one item by its id alone. Of several visits that claim it, that of the first receipt is read. */
export function toSelectOne(dialect: SqlDialect, site: string, listed: Listed, id: string): Select {
  const { byBytes } = dialect
  const isIdentity = listed === 'identities'
  const name = isIdentity ? 'identityId' : `${listed.slice(0, -1)}ID`
  const where = `WHERE ${listed}.site = ? AND ${listed}."${name}" = ?`
  const isAlone = isIdentity || listed === 'visits'
  const first = isAlone ? '' : ` ORDER BY ${listed}."receivedAt", ${toColumn(listed, 'visitID', byBytes)} LIMIT 1`
  return { sql: `${toSource(listed, dialect)} ${where}${first}`, values: [site, listed === 'pages' ? id : toKey(id)] }
}
