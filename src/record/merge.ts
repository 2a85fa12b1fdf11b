import type { PageBirth } from './birth.js'
import { type Session, toDuration } from './session.js'

/** A resource with a start. {@link join} keeps the earliest `startDate`, and the greatest of every other number. */
type Dated = {
  readonly startDate: number
}

/**
 * Joins what two records of one browser say about one visit, session or page. The join is associative, commutative and
 * idempotent, so the order of records does not matter, and a record that is read twice changes nothing.
 *
 * It keeps the earliest start, and the greatest of every other number. Birth facts of one browser do not differ. If they
 * do, the greater text is kept. A value is kept over `null`. The collector has another rule, because it cannot trust the
 * sender: there, what was received first stays.
 */
export function join<T extends Dated>(a: T, b: T): T {
  const joined = { ...a } as Record<string, string | number>
  const other = b as unknown as typeof joined
  for (const name of Object.keys(other)) {
    const [ours, theirs] = [joined[name] as string, other[name] as string]
    const isTheirs = ours == null || (theirs != null && (name === 'startDate' ? theirs < ours : theirs > ours))
    if (isTheirs) joined[name] = theirs
  }
  // The end is never before the last activity. An idle end may be, because activity is noted only at intervals.
  const { endDate, lastActivity } = joined
  if (endDate && lastActivity && lastActivity > endDate) joined.endDate = lastActivity
  return joined as unknown as T
}

/** Joins what two records say about one session. The duration follows from start and end. */
export function joinSession(a: Session, b: Session): Session {
  const joined = join(a, b)
  return { ...joined, duration: toDuration(joined.startDate, joined.endDate) }
}

/**
 * Joins what two records say about one page. `url` and `title` come together from the copy that was corrected last. If
 * both were corrected at the same time, or never, the greater text of each is kept.
 */
export function joinPage<T extends Dated & Pick<PageBirth, 'url' | 'title' | 'viewedAt'>>(a: T, b: T): T {
  const joined = join(a, b)
  const ahead = (a.viewedAt || 0) - (b.viewedAt || 0)
  if (!ahead) return joined
  const { url, title } = ahead > 0 ? a : b
  return { ...joined, url, title }
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

function isSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit < 0xe000
}
