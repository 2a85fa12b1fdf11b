import type { AnyEvents, Tracker } from './api.js'
import { baseAddress, isPage } from './browser/host.js'
import { pageRegistry } from './browser/page-registry.js'
import { outside } from './browser/zone.js'
import { createInert } from './inert.js'
import type { Observer } from './observers.js'
import { type CheckedOptions, parseOptions, type TrackerOptions } from './options.js'
import type { ErrorListener } from './reports.js'
import { startRun } from './run.js'

/**
 * Makes a tracker and starts it. A page has one tracker for a key: if it has one already, that one is returned, and started
 * again if it was stopped. Where there is no page, as on a server or in a worker, the tracker answers everything and does
 * nothing. Wrong options throw there too.
 *
 * @param options see {@link TrackerOptions}. The options of a tracker that is running do not change.
 * @throws TrackerError with a code that names the option, such as `option-key`. Nothing that the tracker does later throws.
 * @typeParam Events see {@link Tracker}.
 * @example const tracker = createTracker({ collector: 'https://collector.example', key: 'shop' })
 */
export function createTracker<Events extends object = AnyEvents>(options: TrackerOptions): Tracker<Events> {
  const checked = parseOptions(options, baseAddress())
  if (!isPage()) return createInert(checked.consent) as Tracker<Events>
  const trackers = pageRegistry<Living>()
  let living = trackers.get(checked.key)
  if (living) living.start(checked)
  else trackers.set(checked.key, (living = makeLiving(checked)))
  return living.tracker as Tracker<Events>
}

/** The tracker of a page for one key. Several copies of the library may share it. */
interface Living {
  readonly tracker: Tracker
  /** Starts the tracker again if it was stopped. */
  start(options: CheckedOptions): void
}

function makeLiving(first: CheckedOptions): Living {
  const listeners = new Set<ErrorListener>()
  const observing = new Set<Observer>()
  let run = outside(() => startRun(first, listeners, observing))
  const tracker: Record<string, unknown> = {}
  for (const name of Object.keys(run.verbs) as (keyof Tracker)[])
    tracker[name] = function (...args: unknown[]) {
      return outside(() => (run.verbs[name] as (...args: unknown[]) => unknown)(...args))
    }
  return {
    tracker: tracker as unknown as Tracker,
    start(options) {
      if (run.isStopped()) run = outside(() => startRun(options, listeners, observing, run))
    },
  }
}
