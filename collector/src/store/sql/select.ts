import { systemEvents } from 'sojourn/record'
import { toKey } from '../keys.js'
import { type Listed, orders, tableOf } from '../lists.js'
import type { Cursor, Range } from '../store.js'
import type { SqlDialect } from './dialect.js'
import { eventUrl, pageSeen, toColumn, toOrderValue, toSource, toTimeSource, toTraitValue } from './source.js'

/** A query. `sql` contains only names of our own columns. Values from outside are in `values`, one for each `?`. */
export interface Select {
  readonly sql: string
  readonly values: readonly (string | number)[]
}

/** Conditions, and one value for each `?` in them. */
interface Where {
  readonly conditions: string[]
  readonly values: (string | number)[]
}

/** The query for the visits in which an identity was signed in. Its values are the site and the identity. */
function toVisitsOf(schema: string, by = ''): string {
  return `SELECT theirs."visitID" FROM ${schema}sessions AS theirs${by} WHERE theirs.site = ? AND theirs."identityId" = ?`
}

/** The query for the identities that were signed in during a visit. Its values are the site and the visit. */
function toIdentitiesOf({ schema, asDistributed }: SqlDialect): string {
  return `SELECT theirs."identityId"${asDistributed} FROM ${schema}sessions AS theirs WHERE theirs.site = ? AND theirs."visitID" = ?`
}

/** The condition that an item is in a visit of an identity. Its values are the site and the identity. */
function toIsInVisitOf({ schema, byIdentity }: SqlDialect, listed: string, later = ''): string {
  return `${listed}."visitID" IN (${toVisitsOf(schema, byIdentity)}${later})`
}

/**
 * The condition that an event belongs to a session of an identity. Its values are site and identity, those of `later`,
 * and site and identity again. It filters by visit first, because indexes and shards begin with it.
 */
function toIsOf(dialect: SqlDialect, later = ''): string {
  const isOfSession = 'theirs."visitID" = events."visitID" AND theirs."sessionID" = events."sessionID"'
  return `${toIsInVisitOf(dialect, 'events', later)} AND EXISTS (${toVisitsOf(dialect.schema)} AND ${isOfSession})`
}

/**
 * The condition that a visit or an event is of an identity, looked up for each. An aggregate is used in the place of EXISTS, because a
 * database may turn that around and read all sessions of the identity first. With `|| ''`, those of the visit are read.
 */
function toIsWith(schema: string, listed: string): string {
  const isOfSession = listed === 'events' ? ' AND theirs."sessionID" = events."sessionID"' : ''
  return `(SELECT count(*) FROM ${schema}sessions AS theirs WHERE theirs.site = ${listed}.site AND theirs."visitID" = ${listed}."visitID"${isOfSession} AND theirs."identityId" || '' = ?) > 0`
}

/**
 * The condition that a page belongs to a session: it was entered in it, or is one of its `session_pages`. Its values are
 * the session, the site, the visit, and the session again.
 */
function toIsPageOfSession(schema: string): string {
  const other = `SELECT other."pageID" FROM ${schema}session_pages AS other WHERE other.site = ? AND other."visitID" = ? AND other."sessionID" = ?`
  return `(pages."sessionID" = ? OR pages."pageID" IN (${other}))`
}

/**
 * The same for any session of an identity. Its values are site and identity, three times. No query in it depends on the
 * page, so that each runs once, and Citus can run it.
 */
function toIsPageOfIdentity(dialect: SqlDialect): string {
  const { schema, byIdentity } = dialect
  const theirs = `SELECT theirs."visitID", theirs."sessionID" FROM ${schema}sessions AS theirs${byIdentity} WHERE theirs.site = ? AND theirs."identityId" = ?`
  // With `|| ''`, the pages of these sessions are looked up. Without it, SQLite would read those of the whole site.
  const isOther = `other.site = theirs.site || '' AND other."visitID" = theirs."visitID" AND other."sessionID" = theirs."sessionID"`
  const other = `SELECT other."visitID", other."pageID" FROM ${schema}sessions AS theirs${byIdentity} JOIN ${schema}session_pages AS other ON ${isOther} WHERE theirs.site = ? AND theirs."identityId" = ?`
  const isTheirs = `(pages."visitID", pages."sessionID") IN (${theirs}) OR (pages."visitID", pages."pageID") IN (${other})`
  return `${toIsInVisitOf(dialect, 'pages')} AND (${isTheirs})`
}

