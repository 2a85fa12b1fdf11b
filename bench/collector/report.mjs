// How figures are said.

import { recordsPerBatch } from './batches.mjs'

/** The middle of a list; of an even one, the upper of the two. */
export function medianOf(list) {
  return [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)]
}

/** Prints what the baseline and the stores took. */
export function printTable(rows) {
  for (const { name, perSecond, p50Ms, p99Ms, cpu, loadCpu, ratio, ratios, goal } of rows) {
    const rate = `${Math.round(perSecond)} requests/s, ${Math.round(perSecond * recordsPerBatch)} events/s`
    const times = `p50 ${p50Ms.toFixed(1)} ms, p99 ${p99Ms.toFixed(1)} ms`
    const cores = `cores ${cpu.toFixed(2)} (load ${loadCpu.toFixed(2)})`
    const kept = goal === null ? '' : `, goal ${goal}: ${ratio >= goal ? 'kept' : 'MISSED'}`
    const each = ratios.map(one => one.toFixed(2)).join(' ')
    console.log(`${name.padEnd(9)} ${rate}, ${times}, ${cores}, ratio ${ratio.toFixed(3)} (${each})${kept}`)
  }
}
