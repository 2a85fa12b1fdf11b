import { TrackerError, type TrackerErrorCode } from './errors.js'

/** Hears of an error. */
export type ErrorListener = (error: TrackerError) => void

/** Tells the page what went wrong, and counts it. */
export interface Reports {
  /** Reports an error: counts it, and calls each listener. */
  trouble(code: TrackerErrorCode, cause?: unknown): void
  /** Adds a listener. @returns the undo. */
  onError(listener: ErrorListener): () => void
  /** How often each code was reported. */
  errors(): Readonly<Record<string, number>>
  /** Reports nothing any more. */
  end(): void
}

/** @param debug whether to write every error to the console. */
export function createReports(debug: boolean, first?: ErrorListener): Reports {
  const listeners = new Set<ErrorListener>()
  if (first) listeners.add(first)
  const errors: Record<string, number> = {}
  let isEnded = false

  return {
    trouble(code, cause) {
      if (isEnded) return
      errors[code] = (errors[code] || 0) + 1
      const error = new TrackerError(code, cause)
      // oxlint-disable-next-line no-console -- asked for by `debug`
      if (debug) console.warn('sojourn', error)
      for (const listener of listeners) {
        try {
          listener(error)
        } catch (thrown) {
          // The mistake of the page is shown where the page shows its mistakes, and does not stop the tracker.
          setTimeout(() => {
            throw thrown
          })
        }
      }
    },
    onError(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    errors: () => ({ ...errors }),
    end() {
      isEnded = true
    },
  }
}
