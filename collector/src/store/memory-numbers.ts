import { limits, toDuration } from 'sojourn/record'
import {
  inOrder,
  isBusiness,
  isElsewhere,
  isInside,
  rank,
  toActive,
  toAddress,
  toKey,
  toProperties,
  toRanking,
} from './memory-counts.js'
import { compare } from './memory-order.js'
import type { State } from './memory-reads.js'
import {
  type DayNumbers,
  durationBuckets,
  type ListedSession,
  type Numbers,
  type Period,
  type SessionOrder,
  type SessionQuery,
  type Step,
} from './numbers.js'
import { maxKeyChars, maxValueChars } from './numbers-limits.js'
import type { Automated, SiteReads, StoredEvent, StoredPage, StoredSession, StoredVisit } from './store.js'

const dayMs = 86_400_000

/** A session with all that is asked of it. */
interface WholeSession {
  readonly listed: ListedSession
  readonly addresses: readonly (readonly [key: string, at: number])[]
  readonly names: readonly (readonly [key: string, at: number])[]
}

/** Everything of a site that numbers are counted of. */
interface Everything {
  readonly visits: readonly StoredVisit[]
  readonly pages: readonly StoredPage[]
  readonly events: readonly StoredEvent[]
  readonly sessions: readonly WholeSession[]
}

/**
 * Makes the numbers of a site in the simplest way: each question counts everything anew, so nothing is ever behind. It
 * shares no code with the digests of the databases, which are tested against it.
 */
export function createMemoryNumbers(site: string, stateOf: () => State, reads: SiteReads): Numbers {
  async function readAll(automated?: Automated): Promise<Everything> {
    const visits = (await reads.visits({})).filter(
      one => automated === undefined || (one.automated === true) === (automated === 'only'),
    )
    const byID = new Map(visits.map(one => [one.visitID, one]))
    const isIn = (one: { readonly visitID: string }): boolean => byID.has(one.visitID)
    const events = (await reads.receipts({})).filter(isIn)
    const pages = (await Promise.all(visits.map(({ visitID }) => reads.pages({ visitID })))).flat()
    const stored = (await reads.sessions({})).filter(isIn)
    const sessions = await Promise.all(stored.map(one => toWhole(one, byID.get(one.visitID) as StoredVisit, events)))
    return { visits, pages, events, sessions }
  }

  function isComplete(visitID: string): boolean {
    const state = stateOf()
    const of = (name: 'events' | 'refused' | 'writers') =>
      state[name].filter(one => one.site === site && one.visitID === visitID)
    const sum = (name: string): number => of('writers').reduce((all, one) => all + Number(one[name]), 0)
    return of('events').length + of('refused').length + sum('dropped') >= sum('written')
  }

  async function toWhole(session: StoredSession, visit: StoredVisit, all: readonly StoredEvent[]) {
    const { sessionID, visitID, identityId, startDate, endDate, lastActivity, endReason, skew, idleLimitMs } = session
    const pages = await reads.pages({ visitID, sessionID })
    const events = all.filter(one => one.visitID === visitID && one.sessionID === sessionID && isBusiness(one))
    const listed: ListedSession = {
      sessionID,
      visitID,
      identityId,
      startDate,
      endDate,
      lastActivity,
      duration: toDuration(startDate, endDate || lastActivity),
      endReason,
      idleAt: lastActivity + (skew ?? 0) + (idleLimitMs ?? limits.idleLimitMs),
      pages: pages.length,
      events: events.length,
      complete: isComplete(visitID),
      automated: visit.automated === true,
      entry: toAddress(pages[0]?.url ?? ''),
      exit: toAddress(pages.at(-1)?.url ?? ''),
    }
    const addresses = pages.map(one => [toAddress(one.url), one.startDate] as const)
    return { listed, addresses, names: events.map(one => [one.eventName, one.timestamp] as const) }
  }

  async function rankValues(name: string, period: Period, keyOf: (data: object) => readonly string[]) {
    const { events } = await readAll(period.automated)
    const some = events.filter(one => isBusiness(one) && one.eventName === name && isInside(one.timestamp, period))
    return rank(some.flatMap(one => keyOf(one.data ?? {})).map(key => [key, 0]))
  }

  const numbers: Numbers = {
    async days(period) {
      const all = await readAll(period.automated)
      const days = new Map<number, DayNumbers>()
      const add = (time: number, more: Partial<DayNumbers>): void => {
        if (!isInside(time, period)) return
        const day = time - (time % dayMs)
        const none = { day, visits: 0, visitors: 0, sessions: 0, pages: 0, events: 0, activeMs: 0 }
        const sums: Record<string, number> = { ...(days.get(day) ?? none) }
        for (const [name, count] of Object.entries(more)) sums[name] = (sums[name] ?? 0) + count
        days.set(day, sums as unknown as DayNumbers)
      }
      const signedIn = new Set(all.sessions.map(one => one.listed.visitID))
      for (const one of all.visits) add(one.startDate, { visits: 1, visitors: signedIn.has(one.visitID) ? 0 : 1 })
      const people = new Map<string, number>()
      for (const { listed } of all.sessions) {
        add(listed.startDate, { sessions: 1 })
        const { identityId, automated, startDate } = listed
        people.set(JSON.stringify([Math.floor(startDate / dayMs), automated, identityId]), startDate)
      }
      for (const startDate of people.values()) add(startDate, { visitors: 1 })
      for (const one of all.pages) add(one.startDate, { pages: 1, activeMs: toActive(one) })
      for (const one of all.events) if (isBusiness(one)) add(one.timestamp, { events: 1 })
      return [...days.values()].sort((a, b) => a.day - b.day)
    },
    async durations(period) {
      const { sessions } = await readAll(period.automated)
      const all = sessions.filter(one => isInside(one.listed.startDate, period)).map(one => one.listed.duration)
      return durationBuckets.map(
        (end, n) => all.filter(one => one <= end && one > (durationBuckets[n - 1] ?? -1)).length,
      )
    },
    async ranking(of, period, by, limit) {
      const { visits, pages, events } = await readAll(period.automated)
      if (of === 'events') {
        const some = events.filter(one => isBusiness(one) && isInside(one.timestamp, period))
        return toRanking(rank(some.map(one => [toKey(one.eventName, maxKeyChars), 0])), by, limit)
      }
      if (of === 'pages') {
        const some = pages.filter(one => isInside(one.startDate, period))
        return toRanking(rank(some.map(one => [toAddress(one.url), toActive(one)])), by, limit)
      }
      const keys = visits.flatMap(({ visitID, startDate }) => {
        const own = pages.filter(one => one.visitID === visitID)
        const [first, last] = [own[0], own.at(-1)]
        if (!first || !last || !isInside(startDate, period)) return []
        if (of === 'referrers') return isElsewhere(first) ? [toAddress(first.referrer)] : []
        return [toAddress(of === 'entries' ? first.url : last.url)]
      })
      return toRanking(rank(keys.filter(key => key !== '').map(key => [key, 0])), by, limit)
    },
    properties: async (name, period) =>
      inOrder(await rankValues(name, period, data => toProperties(data).map(([key]) => key)), 'count'),
    async values(name, property, period, limit) {
      const wanted = toKey(property, maxValueChars)
      const valuesOf = (data: object) => toProperties(data).flatMap(([key, value]) => (key === wanted ? [value] : []))
      return toRanking(await rankValues(name, period, valuesOf), 'count', limit)
    },
    async funnel(steps, period) {
      const all = (await readAll(period.automated)).sessions.filter(one => isInside(one.listed.startDate, period))
      const reached = all.map(one => countSteps(one, steps))
      const sessions = steps.map((_, n) => reached.filter(count => count > n).length)
      return { sessions, looked: sessions[0] ?? 0, isWhole: true }
    },
    async sessions(query) {
      const { order, isDescending, after, limit } = query
      const keyOf = (one: ListedSession) => [valueOf(one, order), one.sessionID, one.visitID] as const
      const turn = isDescending ? -1 : 1
      const all = (await readAll(query.automated)).sessions.filter(one => isAsked(one, query)).map(one => one.listed)
      const later = all
        .filter(one => !after || turn * compare(keyOf(one), after) > 0)
        .sort((a, b) => turn * compare(keyOf(a), keyOf(b)))
      const items = later.slice(0, limit)
      const last = items.at(-1)
      return { items, next: last && later.length > limit ? keyOf(last) : null }
    },
    behind: async () => ({ visits: 0, since: null }),
  }
  return numbers
}

