import type { PageBirth } from './birth.js'
import type { Event } from './event.js'
import { type Session, toDuration } from './session.js'

/** A resource with a start. {@link join} keeps the earliest `startDate`, and the greatest of every other number. */
type Dated = {
  readonly startDate: number
}

type IsAfter = (one: string | number, other: string | number) => boolean

/**
 * Joins what two records say about one visit, session or page. The join is associative, commutative and idempotent, so
 * a batch that arrives twice changes nothing.
 *
 * It keeps the earliest start, and the greatest of every other number. Birth facts should never differ. If they do, the
 * greater text is kept, so that every machine comes to the same result. A value is kept over `null`.
 *
 * @param isAfter the order of numbers and texts. The default is enough for the records of one browser, because its
 * birth facts never differ.
 */
export function join<T extends Dated>(a: T, b: T, isAfter: IsAfter = (one, other) => one > other): T {
  const joined = { ...a } as Record<string, string | number>
  const other = b as unknown as typeof joined
  for (const name of Object.keys(other)) {
    const [ours, theirs] = [joined[name] as string, other[name] as string]
    const isTheirs = ours == null || (theirs != null && (name === 'startDate' ? theirs < ours : isAfter(theirs, ours)))
    if (isTheirs) joined[name] = theirs
  }
  // The end is never before the last activity. An idle end may be, because activity is noted only at intervals.
  const { endDate, lastActivity } = joined
  if (endDate && lastActivity && lastActivity > endDate) joined.endDate = lastActivity
  return joined as unknown as T
}

/** Joins what two records say about one session. The duration follows from start and end. */
export function joinSession(a: Session, b: Session, isAfter?: IsAfter): Session {
  const joined = join(a, b, isAfter)
  return { ...joined, duration: toDuration(joined.startDate, joined.endDate) }
}

/**
 * Joins what two records say about one page. `url` and `title` come together from the copy that was corrected last. If
 * both were corrected at the same time, or never, the greater text of each is kept.
 */
export function joinPage<T extends Dated & Pick<PageBirth, 'url' | 'title' | 'viewedAt'>>(
  a: T,
  b: T,
  isAfter?: IsAfter,
): T {
  const joined = join(a, b, isAfter)
  const ahead = (a.viewedAt || 0) - (b.viewedAt || 0)
  if (!ahead) return joined
  const { url, title } = ahead > 0 ? a : b
  return { ...joined, url, title }
}

/**
 * Joins two copies of one event. They should be equal. If they differ, the first field that differs decides, and the
 * copy with the greater value is kept. Last, a copy that is an activity is kept over one that is not.
 */
export function joinEvent(a: Event, b: Event): Event {
  for (const name of ['timestamp', 'writer', 'seq', 'eventName', 'category', 'url', 'pageID', 'sessionID'] as const) {
    const [ours, theirs] = [a[name] ?? '', b[name] ?? '']
    if (ours !== theirs) return isAfter(theirs, ours) ? b : a
  }
  const [ours, theirs] = [toText(a), toText(b)]
  if (ours === theirs) return a.activity === false ? b : a
  return isAfter(theirs, ours) ? b : a
}

/**
 * Whether a value comes after another. Texts are in the order of code points, as in databases and in other languages.
 */
export function isAfter(one: string | number, other: string | number): boolean {
  return typeof one === 'string' && typeof other === 'string' ? isTextAfter(one, other) : one > other
}

/**
 * Whether a text comes after another by code point, which is also the order of UTF-8 bytes. The operator `>` compares
 * UTF-16 units instead, and puts 🛒 before \uFFFD.
 */
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

/** Joins all values with the same id into one, in the order in which the ids first appear. `null` is skipped. */
export function foldBy<T>(said: readonly (T | null)[], id: (one: T) => string, joinTwo: (a: T, b: T) => T): T[] {
  const folded = new Map<string, T>()
  for (const one of said) {
    if (!one) continue
    const key = id(one)
    const before = folded.get(key)
    folded.set(key, before ? joinTwo(before, one) : one)
  }
  return [...folded.values()]
}

function toText({ data }: Event): string {
  return data ? JSON.stringify(data) : ''
}

function isSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit < 0xe000
}
