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

type Guard = <Args extends unknown[]>(run: (...args: Args) => void) => (...args: Args) => void

/** Wrap what the page or the browser calls. Nothing is thrown, and a page that is prerendered does it when it is shown. */
export interface Guards {
  /** Makes a function that does nothing after the stop. */
  readonly guard: Guard
  /** Makes a function that says so after the stop. */
  readonly open: Guard
  /** Makes a verb of it: as `open`, and what the router of the page has just done comes first. */
  readonly verb: Guard
}

export function createGuards({ isStopped, settle, changed, trouble }: GuardParts): Guards {
  const waits = createGate()

  function wrap<Args extends unknown[]>(
    run: (...args: Args) => void,
    isSaid?: boolean,
    isVerb?: boolean,
  ): (...args: Args) => void {
    return function wrapped(...args) {
      if (isStopped()) return isSaid ? trouble('stopped') : undefined
      if (waits(wrapped, args)) return
      try {
        if (isVerb) settle()
        run(...args)
      } catch (cause) {
        trouble('unexpected', cause)
      }
      changed()
    }
  }

  return {
    guard: run => wrap(run),
    open: run => wrap(run, true),
    verb: run => wrap(run, true, true),
  }
}
