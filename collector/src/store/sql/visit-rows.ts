import { createDigest } from '../../numbers/digest.js'
import type { Digest } from '../../numbers/parts.js'
import type { RawEvent, RawPage, RawSession, RawVisit, VisitRows } from '../../numbers/rows.js'
import { maxCountedDataBytes, maxVisitEvents, maxVisitPages, maxVisitSessions } from '../numbers-limits.js'
import type { Value } from '../tables.js'
import type { RightsDatabase } from './change.js'
import { pageSeen } from './source.js'

// Of whole numbers, a forged visit of a thousand writers would have a sum that no database can hold. Then nothing could be counted any more.
const sumOf = (column: string): string => `sum(CAST(${column} AS double precision))`

/** Events that one query reads. Their data has up to `maxCountedDataBytes` each. */
const eventChunk = 2000
/** Rows of `session_pages` and `writers` that one query reads. */
const rowChunk = 4000

type Of<T> = T & { readonly visitID: string }

const names = (table: string, list: string): string =>
  list
    .split(' ')
    .map(name => `${table}."${name}"`)
    .join()

// Names that a store turns into something else (`activity`, `automated`, `data`) have another one here.
const columns = {
  visits: `${names('visits', 'visitID startDate skew idleLimitMs')}, visits.automated AS told`,
  sessions: names('sessions', 'visitID sessionID identityId startDate endDate lastActivity lead receivedAt endReason'),
  // Addresses are cut to what counts at most, so that long ones are not read.
  pages: `${names('pages', 'visitID pageID sessionID startDate lastActivity lead receivedAt')}, substr(${pageSeen('url')}, 1, 1024) AS url, substr(pages.referrer, 1, 1024) AS referrer`,
  session_pages: names('session_pages', 'visitID sessionID pageID'),
  events: `${names('events', 'visitID eventID eventName timestamp serverTimestamp pageID sessionID')}, events.activity AS active, CASE WHEN octet_length(events.data) <= ${maxCountedDataBytes} OR events."eventName" = 'SessionEnded' THEN events.data END AS text`,
} as const

/**
 * Reads visits and makes their digests. What is too much of a visit is not read.
 *
 * @param visitIDs keys, a few dozen.
 * @returns a digest for each visit that is there.
 */
