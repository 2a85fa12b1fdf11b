import type { Tracker } from './api.js'
import { baseAddress, isPage } from './browser/host.js'
import { pageRegistry } from './browser/page-registry.js'
import { outside } from './browser/zone.js'
import { createInert } from './inert.js'
import type { Observer } from './observers.js'
import { type CheckedOptions, parseOptions, type TrackerOptions } from './options.js'
import type { readOwnParts } from './own-parts.js'
import type { Properties } from './properties.js'
import type { ErrorListener } from './reports.js'
import { startRun } from './run.js'
import { hasDatabases } from './store/database.js'

/**
 * Makes the tracker of this page for a key, or starts it again: `createTracker` for those that bring their own parts, and for
 * the script tag, which cannot.
 *
 * @param readOwn reads the parts that the options bring.
 */
export function startTracker(options: TrackerOptions, readOwn?: typeof readOwnParts): Tracker {
  const checked = parseOptions(options, baseAddress(), readOwn)
  if (!isPage() && !hasDatabases() && !(checked.makeStore && checked.makeTransport)) return createInert(checked.consent)
  const trackers = pageRegistry<Living>()
  const living = trackers.get(checked.key) || makeLiving(checked)
  trackers.set(checked.key, living)
  living.start(checked)
  return living.tracker
}

/** The tracker of a page for one key. Several copies of the library may share it. */
export interface Living {
  readonly tracker: Tracker
  /** How often it was started since it was last stopped. Bindings take off their own starts, so that the page's are left. */
  starts: number
  /** How many parts of the page hold it. Bindings count them here, because each has a copy of its code. */
  holds?: number
  /** Whether it was stopped, and not started again. The inspector asks, so the builds keep the name. */
  hasStopped(): boolean
  /** Counts a start, and starts the tracker again if it was stopped. */
  start(options: CheckedOptions): void
}

/** Makes a tracker that is started again after a stop, and runs it. No start is counted yet. */
export function makeLiving(first: CheckedOptions): Living {
  const listeners = new Set<ErrorListener>()
  const observing = new Set<Observer>()
  const properties: Properties = new Set()
  let run = outside(() => startRun(first, listeners, observing, properties))
  const tracker: Record<string, unknown> = {}
  for (const name of Object.keys(run.verbs) as (keyof Tracker)[])
    tracker[name] = function (...args: unknown[]) {
      return outside(() => (run.verbs[name] as (...args: unknown[]) => unknown)(...args))
    }
  const living: Living = {
    tracker: tracker as unknown as Tracker,
    starts: 0,
    hasStopped: () => run.isStopped(),
    start(options) {
      if (run.isStopped()) {
        run = outside(() => startRun(options, listeners, observing, properties, run))
        living.starts = 0
      }
      living.starts++
    },
  }
  return living
}
