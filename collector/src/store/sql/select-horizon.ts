import { toKey } from '../keys.js'
import { orders, tableOf } from '../lists.js'
import type { Horizon, Range, Within } from '../store.js'
import type { SqlDialect } from './dialect.js'
import type { Select } from './select.js'
import { toColumn, toTimeSource } from './source.js'
import { isInHorizon, toEndOfSession, toIsInVisitOf, toSessionKey, toVisitsOf } from './where.js'

// Queries that find out how much there is. They read indexes alone.

/** Makes the query for the time of an item so many items on. */
export function toSelectHorizon(
  dialect: SqlDialect,
  site: string,
  listed: Horizon,
  within: Within,
  range: Range,
  items: number,
): Select {
  const { since = 0, until = Number.MAX_SAFE_INTEGER, after, isDescending = false } = range
  const time = toColumn(listed, orders[listed][0] as string, '')
  const from = Number(after?.[0] ?? (isDescending ? until : since))
  const [first, last] = isDescending ? [since, Math.min(from, until)] : [Math.max(from, since), until]
  const { sql, by, values } = isInHorizon(dialect, site, listed, within)
  const isOfSession = listed === 'events' && within.sessionID !== undefined
  const end = isOfSession ? toEndOfSession(dialect.schema) : '?'
  const where = `${by} WHERE ${tableOf(listed)}.site = ?${sql} AND ${time} >= ? AND ${time} <= ${end}`
  const order = `ORDER BY ${time}${isDescending ? ' DESC' : ''} LIMIT 1 OFFSET ?`
  return {
    sql: `${toTimeSource(listed, dialect)}${where} ${order}`,
    values: [site, ...values, first, ...(isOfSession ? toSessionKey(site, within) : []), last, items],
  }
}

/** Makes the query for the session, or the event in the visits of an identity, that comes after so many others in any order. */
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