/**
 * Makes the query for a list of a site. Items must match every filter and be in the range.
 *
 * @param filter names from the filter types of `store.ts`, never names from outside.
 * @param source the beginning of the query, if it is not for the items.
 */
export function toSelect(
  dialect: SqlDialect,
  site: string,
  listed: Listed,
  filter: object,
  range: Range = {},
  source = toSource(listed, dialect),
): Select {
  const { since, until, after, limit, isDescending = false } = range
  // An identity, a visit or a browser has a small part of the list of a site, and a session of the pages of its visit. A `+` keeps
  // the database from reading the list in its order instead, which it would do even for two bounds of the time.
  const isPart =
    ('identityId' in filter && /^(visits|receipts)$/.test(listed) && !range.isOfSite) ||
    ('visitID' in filter && /^(sessions|identities)$/.test(listed)) ||
    (listed === 'pages' && 'sessionID' in filter)
  const [time, ...others] = orders[listed].map(name => toColumn(listed, name, dialect.byBytes)) as [string, ...string[]]
  const order = [isPart ? `+${time}` : time, ...others]
  const bounds = [isPart || isOfBrowser(filter) ? `+${time}` : time, ...others]
  const { conditions, values } = toWhere(dialect, site, listed, filter, range)
  const compare = (sign: string, cursor: Cursor): void => {
    conditions.push(`(${bounds.join()}) ${sign} (${bounds.map(() => '?').join()})`)
    values.push(...cursor.map((value, n) => toOrderValue(listed, orders[listed][n] as string, value)))
  }
  // Every query has this condition, because it makes SQLite read the list in index order instead of sorting it.
  // The time of the cursor is said once more, because SQLite would look for the cursor from the beginning of the list.
  const at = after ? Number(after[0]) : null
  conditions.push(`${order[0]} >= ?`)
  values.push(at === null || isDescending ? (since ?? 0) : Math.max(since ?? 0, at))
  const end = at !== null && isDescending ? Math.min(until ?? at, at) : until
  if (end !== undefined) {
    conditions.push(`${bounds[0]} <= ?`)
    values.push(end)
  }
  if (after) compare(isDescending ? '<' : '>', after)
  if (limit !== undefined) values.push(limit)
  const limited = limit === undefined ? '' : ' LIMIT ?'
  const where = conditions.join(' AND ')
  const turn = isDescending ? order.map(one => `${one} DESC`) : order
  return { sql: `${source} WHERE ${where} ORDER BY ${turn.join()}${limited}`, values }
}

/** Makes the query for the time of an item so many items on. */
export function toSelectHorizon(
  dialect: SqlDialect,
  site: string,
  listed: Listed,
  range: Range,
  items: number,
): Select {
  const { since = 0, until = Number.MAX_SAFE_INTEGER, after, isDescending = false } = range
  const time = toColumn(listed, orders[listed][0] as string, '')
  const from = Number(after?.[0] ?? (isDescending ? until : since))
  const bounds = isDescending ? [since, Math.min(from, until)] : [Math.max(from, since), until]
  const where = `WHERE ${tableOf(listed)}.site = ? AND ${time} >= ? AND ${time} <= ?`
  const order = `ORDER BY ${time}${isDescending ? ' DESC' : ''} LIMIT 1 OFFSET ?`
  return { sql: `${toTimeSource(listed, dialect)} ${where} ${order}`, values: [site, ...bounds, items] }
}

/** Makes the query for the time of an event so many events on, of all in the visits of an identity. It reads an index alone. */
export function toSelectHorizonOf(
  dialect: SqlDialect,
  site: string,
  identityId: string,
  { since = 0, after }: Range,
  items: number,
): Select {
  const where = `WHERE events.site = ? AND ${toIsInVisitOf(dialect, 'events')} AND events.timestamp >= ?`
  const from = Math.max(since, Number(after?.[0] ?? 0))
  return {
    sql: `${toTimeSource('events', dialect)} ${where} ORDER BY events.timestamp LIMIT 1 OFFSET ?`,
    values: [site, site, toKey(identityId), from, items],
  }
}

