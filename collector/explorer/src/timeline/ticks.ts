import type { Scale, Segment } from './scale.js'

/** A line of the axis. */
export interface Tick {
  /** Unix epoch, ms. */
  readonly at: number
  /** Px. */
  readonly x: number
  /** How exact the label has to be, ms: the time from one tick to the next. */
  readonly stepMs: number
}

const millisecond = 1
const second = 1000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour

/** The times that may lie between two ticks, ms. */
const steps = [
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500].map(one => one * millisecond),
  ...[1, 2, 5, 10, 15, 30].map(one => one * second),
  ...[1, 2, 5, 10, 15, 30].map(one => one * minute),
  ...[1, 2, 3, 6, 12].map(one => one * hour),
  ...[1, 2, 7, 14, 30, 90, 365].map(one => one * day),
]

/** The least distance of two ticks, px. A label without a day is a little shorter. */
export const leastDistance = 84

/**
 * Finds the ticks of a part of the picture: round times, and the moment after each gap.
 *
 * @param left,right the part, px.
 * @param zoneMs what has to be added to a time so that its days begin at midnight, ms.
 * @param distance the least distance of two ticks, px.
 * @returns in order. No two are closer than `distance`.
 */
export function toTicks(
  scale: Scale,
  left: number,
  right: number,
  zoneMs: number,
  distance = leastDistance,
): readonly Tick[] {
  const ticks: Tick[] = []
  const isTooClose = (before: Tick | undefined, tick: Tick): boolean => !!before && tick.x - before.x < distance
  const stepMs = steps.find(step => step * scale.density >= distance) ?? 365 * day
  for (const segment of scale.segments) {
    if ((segment.isGap && !scale.isEven) || segment.right < left || segment.left > right) continue
    for (const [n, tick] of ticksOf(segment, stepMs, scale, left, right, zoneMs).entries()) {
      // When something happened again after a gap says more than the round time before the gap.
      if (n === 0) while (isTooClose(ticks.at(-1), tick) && !isAfterGap(scale, ticks.at(-1))) ticks.pop()
      if (!isTooClose(ticks.at(-1), tick)) ticks.push(tick)
    }
  }
  return ticks
}

function isAfterGap(scale: Scale, tick: Tick | undefined): boolean {
  return scale.segments.some(({ start, isGap }, at) => !isGap && at > 0 && start === tick?.at)
}

function ticksOf(
  segment: Segment,
  stepMs: number,
  scale: Scale,
  left: number,
  right: number,
  zoneMs: number,
): readonly Tick[] {
  const ticks: Tick[] = []
  const from = Math.max(segment.start, scale.toTime(Math.max(left, segment.left)))
  const to = Math.min(segment.end, scale.toTime(Math.min(right, segment.right)))
  if (segment.left >= left && segment.left > 0)
    ticks.push({ at: segment.start, x: segment.left, stepMs: Math.min(stepMs, minute) })
  const first = Math.ceil((from + zoneMs) / stepMs) * stepMs - zoneMs
  // The number is bounded, because a time of the far future is not exact enough to be counted up.
  for (let n = 0, at = first; at <= to && n < 500; at = first + ++n * stepMs) {
    const x = scale.toX(at)
    // Times are rounded, more so in the far future.
    if (x >= left && x <= right) ticks.push({ at, x, stepMs })
  }
  return ticks
}
