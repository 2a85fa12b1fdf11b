import { later } from './browser/clock.js'
import { isDeveloperMachine } from './browser/host.js'
import { TrackerError, type TrackerErrorCode } from './errors.js'
import { explain } from './misuse.js'

/** Hears of an error. */
export type ErrorListener = (error: TrackerError) => void

/** Tells the page what went wrong, and counts it. */
export interface Reports {
  /** Reports an error: counts it, and calls each listener. */
  trouble(code: TrackerErrorCode, cause?: unknown): void
  /** Says something harmless to who builds the page, and to nobody else. It is not counted. */
  notice(code: 'not-signed-in'): void
  /** Whether a notice would be written. */
  isHeard(): boolean
  /** Adds a listener. @returns the undo. */
  onError(listener: ErrorListener): () => void
  /** How often each code was reported. */
  errors(): Readonly<Record<string, number>>
}

/**
 * @param debug true: every error goes to the console. False: none. Not given: on a developer's machine each misuse goes
 * there once, and elsewhere nothing.
 * @param listeners what the page has added. They stay when the tracker is stopped and started again.
 * @param onReport an error is counted.
 * @param first the listener of the options.
 */
export function createReports(
  debug: boolean | undefined,
  listeners: Set<ErrorListener>,
  onReport: () => void,
  first?: ErrorListener,
): Reports {
  const errors: Record<string, number> = {}
  const said = new Set<string>()
  // Whether listeners are being told. A verb that one of them calls may be wrong too.
  let isTelling = false

  function isHeard(): boolean {
    return debug ?? isDeveloperMachine()
  }

  function say(code: string, message: string): void {
    if (!isHeard()) return
    const line = explain(code, message)
    if (!debug && (!line || said.has(message))) return
    said.add(message)
    // oxlint-disable-next-line no-console -- only on a developer's machine, or asked for by `debug`
    console.warn(`sojourn: ${line || message}`)
  }

  return {
    trouble(code, cause) {
      errors[code] = (errors[code] || 0) + 1
      onReport()
      const error = new TrackerError(code, cause)
      say(code, error.message)
      if (isTelling) return
      isTelling = true
      for (const listener of first ? [first, ...listeners] : listeners) {
        try {
          listener(error)
        } catch (thrown) {
          // The mistake of the page is shown where the page shows its mistakes, and does not stop the tracker.
          later(() => {
            throw thrown
          })
        }
      }
      isTelling = false
    },
    notice: code => say(code, code),
    isHeard,
    onError(listener) {
      if (typeof listener === 'function') listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    errors: () => ({ ...errors }),
  }
}
