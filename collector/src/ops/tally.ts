import type { Log } from './log.js'
import { type Measure, noMeasure } from './measure.js'

/** Counts what was refused, and says it in the log from time to time. */
export interface Tally extends Measure {
  /** Says what was counted and not yet said, and counts no more. */
  stop(): void
}

/** How often the log says what was refused. Each refusal would be a line that a stranger can cause. */
const reportEveryMs = 60_000

/**
 * Makes the tally. Once a minute the log has one line with the codes of error replies and of refused records, and how
 * often each was given. If nothing was refused, it has none.
 *
 * @param every runs something every so many ms, and returns the function that ends that.
 */
export function createTally(log: Pick<Log, 'warn'>, every: (run: () => void, ms: number) => () => void): Tally {
  let requests = new Map<string, number>()
  let records = new Map<string, number>()

  function report(): void {
    if (!requests.size && !records.size) return
    const counts = { requests: Object.fromEntries(requests), records: Object.fromEntries(records) }
    requests = new Map()
    records = new Map()
    log.warn(counts, 'not taken since the last such line, by code')
  }

  const end = every(report, reportEveryMs)
  return {
    ...noMeasure,
    errorReply: code => void requests.set(code, (requests.get(code) ?? 0) + 1),
    refused: code => void records.set(code, (records.get(code) ?? 0) + 1),
    stop() {
      end()
      report()
    },
  }
}
