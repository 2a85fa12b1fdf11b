import { createGate } from './browser/seen.js'
import type { TrackerErrorCode } from './errors.js'

/** What the guards of a tracker need. */
export interface GuardParts {
  readonly isStopped: () => boolean
  /** What the router of the page has just done comes first. */
  readonly settle: () => void
  /** Something may have changed. */
  readonly changed: () => void
  readonly trouble: (code: TrackerErrorCode, cause?: unknown) => void
}

type Wrap = <Args extends unknown[]>(run: (...args: Args) => void) => (...args: Args) => void

/** Wrap what the page or the browser calls. Nothing is thrown, and a page that is prerendered does it when it is shown. */
export interface Guards {
  /** Makes a function that does nothing after the stop. */
  readonly guard: Wrap
  /** Makes a function that says so after the stop. */
  readonly open: Wrap
  /** Makes a verb of it: as `open`, and what the router of the page has just done comes first. */
  readonly verb: Wrap
}

export function createGuards({ isStopped, settle, changed, trouble }: GuardParts): Guards {
  const waits = createGate()

  function guard<Args extends unknown[]>(run: (...args: Args) => void): (...args: Args) => void {
    return function guarded(...args) {
      if (isStopped() || waits(guarded, args)) return
      try {
        run(...args)
      } catch (cause) {
        trouble('unexpected', cause)
      }
      changed()
    }
  }

  function open<Args extends unknown[]>(run: (...args: Args) => void): (...args: Args) => void {
    const guarded = guard(run)
    return function (...args) {
      if (isStopped()) trouble('stopped')
      else guarded(...args)
    }
  }

  return {
    guard,
    open,
    verb: run =>
      open(function (...args) {
        settle()
        run(...args)
      }),
  }
}
