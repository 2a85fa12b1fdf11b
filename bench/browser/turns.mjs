// Runs both libraries in turns, and makes one figure of many.

import { libraries } from './site.mjs'

/** How many times slower than this machine the CPU of a measured page is. */
export const cpuSlowdown = 4

/**
 * Measures both libraries in each round. The order changes with the round, so that neither always runs first.
 *
 * @param measure is called with the library and the round. @returns for each library, what its rounds gave.
 */
export async function takeTurns(rounds, measure) {
  const results = Object.fromEntries(libraries.map(library => [library, []]))
  for (let round = 0; round < rounds; round++)
    for (const library of round % 2 ? [...libraries].reverse() : libraries)
      results[library].push(await measure(library, round))
  return results
}

/** The value in the middle, or the mean of the two in the middle. */
export function median(values) {
  const sorted = toSorted(values)
  const middle = Math.floor(sorted.length / 2)
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

/** The value that 95 % of the values do not exceed. */
export function p95(values) {
  return toSorted(values)[Math.ceil(values.length * 0.95) - 1]
}

function toSorted(values) {
  return [...values].sort((a, b) => a - b)
}

/**
 * A row of a table with a bound on the ratio: medians over all rounds, and the median of the ratios of each round. What slows
 * the machine down for a while slows both sides of a round, so it hardly changes their ratio.
 *
 * @param ours figures of each round; @param beside those of the same rounds, with which ours are compared.
 */
export function compare(what, unit, ours, beside, limit) {
  const ratio = median(ours.map((figure, round) => figure / beside[round]))
  return {
    what,
    unit,
    ours: median(ours),
    beside: median(beside),
    ratio,
    limit,
    isAbsolute: false,
    isMet: ratio <= limit,
  }
}

/**
 * A row of a table with a bound on our own figure. Without a bound the row is for information.
 *
 * @param beside the figure that ours is divided by; without one, or with 0, there is no ratio.
 */
export function bound(what, unit, ours, beside = null, limit = null) {
  const ratio = beside ? ours / beside : null
  return { what, unit, ours, beside, ratio, limit, isAbsolute: true, isMet: limit === null ? null : ours <= limit }
}