/**
 * Makes the query for the session, or the event in the visits of an identity, that comes after so many others in any order. It reads
 * an index alone.
 */
export function toSelectBeyond(
  dialect: SqlDialect,
  site: string,
  of: 'sessions' | 'events',
  identityId: string,
  items: number,
): Select {
  const theirs = [site, toKey(identityId)]
  if (of === 'sessions')
    return { sql: `${toVisitsOf(dialect.schema, dialect.byIdentity)} LIMIT 1 OFFSET ?`, values: [...theirs, items] }
  const where = `WHERE events.site = ? AND ${toIsInVisitOf(dialect, 'events')}`
  return { sql: `${toTimeSource('events', dialect)} ${where} LIMIT 1 OFFSET ?`, values: [site, ...theirs, items] }
}

function toWhere(dialect: SqlDialect, site: string, list: Listed, filter: object, range: Range): Where {
  const { schema, find } = dialect
  const listed = tableOf(list)
  const conditions = [`${listed}.site = ?`]
  const values: (string | number)[] = [site]
  const where = (sql: string, ...some: readonly (string | number)[]): void => {
    conditions.push(sql)
    values.push(...some)
  }
  for (const [name, value] of Object.entries(filter) as [string, string][]) {
    if (listed === 'identities' && name === 'visitID')
      where(`identities."identityId" IN (${toIdentitiesOf(dialect)})`, site, toKey(value))
    else if (listed === 'identities') {
      // An identity without the trait has no row of it.
      where(`identities."identityId" IN (${toTraitHolders(schema)})`, site, name, value)
      where(`${toTraitValue(schema, name)} = ?`, value)
    } else if (name === 'automated') where(`coalesce(visits.automated, 0) ${value === 'only' ? '>' : '='} 0`)
    else if (name === 'category') where(`${find}(';' || ${listed}.category || ';', ?) > 0`, `;${value};`)
    else if (name === 'url' || name === 'title') where(`${listed === 'pages' ? pageSeen(name) : eventUrl} = ?`, value)
    else if (name === 'eventType')
      where(`events."eventName" ${value === 'SYSTEM' ? '' : 'NOT '}IN (${systemEvents.map(one => `'${one}'`).join()})`)
    else if (listed === 'pages' && name === 'sessionID') {
      const [key, visit] = [toKey(value), toKey((filter as { visitID: string }).visitID)]
      where(toIsPageOfSession(schema), key, site, visit, key)
    } else if (name === 'visitID' || name === 'sessionID' || (name === 'identityId' && listed === 'sessions'))
      where(`${listed}."${name}" = ?`, toKey(value))
    // Only visits that name a browser are in the index.
    else if (name === 'globalVisitID' && isOfBrowser(filter))
      where(`visits."globalVisitID" = ? AND visits."globalVisitID" <> ''`, value)
    else if (name !== 'identityId') where(`${listed}."${name}" = ?`, value)
    else if (listed === 'pages') where(toIsPageOfIdentity(dialect), ...[1, 2, 3].flatMap(() => [site, toKey(value)]))
    else if (range.isOfSite) where(toIsWith(schema, listed), toKey(value))
    else if (listed === 'visits') where(toIsInVisitOf(dialect, listed), site, toKey(value))
    else {
      const theirs = [site, toKey(value)]
      // Sessions whose last event is older can be skipped.
      const from = Math.max(range.since ?? 0, Number(range.after?.[0] ?? 0))
      if (from && list === 'events')
        where(toIsOf(dialect, ' AND theirs."lastEventAt" >= ?'), ...theirs, from, ...theirs)
      else where(toIsOf(dialect), ...theirs, ...theirs)
    }
  }
  return { conditions, values }
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

// The index has no names, because no filter asks for one.
function toTraitHolders(schema: string): string {
  return `SELECT holders."identityId" FROM ${schema}traits AS holders WHERE holders.site = ? AND holders.trait = ? AND holders.trait <> 'name' AND holders.value = ?`
}

/** Whether a filter is for visits of a browser. Anonymous visits name none. */
function isOfBrowser(filter: object): boolean {
  return 'globalVisitID' in filter && filter.globalVisitID !== ''
}
