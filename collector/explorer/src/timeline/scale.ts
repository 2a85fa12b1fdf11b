import type { Span } from './model.js'

/** A part of the picture. In a gap nothing happened, and the time is compressed. */
export interface Segment extends Span {
  /** Where it begins and ends, px. */
  readonly left: number
  readonly right: number
  readonly isGap: boolean
}

/** How moments become places. */
export interface Scale {
  /** The width of the whole picture, px. */
  readonly width: number
  /** They follow each other without a hole, from the first moment to the last. */
  readonly segments: readonly Segment[]
  /** Px for each ms outside the gaps. */
  readonly density: number
  /** There are only gaps, so they are not compressed: the time between moments is all there is to be seen. */
  readonly isEven: boolean
  /** The place of a moment, px. A later moment is never further left. A moment outside the picture is at its edge. */
  toX(at: number): number
  /** The moment at a place, ms. */
  toTime(x: number): number
}

/** A time without anything is compressed if it is at least this long, ms. */
export const leastGapMs = 3 * 60_000

/** A gap is that long compared with all that is not compressed. A shorter one would grow by being compressed. */
const leastGapShare = 0.04
/** The width of a gap, px. */
const gapWidth = 52
const leastGapWidth = 6
/** The part of the picture that gaps may take. */
const mostGapShare = 0.35

/**
 * Finds the times in which nothing happened.
 *
 * @param spans when something happened, in any order. A moment is a span without length.
 * @returns in order, inside of `from` and `to`. Each is at least `leastGapMs` long.
 */
export function findGaps(spans: readonly Span[], { start: from, end: to }: Span): readonly Span[] {
  const all = quietTimes(spans, from, to).filter(gap => lengthOf(gap) >= leastGapMs)
  const busyMs = to - from - all.reduce((sum, gap) => sum + lengthOf(gap), 0)
  return all.filter(gap => lengthOf(gap) >= busyMs * leastGapShare)
}

function quietTimes(spans: readonly Span[], from: number, to: number): Span[] {
  const quiet: Span[] = []
  let until = from
  for (const { start, end } of [...spans].sort((a, b) => a.start - b.start)) {
    const next = Math.min(start, to)
    if (next > until) quiet.push({ start: until, end: next })
    until = Math.max(until, end)
  }
  if (to > until) quiet.push({ start: until, end: to })
  return quiet
}

/**
 * Makes a scale.
 *
 * @param whole the first and the last moment.
 * @param gaps as `findGaps` gives them.
 * @param width the width that the picture has if `zoom` is 1, px.
 * @param zoom how many times wider all is that is no gap.
 */
export function makeScale(whole: Span, gaps: readonly Span[], width: number, zoom: number): Scale {
  const inner = gaps.reduce((sum, gap) => sum + lengthOf(gap), 0)
  const isEven = gaps.length > 0 && lengthOf(whole) <= inner
  const busyMs = Math.max(1, isEven ? inner : lengthOf(whole) - inner)
  const fit = Math.min(gapWidth, Math.max(leastGapWidth, (width * mostGapShare) / gaps.length))
  const each = gaps.length && !isEven ? fit : 0
  const density = (Math.max(width - each * gaps.length, width * (1 - mostGapShare)) / busyMs) * zoom
  const segments: Segment[] = []
  let left = 0
  const add = (start: number, end: number, isGap: boolean): void => {
    if (end <= start && segments.length) return
    const right = left + (isGap && !isEven ? each : (end - start) * density)
    segments.push({ start, end, left, right, isGap })
    left = right
  }
  let from = whole.start
  for (const gap of gaps) {
    if (gap.start > from) add(from, gap.start, false)
    add(gap.start, gap.end, true)
    from = gap.end
  }
  add(from, Math.max(whole.end, from), false)
  return {
    width: left,
    segments,
    density,
    isEven,
    toX: at => place(segments, at),
    toTime: x => moment(segments, x),
  }
}

function place(segments: readonly Segment[], at: number): number {
  const segment = segments[findLast(segments, one => one.start <= at)] as Segment
  if (segment.end <= segment.start) return segment.left
  const share = Math.min(1, Math.max(0, (at - segment.start) / (segment.end - segment.start)))
  return segment.left + share * (segment.right - segment.left)
}

function moment(segments: readonly Segment[], x: number): number {
  const segment = segments[findLast(segments, one => one.left <= x)] as Segment
  if (segment.right <= segment.left) return segment.start
  const share = Math.min(1, Math.max(0, (x - segment.left) / (segment.right - segment.left)))
  return segment.start + share * (segment.end - segment.start)
}

/** The last item for which `is` holds, of a list in which it holds for none after the first for which it does not; at least 0. */
function findLast<T>(items: readonly T[], is: (item: T) => boolean): number {
  let low = 0
  let high = items.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (is(items[middle] as T)) low = middle
    else high = middle - 1
  }
  return low
}

function lengthOf({ start, end }: Span): number {
  return end - start
}
