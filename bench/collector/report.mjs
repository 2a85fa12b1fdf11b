// Prints figures.

/** The median of a list. If its length is even, the upper of the two middle values. */
export function medianOf(list) {
  return [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)]
}

/** Formats a number without its fraction, in groups of three digits. */
export function toWhole(value) {
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ' ')
}

/** Formats whether a goal was reached. */
export function toKept(isKept) {
  return isKept ? 'kept' : '**missed**'
}

/** Prints all figures. Values of the single rounds are in brackets. */
export function printFigures({ baseline, replays, filled, reads }) {
  for (const row of baseline) {
    const { name, size, perSecond, p50Ms, p99Ms, cpuUs, databaseUs, loadCpu, ratio, ratios, goal } = row
    const { ofOld, ofOlds, bytesPerEvent } = row
    const rate = `${size} a batch: ${toWhole(perSecond)} requests/s, ${toWhole(perSecond * size)} events/s`
    const times = `p50 ${p50Ms.toFixed(1)} ms, p99 ${p99Ms.toFixed(1)} ms`
    const database = databaseUs ? ` + ${databaseUs.toFixed(0)}` : ''
    const cpu = `CPU ${cpuUs.toFixed(0)}${database} µs a request (load ${loadCpu.toFixed(2)} cores)`
    const kept = goal === null ? '' : `, goal ${goal}: ${toKept(ratio >= goal)}`
    const old = ofOld ? `, of the old ${toRounds(ofOld, ofOlds)}` : ''
    const bytes = bytesPerEvent ? `, ${bytesPerEvent.toFixed(0)} bytes an event` : ''
    console.log(`${name.padEnd(12)} ${rate}, ${times}, ${cpu}, ratio ${toRounds(ratio, ratios)}${kept}${old}${bytes}`)
  }
  for (const { name, ratio, ratios, goal } of replays)
    console.log(`${name.padEnd(9)} replays take ${toRounds(ratio, ratios)} of the first time: ${toKept(ratio <= goal)}`)
  for (const { name, ratio, ratios, goal } of filled)
    console.log(`${name.padEnd(9)} filled takes ${toRounds(ratio, ratios)} of empty: ${toKept(ratio >= goal)}`)
  for (const { name, rows } of reads)
    for (const { route, smallMs, filledMs, ratio, statuses, goal } of rows) {
      const said =
        ratio === null ? `answered ${statuses.join(' and ')}` : `${ratio.toFixed(2)}: ${toKept(ratio <= goal)}`
      console.log(`${name.padEnd(9)} ${smallMs.toFixed(2)} ms, filled ${filledMs.toFixed(2)} ms, ${said}  ${route}`)
    }
}

function toRounds(ratio, ratios) {
  return `${ratio.toFixed(3)} (${ratios.map(one => one.toFixed(2)).join(' ')})`
}
