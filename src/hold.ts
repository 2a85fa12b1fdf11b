import { pageRegistry } from './browser/page-registry.js'
import { createTracker, type TrackerOptions } from './index.js'
import type { Living } from './living.js'

/** A tracker that a part of the page has started. On a server nobody shares it. An older core counts no `starts`. */
type Shared = Pick<Living, 'tracker' | 'holds'> & Partial<Pick<Living, 'starts'>>

/** Starts the tracker for a part of the page. The start does not count, because the page itself has not asked for it. */
export function startForPart(options: TrackerOptions): Shared {
  const tracker = createTracker(options)
  for (const living of pageRegistry<Living>().values())
    if (living.tracker === tracker) {
      living.starts--
      return living
    }
  return { tracker }
}

/**
 * Holds a tracker for a part of the page. A page may have several with one key, such as the islands of Astro, and one of them
 * may end before the others.
 *
 * @returns the undo, to be called once. The last one stops the tracker, unless the page has started it too.
 */
export function holdTracker(part: Shared): () => void {
  part.holds = (part.holds ?? 0) + 1
  return function () {
    part.holds = (part.holds ?? 1) - 1
    if (!part.holds && !part.starts) part.tracker.stop()
  }
}

/**
 * Holds a tracker that nobody holds, until the microtasks of this task. So a verb of a part that ends after the part around it, or
 * long after both, is recorded, and the tracker that it starts does not go on without a holder.
 */
export function holdForNow(part: Shared): void {
  if (!part.holds) void Promise.resolve().then(holdTracker(part))
}
