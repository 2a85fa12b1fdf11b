import { limits, systemEvents } from 'sojourn/record'
import { clockToleranceMs } from '../../limits.js'
import { toKey } from '../keys.js'
import { type Listed, orders } from '../lists.js'
import type { Range } from '../store.js'
import type { SqlDialect } from './dialect.js'
import { eventUrl, isOfSite, pageSeen, toColumn, toOrderValue, toSource, toTraitValue } from './source.js'

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
function toVisitsOf(schema: string): string {
  return `SELECT theirs."visitID" FROM ${schema}sessions AS theirs WHERE theirs.site = ? AND theirs."identityId" = ?`
}

/** The condition that an item is in a visit of an identity. Its values are the site and the identity. */
function toIsInVisitOf(schema: string, listed: string, later = ''): string {
  return `${listed}."visitID" IN (${toVisitsOf(schema)}${later})`
}

/**
 * The condition that an event belongs to a session of an identity. Its values are site and identity, those of `later`,
 * and site and identity again. It filters by visit first, because indexes and shards begin with it.
 */
function toIsOf(schema: string, later = ''): string {
  const isOfSession = 'theirs."visitID" = events."visitID" AND theirs."sessionID" = events."sessionID"'
  return `${toIsInVisitOf(schema, 'events', later)} AND EXISTS (${toVisitsOf(schema)} AND ${isOfSession})`
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
function toIsPageOfIdentity(schema: string): string {
  const theirs = `SELECT theirs."visitID", theirs."sessionID" FROM ${schema}sessions AS theirs WHERE theirs.site = ? AND theirs."identityId" = ?`
  const isOther = `${isOfSite('other', 'theirs')} AND other."visitID" = theirs."visitID" AND other."sessionID" = theirs."sessionID"`
  const other = `SELECT other."visitID", other."pageID" FROM ${schema}sessions AS theirs JOIN ${schema}session_pages AS other ON ${isOther} WHERE theirs.site = ? AND theirs."identityId" = ?`
  const isTheirs = `(pages."visitID", pages."sessionID") IN (${theirs}) OR (pages."visitID", pages."pageID") IN (${other})`
  return `${toIsInVisitOf(schema, 'pages')} AND (${isTheirs})`
}

/**
 * Makes the query for a list of a site. Items must match every filter and be in the range.
 *
 * @param filter names from the filter types of `store.ts`, never names from outside.
 */
export function toSelect(dialect: SqlDialect, site: string, listed: Listed, filter: object, range: Range = {}): Select {
  const { byBytes } = dialect
  const { since, after, limit } = range
  const order = orders[listed].map(name => toColumn(listed, name, byBytes))
  const { conditions, values } = toWhere(dialect, site, listed, filter, range)
  // Every query has this condition, because it makes SQLite read the list in index order instead of sorting it.
  conditions.push(`${order[0]} >= ?`)
  values.push(since ?? 0)
  if (after) {
    conditions.push(`(${order.join()}) > (${order.map(() => '?').join()})`)
    values.push(...after.map((value, n) => toOrderValue(listed, orders[listed][n] as string, value)))
  }
  if (limit !== undefined) values.push(limit)
  const limited = limit === undefined ? '' : ' LIMIT ?'
  const where = conditions.join(' AND ')
  return { sql: `${toSource(listed, dialect)} WHERE ${where} ORDER BY ${order.join()}${limited}`, values }
}

function toWhere(dialect: SqlDialect, site: string, listed: Listed, filter: object, range: Range): Where {
  const { schema, find } = dialect
  const conditions = [`${listed}.site = ?`]
  const values: (string | number)[] = [site]
  const where = (sql: string, ...some: readonly (string | number)[]): void => {
    conditions.push(sql)
    values.push(...some)
  }
  for (const [name, value] of Object.entries(filter) as [string, string][]) {
    if (listed === 'identities') {
      // An identity without the trait has no row of it.
      where(`identities."identityId" IN (${toTraitHolders(schema)})`, site, name, value)
      where(`${toTraitValue(schema, name)} = ?`, value)
    } else if (name === 'category') where(`${find}(';' || ${listed}.category || ';', ?) > 0`, `;${value};`)
    else if (name === 'url' || name === 'title') where(`${listed === 'pages' ? pageSeen(name) : eventUrl} = ?`, value)
    else if (name === 'eventType')
      where(`events."eventName" ${value === 'SYSTEM' ? '' : 'NOT '}IN (${systemEvents.map(one => `'${one}'`).join()})`)
    else if (listed === 'pages' && name === 'sessionID') {
      const [key, visit] = [toKey(value), toKey((filter as { visitID: string }).visitID)]
      where(toIsPageOfSession(schema), key, site, visit, key)
    } else if (name === 'visitID' || name === 'sessionID' || (name === 'identityId' && listed === 'sessions'))
      where(`${listed}."${name}" = ?`, toKey(value))
    else if (name !== 'identityId') where(`${listed}."${name}" = ?`, value)
    else if (listed === 'pages') where(toIsPageOfIdentity(schema), ...[1, 2, 3].flatMap(() => [site, toKey(value)]))
    else if (listed === 'visits') where(toIsInVisitOf(schema, listed), site, toKey(value))
    else {
      const theirs = [site, toKey(value)]
      // Sessions whose last event is older can be skipped.
      const from = Math.max(range.since ?? 0, Number(range.after?.[0] ?? 0))
      if (from) where(toIsOf(schema, ' AND theirs."lastEventAt" >= ?'), ...theirs, from, ...theirs)
      else where(toIsOf(schema), ...theirs, ...theirs)
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

/**
 * Makes the query for sessions of an identity that may be open at `now`: a page of those whose times are as claimed, or a
 * page of those that have a claim ahead of its receipt.
 */
export function toSelectSignedIn(
  dialect: SqlDialect,
  site: string,
  identityId: string,
  now: number,
  isSuspect: boolean,
): Select {
  const over = `sessions."lastActivity" + coalesce(visits.skew, 0) + coalesce(visits."idleLimitMs", ${limits.idleLimitMs})`
  const isAhead = `sessions.lead + coalesce(visits.skew, 0) > ${clockToleranceMs}`
  const where = `WHERE sessions.site = ? AND sessions."identityId" = ? AND`
  const theirs = [site, toKey(identityId)]
  const source = toSource('sessions', dialect)
  return isSuspect
    ? { sql: `${source} ${where} ${isAhead} LIMIT ${mostSuspects}`, values: theirs }
    : {
        sql: `${source} ${where} NOT (${isAhead}) AND sessions."endDate" = 0 AND ${over} > ? LIMIT 1`,
        values: [...theirs, now],
      }
}

/**
 * Makes the query for what the plausible events of a visit say of its sessions or pages: the latest activity and the
 * latest end of each.
 *
 * @param skew of the visit, ms.
 */
export function toSelectPlausible(
  { schema }: SqlDialect,
  site: string,
  visitID: string,
  skew: number,
  of: 'sessionID' | 'pageID' | 'visitID',
): Select {
  const ends = of === 'pageID' ? `'PageExited'` : `'SignOut', 'SessionEnded'`
  const endDate = `max(CASE WHEN events."eventName" IN (${ends}) THEN events.timestamp ELSE 0 END) AS "endDate"`
  const last = 'max(CASE WHEN events.activity = 1 THEN events.timestamp ELSE 0 END) AS "lastActivity"'
  const where = `WHERE events.site = ? AND events."visitID" = ? AND events.timestamp <= events."serverTimestamp" + ?`
  return {
    sql: `SELECT events."${of}" AS id, ${last}, ${endDate} FROM ${schema}events AS events ${where} GROUP BY events."${of}"`,
    values: [site, toKey(visitID), clockToleranceMs - skew],
  }
}

/** Makes the query for the end events of a session at a time. */
export function toSelectEnds(
  dialect: SqlDialect,
  site: string,
  visitID: string,
  sessionKey: string,
  at: number,
): Select {
  const where = `WHERE events.site = ? AND events."visitID" = ? AND events."sessionID" = ? AND events.timestamp = ?`
  return {
    sql: `${toSource('events', dialect)} ${where} AND events."eventName" IN ('SignOut', 'SessionEnded') LIMIT ${mostSuspects}`,
    values: [site, toKey(visitID), sessionKey, at],
  }
}

/** Rows that are read at most of what only a forger makes. */
const mostSuspects = 1000

function toTraitHolders(schema: string): string {
  return `SELECT holders."identityId" FROM ${schema}traits AS holders WHERE holders.site = ? AND holders.trait = ? AND holders.value = ?`
}
