import type { Event } from './event.js'
import { type Session, toDuration } from './session.js'

/** What the join of a resource needs of it; every other field is a birth fact. */
type Dated = {
  readonly startDate: number
}

type IsAfter = (one: string | number, other: string | number) => boolean

/**
 * Joins what two records say of one visit, session or page: the join that makes a replay harmless, for it is associative,
 * commutative and idempotent. The earliest start and the latest of every other number hold; birth facts never differ,
 * but should they ever, the greater text wins on every machine alike, and any text wins over none.
 *
 * @param isAfter the order of numbers and texts. That of the language will do for what one browser says, which never differs.
 */
export function join<T extends Dated>(a: T, b: T, isAfter: IsAfter = (one, other) => one > other): T {
  const joined = { ...a } as Record<string, unknown>
  for (const [name, theirs] of Object.entries(b)) {
    const ours = joined[name] as typeof theirs
    const isTheirs = ours == null || (theirs != null && (name === 'startDate' ? theirs < ours : isAfter(theirs, ours)))
    if (isTheirs) joined[name] = theirs
  }
  // What belongs to it has happened in it: an idle end is reckoned from an activity that is noted only every so often.
  const { endDate, lastActivity } = joined as { endDate?: number; lastActivity?: number }
  if (endDate && lastActivity && lastActivity > endDate) joined.endDate = lastActivity
  return joined as unknown as T
}

/** Joins what two records say of one session; the duration follows from the ends. */
export function joinSession(a: Session, b: Session, isAfter?: IsAfter): Session {
  const joined = join(a, b, isAfter)
  return { ...joined, duration: toDuration(joined.startDate, joined.endDate) }
}

/** Joins two copies of one event: they are equal; should they ever differ, the one of the greater fields holds, in this order. */
export function joinEvent(a: Event, b: Event): Event {
  for (const name of ['timestamp', 'writer', 'seq', 'eventName', 'category', 'url', 'pageID', 'sessionID'] as const) {
    const [ours, theirs] = [a[name] ?? '', b[name] ?? '']
    if (ours !== theirs) return isAfter(theirs, ours) ? b : a
  }
  return isAfter(toText(b), toText(a)) ? b : a
}

/** The order of numbers, and of texts by code point: that of their bytes in UTF-8, and so of databases and other languages. */
export function isAfter(one: string | number, other: string | number): boolean {
  return typeof one === 'string' && typeof other === 'string' ? isTextAfter(one, other) : one > other
}

/** Whether a text comes after another by code point. JavaScript's own order puts 🛒 before \uFFFD, as no database does. */
export function isTextAfter(one: string, other: string): boolean {
  if (one === other) return false
  const length = Math.min(one.length, other.length)
  for (let n = 0; n < length; n++) {
    const [ours, theirs] = [one.charCodeAt(n), other.charCodeAt(n)]
    if (ours === theirs) continue
    return isSurrogate(ours) === isSurrogate(theirs) ? ours > theirs : isSurrogate(ours)
  }
  return one.length > other.length
}

/** Folds what each of many says into one per id, in the order in which the ids first appear. */
export function foldBy<T>(said: readonly (T | null)[], id: (one: T) => string, joinTwo: (a: T, b: T) => T): T[] {
  const folded = new Map<string, T>()
  for (const one of said) {
    const before = one && folded.get(id(one))
    if (one) folded.set(id(one), before ? joinTwo(before, one) : one)
  }
  return [...folded.values()]
}

function toText({ data }: Event): string {
  return data ? JSON.stringify(data) : ''
}

function isSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit < 0xe000
}
