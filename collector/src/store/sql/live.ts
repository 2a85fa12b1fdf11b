import { limits } from 'sojourn/record'
import { activeWindowMs, clockToleranceMs, maxActiveLooked, maxLatestLooked } from '../../limits.js'
import { isIdle } from '../clock.js'
import type { LatestEvent, LiveReads } from '../live.js'
import type { StoredSession, StoredVisit } from '../store.js'
import type { SqlDialect } from './dialect.js'
import type { Select } from './select.js'
import { isOfSite, toLatestSource, toSource } from './source.js'

/** What live reads need of the other reads of a site. */
export interface LiveParts {
  readonly run: (select: Select) => Promise<object[]>
  readonly toVisits: (rows: readonly object[]) => Promise<StoredVisit[]>
  readonly toSessions: (rows: readonly object[]) => Promise<StoredSession[]>
  /** Whether so many events were received since a time, or more. */
  readonly hasMore: (since: number, events: number) => Promise<boolean>
}

/** Rows that are read at most of what only a forger makes: those with a time ahead of its receipt. */
const mostSuspects = 1000

/** Is part of a condition: leaves out what is of automated browsers. */
const isOfPerson = 'coalesce(visits.automated, 0) = 0'

/** Makes the live reads. They are the same for every SQL database. */
export function createLiveReads(dialect: SqlDialect, site: string, parts: LiveParts): LiveReads {
  const { run, toVisits, toSessions, hasMore } = parts
  const { schema, byBytes } = dialect

  /** The end of a query for rows of visits that have sent something lately, and of the values for it. */
  function toRecent(listed: 'visits' | 'sessions', now: number): Select {
    const order = '"serverTimestamp" DESC'
    const newest = `SELECT events."visitID" FROM ${schema}events AS events WHERE events.site = ? AND events."serverTimestamp" >= ? ORDER BY events.${order} LIMIT ?`
    const recent = `SELECT DISTINCT newest."visitID" FROM (${newest}) AS newest`
    return {
      sql: `WHERE ${listed}.site = ? AND ${listed}."visitID" IN (${recent})`,
      values: [site, site, now - activeWindowMs, maxActiveLooked],
    }
  }

  const isAhead = (listed: string): string => `${listed}.lead + coalesce(visits.skew, 0) > ${clockToleranceMs}`

  async function count(listed: 'visits' | 'sessions', now: number): Promise<number> {
    const { sql, values } = toRecent(listed, now)
    const over = `${listed}."lastActivity" + coalesce(visits.skew, 0) + coalesce(visits."idleLimitMs", ${limits.idleLimitMs})`
    const isOpen = listed === 'sessions' ? ' AND sessions."endDate" = 0' : ''
    const join =
      listed === 'sessions'
        ? ` JOIN ${schema}visits AS visits ON ${isOfSite('visits', 'sessions')} AND visits."visitID" = sessions."visitID"`
        : ''
    const [row] = await run({
      sql: `SELECT count(*) AS open FROM ${schema}${listed} AS ${listed}${join} ${sql} AND NOT (${isAhead(listed)})${isOpen} AND ${isOfPerson} AND ${over} > ?`,
      values: [...values, now],
    })
    return (row as { open: number }).open
  }

  function suspects(listed: 'visits' | 'sessions', now: number): Promise<object[]> {
    const { sql, values } = toRecent(listed, now)
    return run({
      sql: `${toSource(listed, dialect)} ${sql} AND ${isOfPerson} AND ${isAhead(listed)} LIMIT ${mostSuspects}`,
      values,
    })
  }

  return {
    async active(now) {
      const [visits, sessions, doubtfulVisits, doubtfulSessions, isMore] = await Promise.all([
        count('visits', now),
        count('sessions', now),
        suspects('visits', now).then(toVisits),
        suspects('sessions', now).then(toSessions),
        hasMore(now - activeWindowMs, maxActiveLooked),
      ])
      return {
        visits: visits + doubtfulVisits.filter(one => !isIdle(one, now)).length,
        sessions: sessions + doubtfulSessions.filter(one => one.endDate === 0 && !isIdle(one, now)).length,
        isWhole: !isMore,
      }
    },
    async latest(limit) {
      const columns = 'site visitID eventID serverTimestamp eventName timestamp url pageID sessionID'
      const list = columns.split(' ').map(one => `received."${one}"`)
      const order = (table: string): string =>
        `${table}."serverTimestamp" DESC, ${table}."visitID"${byBytes} DESC, ${table}."eventID" DESC`
      const newest = `SELECT ${list.join()} FROM ${schema}events AS received WHERE received.site = ? ORDER BY ${order('received')} LIMIT ?`
      const source = toLatestSource(dialect, `(${newest})`)
      const sql = `${source} WHERE ${isOfPerson} ORDER BY ${order('events')} LIMIT ?`
      // Few are looked at first, so that PostgreSQL looks up their visits one by one. Most are not of automated browsers.
      const few = await run({ sql, values: [site, 3 * limit, limit] })
      const rows = few.length < limit ? await run({ sql, values: [site, maxLatestLooked, limit] }) : few
      return rows as unknown as LatestEvent[]
    },
  }
}
