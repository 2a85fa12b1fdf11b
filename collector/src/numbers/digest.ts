import { isTextAfter, limits, systemEvents, toDuration } from 'sojourn/record'
import { type Plausible, toTimes } from '../store/derive.js'
import { durationBuckets } from '../store/numbers.js'
import { maxActiveMs, maxVisitKeys, maxVisitMarks, maxVisitPages, maxVisitSessions } from '../store/numbers-limits.js'
import { toAddress, toID, toName } from './keys.js'
import { counters, type Digest, dims, hasWords, type ListedRow, type Mark, type Total } from './parts.js'
import { createPlausible } from './plausible.js'
import { toProperties } from './properties.js'
import type { RawEvent, RawPage, VisitRows } from './rows.js'

/** Takes the events of a visit one after the other, in the order of their ids, and makes the digest at the end. */
export interface DigestMaker {
  readonly add: (event: RawEvent) => void
  readonly end: () => Digest
}

/** The id of a session in lists. All ids are keys. */
export function toRef(site: string, visitID: string, sessionID: string): number {
  return toID('session', site, visitID, sessionID)
}

const dayMs = 86_400_000
const toDay = (time: number): number => Math.floor(time / dayMs)

/** Makes what is counted of a visit. What is too much of a visit is left out, see `limits.ts`. */
export function digest(rows: VisitRows, events: Iterable<RawEvent>): Digest {
  const maker = createDigest(rows)
  for (const event of events) maker.add(event)
  return maker.end()
}

