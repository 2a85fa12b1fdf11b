import { maxPageSize, maxReplyBytes } from '../limits.js'
import {
  type DayNumbers,
  durationBuckets,
  type ListedSession,
  type Numbers,
  type SessionOrder,
  type SessionPart,
} from '../store/numbers.js'
import { dayMs } from './dates.js'
import {
  parseNeeded,
  parsePeriod,
  parseRanking,
  parseRows,
  parseSessionQuery,
  parseSteps,
  toSessionCursor,
} from './numbers-parameters.js'
import { Written } from './written.js'

/**
 * Answers one question about the numbers of a site. The answer is written with `toJson`.
 *
 * @throws (rejects) `ParameterError` for a bad parameter, or the error of the store.
 */
export type NumbersLookup = (params: URLSearchParams) => Promise<object>

/** The questions about the numbers of a site. */
export interface NumbersLookups {
  /** Each day of the period, and their sums. */
  readonly days: NumbersLookup
  readonly durations: NumbersLookup
  readonly ranking: NumbersLookup
  readonly properties: NumbersLookup
  readonly values: NumbersLookup
  readonly funnel: NumbersLookup
  /** A list of sessions. */
  readonly summaries: NumbersLookup
}

/** What days add up to. The visitors of a period are not the sum of those of its days. */
const summed = ['visits', 'sessions', 'pages', 'events', 'activeMs'] as const

/**
 * Makes the lookups over the numbers of a site. A reply has about `maxReplyBytes` at most.
 *
 * @param now collector's clock, Unix epoch, ms.
 */
export function createNumbersLookups(numbers: Numbers, now: () => number): NumbersLookups {
  return {
    async days(params) {
      const period = parsePeriod(params, now())
      const [some, behind] = await Promise.all([numbers.days(period), numbers.behind()])
      const days = toEveryDay(period, some)
      const total = Object.fromEntries(summed.map(name => [name, days.reduce((sum, day) => sum + day[name], 0)]))
      return { ...toBounds(period), days, total, behind }
    },
    async durations(params) {
      const period = parsePeriod(params, now())
      const counts = await numbers.durations(period)
      const buckets = durationBuckets.map((max, n) => ({
        maxSeconds: Number.isFinite(max) ? max : null,
        sessions: counts[n] ?? 0,
      }))
      return { ...toBounds(period), buckets }
    },
    async ranking(params) {
      const period = parsePeriod(params, now())
      const { of, by, limit } = parseRanking(params)
      const { rows, ...total } = await numbers.ranking(of, period, by, limit)
      return { ...toBounds(period), of, by, items: toItems(rows), total }
    },
    async properties(params) {
      const period = parsePeriod(params, now())
      const eventName = parseNeeded(params, 'eventName')
      const rows = await numbers.properties(eventName, period)
      const items = rows.slice(0, maxPageSize).map(({ key, count }) => ({ key, count }))
      return { ...toBounds(period), eventName, items: toItems(items) }
    },
    async values(params) {
      const period = parsePeriod(params, now())
      const [eventName, property] = [parseNeeded(params, 'eventName'), parseNeeded(params, 'property')]
      const { rows, ...total } = await numbers.values(eventName, property, period, parseRows(params))
      return { ...toBounds(period), eventName, property, items: toItems(rows), total }
    },
    async funnel(params) {
      const period = parsePeriod(params, now())
      const { sessions, isWhole, looked } = await numbers.funnel(parseSteps(params), period)
      const steps = params.getAll('step').map((step, n) => ({ step, sessions: sessions[n] ?? 0 }))
      return { ...toBounds(period), steps, looked, isWhole }
    },
    async summaries(params) {
      const query = parseSessionQuery(params, now())
      const { items, next } = await numbers.sessions(query)
      const written = toItems(items.map(one => toSummary(one, query.now)))
      const last = items[written.length - 1]
      const after = last && written.length < items.length ? toPosition(last, query.order) : next
      return { items: written, next: after && toSessionCursor(query.order, after) }
    },
  }
}

function toBounds({ since, until }: { since: number; until: number }): { since: number; until: number } {
  return { since, until }
}

function toEveryDay({ since, until }: { since: number; until: number }, some: readonly DayNumbers[]): DayNumbers[] {
  const known = new Map(some.map(one => [one.day, one]))
  const nothing = { visits: 0, visitors: 0, sessions: 0, pages: 0, events: 0, activeMs: 0 }
  return Array.from({ length: (until - since) / dayMs }, (_, n) => {
    const day = since + n * dayMs
    return known.get(day) ?? { day, ...nothing }
  })
}

/** Writes items until the reply is full, but at least one. */
function toItems<T extends object>(items: readonly T[]): Written<T>[] {
  const written: Written<T>[] = []
  let bytes = 0
  for (const item of items) {
    const text = JSON.stringify(item)
    bytes += Buffer.byteLength(text)
    if (written.length && bytes > maxReplyBytes) break
    written.push(new Written(text))
  }
  return written
}

const fields = {
  start: 'startDate',
  duration: 'duration',
  lastActivity: 'lastActivity',
  pages: 'pages',
  events: 'events',
} as const satisfies Readonly<Record<SessionOrder, keyof ListedSession>>

function toPosition(session: ListedSession, order: SessionOrder): SessionPart['next'] {
  return [session[fields[order]], session.sessionID, session.visitID]
}

/** A session as it is now, in the words of `toCurrent`. Its duration goes on while it is open. */
function toSummary(session: ListedSession, now: number): object {
  const { startDate, lastActivity, idleAt } = session
  const isAbandoned = session.endDate === 0 && idleAt <= now
  const endDate = isAbandoned ? Math.max(startDate, lastActivity) : session.endDate
  const open = endDate === 0
  return {
    ...session,
    endDate,
    endReason: open ? null : isAbandoned ? 'abandoned' : session.endReason || 'unknown',
    open,
  }
}
