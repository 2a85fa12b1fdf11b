import { limits } from 'sojourn/record'
import { clockToleranceMs, maxPageSize, maxSessionsLooked } from '../../limits.js'
import { toKey } from '../keys.js'
import { both, type Condition } from './bites.js'
import type { SqlDialect } from './dialect.js'
import type { Select } from './select.js'
import { keysOf, type Source, toFound, toJoinVisits, toSource } from './source.js'

// Queries for what is open, and for what the events of a visit say of its times.

/** The sessions of a visit, of an identity, or of an identity in a visit. */
export type SessionsOf =
  | { readonly visitID: string; readonly identityId?: string }
  | { readonly visitID?: never; readonly identityId: string }

/**
 * Makes the query for the latest session of a visit that is open at `now`, or for those of an identity. Of a session with a claim ahead of
 * its receipt, only its events tell that. So such sessions are found by the query of `suspects`, or by that of `all`.
 *
 * Of an identity, the newest `maxSessionsLooked` are looked at. Of a visit, all are, but without looking for their visit.
 */
export function toSelectOpen(
  dialect: SqlDialect,
  site: string,
  { visitID, identityId }: SessionsOf,
  now: number,
  which: 'claimed' | 'suspects' | 'all',
): Select {
  const { schema, byIdentity } = dialect
  const visit = visitID === undefined ? [] : [site, toKey(visitID)]
  /** What the visit says about time. That of one visit is read once. */
  const clock = (name: string, otherwise: number): Condition => {
    const own = `(SELECT own."${name}" FROM ${schema}visits AS own WHERE own.site = ? AND own."visitID" = ?)`
    return { sql: `coalesce(${visitID === undefined ? `visits."${name}"` : own}, ${otherwise})`, values: visit }
  }
  const [skew, idleLimit] = [clock('skew', 0), clock('idleLimitMs', limits.idleLimitMs)]
  const isAhead: Condition = { sql: `sessions.lead + ${skew.sql} > ${clockToleranceMs}`, values: skew.values }
  const isOpen: Condition = {
    sql: `sessions."endDate" = 0 AND sessions."lastActivity" + ${skew.sql} + ${idleLimit.sql} > ?`,
    values: [...skew.values, ...idleLimit.values, now],
  }
  const isWanted = {
    suspects: isAhead,
    claimed: both(isOpen, { ...isAhead, sql: `NOT (${isAhead.sql})` }),
    all: { sql: `(${isOpen.sql} OR ${isAhead.sql})`, values: [...isOpen.values, ...isAhead.values] },
  }[which]
  const of = [...(identityId === undefined ? [] : ['identityId']), ...(visitID === undefined ? [] : ['visitID'])]
  const theirs = `WHERE sessions.site = ? ${of.map(name => `AND sessions."${name}" = ?`).join(' ')}`
  const newest = 'ORDER BY sessions."startDate" DESC, sessions."sessionID" DESC LIMIT'
  const values = [site, ...(identityId === undefined ? [] : [toKey(identityId)]), ...visit.slice(1)]
  const keys = `SELECT ${keysOf('sessions')
    .map(([key]) => key)
    .join()} FROM`
  const rows = `${schema}sessions AS sessions`
  const most = which === 'claimed' ? 1 : mostSuspects
  const found =
    visitID === undefined
      ? `${keys} (SELECT sessions.* FROM ${rows}${byIdentity} ${theirs} ${newest} ${maxSessionsLooked}) AS sessions${toJoinVisits('sessions', schema)} WHERE ${isWanted.sql} LIMIT ${most}`
      : // A `+` keeps the database from reading the sessions of the whole site in this order.
        `${keys} ${rows}${identityId === undefined ? '' : byIdentity} ${theirs} AND ${isWanted.sql} ${newest.replace('BY ', 'BY +')} ${most}`
  const source: Source = (columns, all) => toSource('sessions', dialect, columns, all)
  return {
    sql: toFound('sessions', dialect, `(${found})`, source),
    values: [...values, ...isWanted.values] as Select['values'],
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