function isAsked({ listed, addresses, names }: WholeSession, query: SessionQuery): boolean {
  const { startDate, duration, endDate, idleAt, endReason, complete, identityId } = listed
  const { since = 0, until = Number.POSITIVE_INFINITY, minDuration = 0, maxDuration = Number.POSITIVE_INFINITY } = query
  const isSame = <T>(asked: T | undefined, value: T): boolean => asked === undefined || asked === value
  const isOpen = endDate === 0 && idleAt > query.now
  const reason = endDate === 0 ? (isOpen ? null : 'abandoned') : endReason || 'unknown'
  return (
    isSame(query.identityId, identityId) &&
    isSame(query.open, isOpen) &&
    (query.endReason === undefined || query.endReason === reason) &&
    isSame(query.complete, complete) &&
    startDate >= since &&
    startDate <= until &&
    duration >= minDuration &&
    duration <= maxDuration &&
    (query.url === undefined || addresses.some(([key]) => key === toAddress(query.url ?? ''))) &&
    (query.eventName === undefined || names.some(([key]) => key === query.eventName))
  )
}

function valueOf(one: ListedSession, order: SessionOrder): number {
  return order === 'start' ? one.startDate : one[order]
}

/** How many of the first steps a session did, one after the other. */
function countSteps({ addresses, names }: WholeSession, steps: readonly Step[]): number {
  let at = 0
  for (const [n, step] of steps.entries()) {
    const [all, wanted] = 'url' in step ? [addresses, toAddress(step.url)] : [names, step.eventName]
    const times = all.filter(([key]) => key === wanted).map(([, time]) => time)
    const [first, last] = [Math.min(...times), Math.max(...times)]
    if (!times.length || last < at) return n
    at = first >= at ? first : last
  }
  return steps.length
}
