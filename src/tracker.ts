import type { AnyEvents, Tracker } from './api.js'
import { startTracker } from './living.js'
import { readOwnParts } from './own-parts.js'
import type { TrackerOptions } from './tracker-options.js'

/**
 * Makes a tracker and starts it. A page has one tracker for a key: if it has one already, that one is returned, and started
 * again if it was stopped. In a worker it records what it is told, and no page views. Where there is neither a page nor
 * IndexedDB, as on a server, the tracker answers everything and does nothing, unless the options bring both `store` and
 * `transport`. Wrong options throw there too.
 *
 * @param options see {@link TrackerOptions}. The options of a tracker that is running do not change.
 * @throws TrackerError with a code that names the option, such as `option-key`. Nothing that the tracker does later throws.
 * @typeParam Events see {@link Tracker}.
 * @example const tracker = createTracker({ collector: 'https://collector.example', key: 'shop' })
 */
export function createTracker<Events extends object = AnyEvents>(options: TrackerOptions): Tracker<Events> {
  return startTracker(options, readOwnParts) as Tracker<Events>
}
