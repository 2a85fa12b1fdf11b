import type { Event } from './event.js'
import { type Session, toDuration } from './session.js'

/** What the join of a resource needs of it; every other field is a birth fact. */
type Dated = {
  readonly startDate: number
}

/**
 * Joins what two records say of one visit, session or page: the join that makes a replay harmless, for it is associative,
 * commutative and idempotent. The earliest start and the latest of every other number hold; birth facts never differ,
 * but should they ever, the greater text wins on every machine alike, and any text wins over none.
 */
export function join<T extends Dated>(a: T, b: T): T {
  const joined = { ...a } as Record<string, unknown>
  for (const [name, theirs] of Object.entries(b)) {
    const ours = joined[name] as typeof theirs
    const isTheirs = ours == null || (theirs != null && (name === 'startDate' ? theirs < ours : theirs > ours))
    if (isTheirs) joined[name] = theirs
  }
  // What belongs to it has happened in it: an idle end is reckoned from an activity that is noted only every so often.
  const { endDate, lastActivity } = joined as { endDate?: number; lastActivity?: number }
  if (endDate && lastActivity && lastActivity > endDate) joined.endDate = lastActivity
  return joined as unknown as T
}

/** Joins what two records say of one session; the duration follows from the ends. */
export function joinSession(a: Session, b: Session): Session {
  const joined = join(a, b)
  return { ...joined, duration: toDuration(joined.startDate, joined.endDate) }
}

/** Joins two copies of one event: they are equal; should they ever differ, the greater canonical text wins. */
export function joinEvent(a: Event, b: Event): Event {
  const [textA, textB] = [toCanonical(a), toCanonical(b)]
  // Equal but for the order in which their data names its parts: the copy that is kept must not depend on who came first.
  if (textA === textB) return JSON.stringify(a.data) < JSON.stringify(b.data) ? b : a
  return textA < textB ? b : a
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

/** JSON with its keys in order, so that equal values have equal texts. */
export function toCanonical(value: unknown): string {
  return JSON.stringify(value, (_name, one: unknown) =>
    one && typeof one === 'object' && !Array.isArray(one)
      ? Object.fromEntries(Object.entries(one).sort(([a], [b]) => (a < b ? -1 : 1)))
      : one,
  )
}
