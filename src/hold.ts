import type { Tracker } from './index.js'

/** How many parts of the page hold a tracker. */
const holds = new WeakMap<Tracker, number>()

/**
 * Holds a tracker for a part of the page. A page may have several with one key, such as the islands of Astro, and one of them
 * may end before the others.
 *
 * @returns the undo, to be called once. The last one stops the tracker.
 */
export function holdTracker(tracker: Tracker): () => void {
  holds.set(tracker, (holds.get(tracker) ?? 0) + 1)
  return function () {
    const left = (holds.get(tracker) ?? 1) - 1
    holds.set(tracker, left)
    if (left === 0) tracker.stop()
  }
}

/**
 * Holds a tracker that nobody holds, until the microtasks of this task. So a verb of a part that ends after the part around it, or
 * long after both, is recorded, and the tracker that it starts does not go on without a holder.
 */
export function holdForNow(tracker: Tracker): void {
  if (!holds.get(tracker)) void Promise.resolve().then(holdTracker(tracker))
}
