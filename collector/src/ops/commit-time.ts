import { type Measure, noMeasure } from './measure.js'

/** Sums up how long commits take. */
export interface CommitTime extends Measure {
  /** Of all commits that have ended, ms. Those of several lanes add up. */
  readonly totalMs: () => number
}

/** Begins with 0. */
export function createCommitTime(): CommitTime {
  let totalMs = 0
  return {
    ...noMeasure,
    group: ({ durationMs }) => void (totalMs += durationMs),
    totalMs: () => totalMs,
  }
}