/** Begins a digest. `rows` is all of the visit but its events. */
export function createDigest(rows: VisitRows): DigestMaker {
  const { site, visitID, visit } = rows
  const { skew } = visit
  const pages = rows.pages.slice(0, maxVisitPages)
  const stored = rows.sessions.slice(0, maxVisitSessions)
  const plausible = createPlausible(skew, stored, pages)
  const totals = new Map<string, Total>()
  const words = new Map<number, string>()
  const room = { keys: maxVisitKeys, values: maxVisitKeys, marks: maxVisitMarks }
  let count = 0

  function add(dim: number, parent: number, time: number, key: number, word = '', ms = 0): void {
    const day = toDay(time)
    const at = `${dim} ${parent} ${day} ${key}`
    const found = totals.get(at)
    if (found) {
      found.n++
      found.ms += ms
      return
    }
    const of = dim >= dims.properties ? 'values' : 'keys'
    if (room[of]-- <= 0) return
    totals.set(at, { dim, parent, day, key, n: 1, ms })
    if (hasWords(dim)) words.set(key, word)
  }
  const addAddress = (dim: number, time: number, url: string, ms = 0): void => {
    const address = toAddress(url)
    add(dim, 0, time, toID('address', address), address, ms)
  }

  const sessions = new Map(
    stored.map(one => [
      one.sessionID,
      { stored: one, pages: [] as RawPage[], marks: new Map<number, Mark>(), events: 0 },
    ]),
  )
  type Within = typeof sessions extends Map<string, infer S> ? S : never

  function mark({ marks, stored: { startDate } }: Within, id: number, time: number): void {
    const [known, at] = [marks.get(id), time - startDate]
    if (!known) {
      if (room.marks-- > 0) marks.set(id, { first: at, last: at })
      return
    }
    known.first = Math.min(known.first, at)
    known.last = Math.max(known.last, at)
  }

  add(dims.days, 0, visit.startDate, counters.visits)
  if (!stored.length) add(dims.days, 0, visit.startDate, counters.visitors)
  for (const one of stored) add(dims.days, 0, one.startDate, counters.sessions)
  const inOrder = pages.toSorted(byStart)
  addPlaces()

  /** Puts the pages into their sessions, and counts where the visit began and ended. */
  function addPlaces(): void {
    const others = Map.groupBy(rows.sessionPages, one => one.pageID)
    for (const page of inOrder) {
      const within = new Set([page.sessionID, ...(others.get(page.pageID) ?? []).map(one => one.sessionID)])
      for (const id of within) {
        const session = sessions.get(id ?? '')
        if (!session) continue
        session.pages.push(page)
        mark(session, toID('address', toAddress(page.url)), page.startDate)
      }
    }
    const [first, last] = [inOrder[0], inOrder.at(-1)]
    if (!first || !last) return
    if (toAddress(first.url)) addAddress(dims.entries, visit.startDate, first.url)
    if (toAddress(last.url)) addAddress(dims.exits, visit.startDate, last.url)
    const from = toOrigin(first.referrer)
    if (from && from !== toOrigin(first.url)) addAddress(dims.referrers, visit.startDate, first.referrer)
  }

  function addEvent(event: RawEvent): void {
    const { eventName, timestamp, sessionID } = event
    count++
    plausible.add(event)
    const isBusiness = !systemEvents.includes(eventName)
    if (!isBusiness) return
    const name = toID('name', eventName)
    const session = sessions.get(sessionID ?? '')
    if (session) {
      session.events++
      mark(session, name, timestamp)
    }
    add(dims.days, 0, timestamp, counters.events)
    add(dims.events, 0, timestamp, name, toName(eventName))
    for (const [property, value] of toProperties(event.data)) {
      const id = toID('property', eventName, property)
      add(dims.properties, name, timestamp, id, property)
      add(dims.values, id, timestamp, toID('value', eventName, property, value), value)
    }
  }

  function addPage(page: RawPage): void {
    const { lastActivity } = toTimes({ ...page, endDate: 0 }, plausible.ofPage(page), skew)
    const ms = Math.min(Math.max(0, lastActivity - page.startDate), maxActiveMs)
    add(dims.days, 0, page.startDate, counters.pages, '', ms)
    addAddress(dims.pages, page.startDate, page.url, ms)
  }

  function toListed(within: Within): ListedRow {
    const { sessionID, identityId, startDate } = within.stored
    const told: Plausible | null = plausible.ofSession(within.stored)
    const { endDate, lastActivity } = toTimes(within.stored, told, skew)
    const duration = toDuration(startDate, endDate || lastActivity)
    const [first, last] = [within.pages[0], within.pages.at(-1)]
    const idOf = (page: RawPage | undefined): number =>
      page && words.has(toID('address', toAddress(page.url))) ? toID('address', toAddress(page.url)) : 0
    add(
      dims.durations,
      0,
      startDate,
      durationBuckets.findIndex(end => duration <= end),
    )
    return {
      ref: toRef(site, visitID, sessionID),
      visitID,
      sessionID,
      identityId,
      startDate,
      endDate,
      lastActivity,
      duration,
      endReason: told?.endReason ?? within.stored.endReason,
      idleAt: lastActivity + (skew ?? 0) + (visit.idleLimitMs ?? limits.idleLimitMs),
      pages: within.pages.length,
      events: within.events,
      complete: count + rows.refused + rows.dropped >= rows.written ? 1 : 0,
      entry: idOf(first),
      exit: idOf(last),
    }
  }

  return {
    add: addEvent,
    end() {
      for (const page of pages) addPage(page)
      const visitors = new Map(
        stored.map(({ startDate, identityId }) => {
          const [day, who] = [toDay(startDate), toID('identity', identityId)]
          return [`${day} ${who}`, [day, who] as const]
        }),
      )
      const listed = [...sessions.values()].map(one => ({ row: toListed(one), marks: one.marks }))
      return {
        automated: visit.automated > 0 ? 1 : 0,
        totals: [...totals.values()],
        visitors: [...visitors.values()],
        words,
        sessions: listed,
      }
    },
  }
}

function byStart(a: RawPage, b: RawPage): number {
  return a.startDate - b.startDate || (isTextAfter(a.pageID, b.pageID) ? 1 : -1)
}

function toOrigin(url: string): string {
  return /^[a-z][a-z\d+.-]*:\/\/[^/?#]*/i.exec(url)?.[0].toLowerCase() ?? ''
}
