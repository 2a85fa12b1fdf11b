import { limits } from 'sojourn/record'
import { clockToleranceMs, maxPageSize } from '../../limits.js'
import { toKey } from '../keys.js'
import type { SqlDialect } from './dialect.js'
import type { Select } from './select.js'
import { toSource } from './source.js'

// Queries for what is open, and for what the events of a visit say of its times.

/**
 * Makes the query for the latest session of a visit or an identity that is open at `now`: one of those whose times are
 * as claimed, or a page of those that have a claim ahead of its receipt.
 *
 * @param of the visit, the identity, or both.
 */
export function toSelectOpen(
  dialect: SqlDialect,
  site: string,
  of: { readonly visitID?: string; readonly identityId?: string },
  now: number,
  isSuspect: boolean,
): Select {
  const over = `sessions."lastActivity" + coalesce(visits.skew, 0) + coalesce(visits."idleLimitMs", ${limits.idleLimitMs})`
  const isAhead = `sessions.lead + coalesce(visits.skew, 0) > ${clockToleranceMs}`
  const names = Object.keys(of)
  const where = ['sessions.site = ?', ...names.map(name => `sessions."${name}" = ?`)].join(' AND ')
  const theirs = [site, ...Object.values(of).map(toKey)]
  const source = toSource('sessions', dialect)
  // A `+` keeps the database from reading the sessions of the whole site in this order.
  const time = of.visitID === undefined ? 'sessions."startDate"' : '+sessions."startDate"'
  const last = `ORDER BY ${time} DESC, sessions."sessionID" DESC LIMIT`
  return isSuspect
    ? { sql: `${source} WHERE ${where} AND ${isAhead} ${last} ${mostSuspects}`, values: theirs }
    : {
        sql: `${source} WHERE ${where} AND NOT (${isAhead}) AND sessions."endDate" = 0 AND ${over} > ? ${last} 1`,
        values: [...theirs, now],
      }
}

/**
 * Makes the query for what the plausible events of a visit say of it, or of some of its sessions or pages: the latest
 * activity and the latest end of each.
 *
 * @param skew of the visit, ms.
 * @param ids of at most a page of a list, as events hold them. Rows for no others are read, because a visit may have any
 *   number of sessions.
 */
export function toSelectPlausible(
  { schema }: SqlDialect,
  site: string,
  visitID: string,
  skew: number,
  of: 'sessionID' | 'pageID' | 'visitID',
  ids: readonly string[],
): Select {
  // There are only a few lengths, because each text of a query is prepared once and kept.
  const length = [1, 10, 100].find(one => one >= ids.length) ?? maxPageSize + 1
  const padded = Array.from({ length }, (_, n) => ids[n] ?? (ids[0] as string))
  const ends = of === 'pageID' ? `'PageExited'` : `'SignOut', 'SessionEnded'`
  const endDate = `max(CASE WHEN events."eventName" IN (${ends}) THEN events.timestamp ELSE 0 END) AS "endDate"`
  const last = 'max(CASE WHEN events.activity = 1 THEN events.timestamp ELSE 0 END) AS "lastActivity"'
  const where = `WHERE events.site = ? AND events."visitID" = ? AND events.timestamp <= events."serverTimestamp" + ? AND events."${of}" IN (${padded.map(() => '?').join()})`
  return {
    sql: `SELECT events."${of}" AS id, ${last}, ${endDate} FROM ${schema}events AS events ${where} GROUP BY events."${of}"`,
    values: [site, toKey(visitID), clockToleranceMs - skew, ...padded],
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
