import { systemEvents } from 'sojourn/record'
import { toKey } from '../keys.js'
import { type Listed, tableOf } from '../lists.js'
import type { Horizon, Range, Within } from '../store.js'
import type { SqlDialect } from './dialect.js'
import { eventUrl, pageSeen, toTraitValue } from './source.js'

/** Conditions, and one value for each `?` in them. */
interface Where {
  readonly conditions: string[]
  readonly values: (string | number)[]
}

/** The query for the visits in which an identity was signed in. Its values are the site and the identity. */
export function toVisitsOf(schema: string, by = ''): string {
  return `SELECT theirs."visitID" FROM ${schema}sessions AS theirs${by} WHERE theirs.site = ? AND theirs."identityId" = ?`
}

/** The query for the identities that were signed in during a visit. Its values are the site and the visit. */
function toIdentitiesOf({ schema, asDistributed }: SqlDialect): string {
  return `SELECT theirs."identityId"${asDistributed} FROM ${schema}sessions AS theirs WHERE theirs.site = ? AND theirs."visitID" = ?`
}

/** The condition that an item is in a visit of an identity. Its values are the site and the identity. */
export function toIsInVisitOf({ schema, byIdentity }: SqlDialect, listed: string, later = ''): string {
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
 * The condition that a visit, a page or an event is of an identity, looked up for each. An aggregate is used in the place of EXISTS, because a
 * database may turn that around and read all sessions of the identity first. With `|| ''`, those of the visit are read.
 */
function toIsWith(schema: string, listed: string): string {
  const isOfSession = listed === 'visits' ? '' : ` AND theirs."sessionID" = ${listed}."sessionID"`
  return `(SELECT count(*) FROM ${schema}sessions AS theirs WHERE theirs.site = ${listed}.site AND theirs."visitID" = ${listed}."visitID"${isOfSession} AND theirs."identityId" || '' = ?) > 0`
}

/**
 * The condition that a page belongs to a session: it was entered in it, or is one of its `session_pages`. Its values are
 * the session, twice. An aggregate is used in the place of EXISTS, because PostgreSQL may turn that around and read all of these first.
 */
function toIsPageOfSession(schema: string): string {
  const other = `SELECT count(*) FROM ${schema}session_pages AS other WHERE other.site = pages.site AND other."visitID" = pages."visitID" AND other."sessionID" = ? AND other."pageID" = pages."pageID"`
  return `(pages."sessionID" = ? OR (${other}) > 0)`
}

/**
 * The time of the last event of a session, so that what comes after it is not looked at, or an earlier time. Its values are the site,
 * the visit, the session and the time. SQLite uses only one end of a range.
 */
export function toEndOfSession(schema: string): string {
  const last = `SELECT ending."lastEventAt" AS at FROM ${schema}sessions AS ending WHERE ending.site = ? AND ending."visitID" = ? AND ending."sessionID" = ?`
  return `(SELECT min(ends.at) FROM (${last} UNION ALL SELECT CAST(? AS bigint)) AS ends)`
}

/** The key of a session. */
export function toSessionKey(site: string, { visitID = '', sessionID = '' }: Within): string[] {
  return [site, toKey(visitID), toKey(sessionID)]
}

/**
 * The condition that a page belongs to a session of an identity. Its values are site and identity, identity, and site and identity. The
 * last query does not depend on the page, so that it runs once, and only if a page was entered in no session of theirs.
 */
function toIsPageOfIdentity(dialect: SqlDialect): string {
  const { schema, byIdentity } = dialect
  // With `|| ''`, the pages of these sessions are looked up. Without it, SQLite would read those of the whole site.
  const isOther = `other.site = theirs.site || '' AND other."visitID" = theirs."visitID" AND other."sessionID" = theirs."sessionID"`
  const other = `SELECT other."visitID", other."pageID" FROM ${schema}sessions AS theirs${byIdentity} JOIN ${schema}session_pages AS other ON ${isOther} WHERE theirs.site = ? AND theirs."identityId" = ?`
  const isTheirs = `${toIsWith(schema, 'pages')} OR (pages."visitID", pages."pageID") IN (${other})`
  return `${toIsInVisitOf(dialect, 'pages')} AND (${isTheirs})`
}

/** Makes the condition that items match a filter. */
export function toWhere(dialect: SqlDialect, site: string, list: Listed, filter: object, range: Range): Where {
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
      where(toIsPageOfSession(schema), toKey(value), toKey(value))
    } else if (name === 'visitID' || name === 'sessionID' || (name === 'identityId' && listed === 'sessions'))
      where(`${listed}."${name}" = ?`, toKey(value))
    else if (name === 'globalVisitID' && isOfBrowser(filter)) where(isBrowser, value)
    else if (name !== 'identityId') where(`${listed}."${name}" = ?`, value)
    else if (listed === 'pages')
      where(toIsPageOfIdentity(dialect), site, toKey(value), toKey(value), site, toKey(value))
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

// The index has no names, because no filter asks for one.
function toTraitHolders(schema: string): string {
  return `SELECT holders."identityId" FROM ${schema}traits AS holders WHERE holders.site = ? AND holders.trait = ? AND holders.trait <> 'name' AND holders.value = ?`
}

/** Whether a filter is for visits of a browser. Anonymous visits name none. */
export function isOfBrowser(filter: object): boolean {
  return 'globalVisitID' in filter && filter.globalVisitID !== ''
}

/** The conditions for the items that a horizon is looked for in, each after ` AND `, and the index of them if it must be named. */
export function isInHorizon(
  dialect: SqlDialect,
  site: string,
  listed: Horizon,
  { visitID, identityId, globalVisitID }: Within,
): { readonly sql: string; readonly by: string; readonly values: readonly string[] } {
  if (globalVisitID !== undefined) return { sql: ` AND ${isBrowser}`, by: dialect.byBrowser, values: [globalVisitID] }
  if (visitID !== undefined) return { sql: ` AND ${listed}."visitID" = ?`, by: '', values: [toKey(visitID)] }
  if (identityId === undefined) return { sql: '', by: '', values: [] }
  const key = toKey(identityId)
  if (listed === 'sessions') return { sql: ' AND sessions."identityId" = ?', by: dialect.byIdentity, values: [key] }
  return { sql: ` AND ${toIsInVisitOf(dialect, listed)}`, by: '', values: [site, key] }
}

// Only visits that name a browser are in the index.
const isBrowser = `visits."globalVisitID" = ? AND visits."globalVisitID" <> ''`
