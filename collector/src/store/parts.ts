/** A part of a visit, by the clock of its browser, Unix epoch, ms. Both ends belong to it. */
export interface Part {
  readonly from: number
  readonly until: number
}

/** A session of a visit, as far as it says which parts of the visit belong to a person. */
export interface Span {
  /** Unix epoch, ms, as are all times here. */
  readonly startDate: number
  /** Its end; of an open session, how far it reaches by now. */
  readonly until: number
  /** Whether it is a session of the person. */
  readonly isOwn: boolean
}

/**
 * The parts of a visit that belong to a person although nobody is signed in: from the start of the visit, or from the end of
 * the session of somebody else, to the end of the last session of the person before the next one of somebody else.
 *
 * A stranger who knows the id of a visit can add thousands of sessions to it, of two persons in turn. So a visit has at most
 * `maxVisitParts` parts, and the last one takes in all that would follow it.
 */
export function toParts(sessions: readonly Span[]): Part[] {
  const parts: { from: number; until: number }[] = []
  let free = 0
  for (const { startDate, until, isOwn } of sessions.toSorted(byStart)) {
    if (!isOwn) {
      free = Math.max(free, until)
      continue
    }
    const from = Math.min(free, startDate)
    const last = parts.at(-1)
    if (last && (last.from === from || parts.length === maxVisitParts)) last.until = Math.max(last.until, until)
    else parts.push({ from, until })
  }
  return parts
}

// Of two persons who signed in at the same moment, each may have done what was done before. So it goes with the one who is erased.
function byStart(a: Span, b: Span): number {
  return a.startDate - b.startDate || Number(b.isOwn) - Number(a.isOwn)
}

/** More parts of one visit than a browser makes. Each costs a condition of an erasure, and a tombstone in the memory of each collector. */
export const maxVisitParts = 200

/** Whether a time of the browser is in one of the parts. */
export function isInParts(time: number, parts: readonly Part[]): boolean {
  return parts.some(({ from, until }) => time >= from && time <= until)
}
