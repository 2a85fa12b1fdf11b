import type { Log } from './log.js'
import { toLogError } from './log-error.js'
import type { HideSecrets } from './secrets.js'

/** Logs errors, and a repeated one once a minute. */
export interface ErrorLog {
  readonly onError: (cause: unknown) => void
  /** Says what was counted and not yet said, and counts no more. */
  stop(): void
}

/** While a store is down, each request fails with the same error. */
const repeatEveryMs = 60_000
/** Errors that are told apart. Others are logged each time. */
const maxKnown = 100

/**
 * Makes the log of errors. An error is logged at once, with its stack. If it comes again, with the same type, code and
 * message, it is counted, and the count is logged after a minute.
 *
 * @param every runs something every so many ms, and returns the function that ends that.
 */
export function createErrorLog(
  log: Pick<Log, 'error'>,
  hide: HideSecrets,
  every: (run: () => void, ms: number) => () => void,
): ErrorLog {
  const known = new Map<string, number>()

  function report(): void {
    for (const [message, count] of known) if (count) log.error({ count }, `again: ${message}`)
    known.clear()
  }

  const end = every(report, repeatEveryMs)
  return {
    onError(err) {
      const { type, code = '', message } = toLogError(err, hide)
      const key = `${type} ${code} ${message}`
      const count = known.get(key)
      if (count === undefined) log.error({ err }, 'a request or the store failed')
      if (count !== undefined || known.size < maxKnown) known.set(key, (count ?? -1) + 1)
    },
    stop() {
      end()
      report()
    },
  }
}
