// Runs both libraries in turns, and summarizes their figures.

import { libraries } from './site.mjs'

/** How many times slower than this machine the CPU of a measured page is. */
export const cpuSlowdown = 4

/**
 * Measures both libraries in each round. The order changes with the round, so that neither always runs first.
 *
 * @param measure is called with the library and the round.
 * @returns the results of the rounds, for each library.
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
 * Makes a row of a table with a bound on the ratio: medians over all rounds, and the median of the ratios of each
 * round. If the machine is slow for a while, both sides of a round are slow, so their ratio hardly changes.
 *
 * @param ours the figures of Sojourn, one for each round.
 * @param beside the figures of the same rounds that ours are compared with.
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
 * Makes a row of a table with a bound on the figure of Sojourn. Without a bound the row is only for information.
 *
 * @param beside the figure that ours is divided by. If it is missing or 0, there is no ratio.
 */
export function bound(what, unit, ours, beside = null, limit = null) {
  const ratio = beside ? ours / beside : null
  return { what, unit, ours, beside, ratio, limit, isAbsolute: true, isMet: limit === null ? null : ours <= limit }
}