export async function readDigests(
  { schema, all }: Pick<RightsDatabase, 'schema' | 'all'>,
  site: string,
  visitIDs: readonly string[],
): Promise<ReadonlyMap<string, Digest>> {
  type Table = keyof typeof columns

  async function read<T>(
    table: Table,
    ids: readonly string[],
    key: string,
    limit: number,
    after?: string,
  ): Promise<T[]> {
    const join =
      table === 'pages'
        ? ` LEFT JOIN ${schema}visits AS visits ON visits.site = pages.site AND visits."visitID" = pages."visitID"`
        : ''
    const later = after === undefined ? '' : ` AND ${table}."${key}" > ?`
    const order = [...new Set(['visitID', ...key.split(' ')])].map(name => `${table}."${name}"`).join()
    const { sql, values } = toIn(table, site, ids)
    const rows = await all(
      `SELECT ${columns[table]} FROM ${schema}${table} AS ${table}${join} WHERE ${sql}${later} ORDER BY ${order} LIMIT ${limit}`,
      [...values, ...(after === undefined ? [] : [after])],
    )
    return rows as T[]
  }

  async function readSums(table: 'writers' | 'refused', ids: readonly string[], sums: string): Promise<Of<Sums>[]> {
    const { sql, values } = toIn(table, site, ids)
    const rows = await all(
      `SELECT "visitID", ${sums} FROM ${schema}${table} AS ${table} WHERE ${sql} GROUP BY "visitID"`,
      values,
    )
    const told = rows as Of<Record<keyof Sums, number | string>>[]
    return told.map(({ visitID, a, b }) => ({ visitID, a: Number(a), b: Number(b) }))
  }

  async function readAll(ids: readonly string[]): Promise<[string, Digest][]> {
    const visits = await read<Of<Omit<RawVisit, 'automated'> & { told: number }>>('visits', ids, 'visitID', ids.length)
    const present = visits.map(one => one.visitID)
    if (!present.length) return []
    const sessions = await read<Of<RawSession>>('sessions', present, 'sessionID', maxVisitSessions)
    const pages = await read<Of<RawPage>>('pages', present, 'pageID', maxVisitPages)
    const others = await read<Of<SessionPage>>('session_pages', present, 'sessionID pageID', rowChunk)
    const events = await read<Of<StoredEvent>>('events', present, 'eventID', eventChunk)
    const isCut =
      sessions.length === maxVisitSessions ||
      pages.length === maxVisitPages ||
      others.length === rowChunk ||
      events.length === eventChunk
    // One of the visits is large, so that fewer are read at a time.
    if (isCut && ids.length > 1) {
      const half = Math.ceil(ids.length / 2)
      return [...(await readAll(ids.slice(0, half))), ...(await readAll(ids.slice(half)))]
    }
    const writers = await readSums('writers', present, `${sumOf('written')} AS a, ${sumOf('dropped')} AS b`)
    const refused = await readSums('refused', present, 'count(*) AS a, 0 AS b')
    const [sessionsOf, pagesOf, othersOf] = [byVisit(sessions), byVisit(pages), byVisit(others)]
    const [writersOf, refusedOf, eventsOf] = [byVisit(writers), byVisit(refused), byVisit(events)]
    const digests: [string, Digest][] = []
    for (const { visitID, told, ...visit } of visits) {
      const [sums] = writersOf.get(visitID) ?? []
      const rows: VisitRows = {
        site,
        visitID,
        visit: { ...visit, automated: told },
        sessions: sessionsOf.get(visitID) ?? [],
        pages: pagesOf.get(visitID) ?? [],
        sessionPages: othersOf.get(visitID) ?? [],
        written: sums?.a ?? 0,
        dropped: sums?.b ?? 0,
        refused: refusedOf.get(visitID)?.[0]?.a ?? 0,
      }
      const maker = createDigest(rows)
      let chunk = eventsOf.get(visitID) ?? []
      for (let count = 0; ; ) {
        for (const one of chunk.slice(0, maxVisitEvents - count)) maker.add(toEvent(one))
        count += chunk.length
        if (chunk.length < eventChunk || count >= maxVisitEvents) break
        chunk = await read<Of<StoredEvent>>('events', [visitID], 'eventID', eventChunk, chunk.at(-1)?.eventID ?? '')
      }
      digests.push([visitID, maker.end()])
    }
    return digests
  }

  return new Map(await readAll(visitIDs))
}

interface Sums {
  readonly a: number
  readonly b: number
}

interface SessionPage {
  readonly sessionID: string
  readonly pageID: string
}

type StoredEvent = Omit<RawEvent, 'activity' | 'data'> & {
  readonly eventID: string
  readonly active: number
  readonly text: string | null
}

function toEvent({ active, text, ...event }: StoredEvent): RawEvent {
  return { ...event, activity: active, data: text }
}

function byVisit<T>(rows: readonly Of<T>[]): Map<string, Of<T>[]> {
  return Map.groupBy(rows, one => one.visitID)
}

/** The condition that rows belong to one of some visits. There are few lengths, because each text of a query is kept. */
export function toIn(
  table: string,
  site: string,
  ids: readonly string[],
): { readonly sql: string; readonly values: readonly Value[] } {
  const length = [1, 8, 50].find(one => one >= ids.length) ?? ids.length
  const padded = Array.from({ length }, (_, n) => ids[n] ?? (ids[0] as string))
  return {
    sql: `${table}.site = ? AND ${table}."visitID" IN (${padded.map(() => '?').join()})`,
    values: [site, ...padded],
  }
}
