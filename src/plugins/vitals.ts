import { type Metric, onCLS, onFCP, onINP, onLCP, onTTFB } from 'web-vitals'
import { hasPage, nothing, type PluginTracker } from './plugin.js'

type Tell = (metric: Metric) => void

/** The trackers that get each metric. The library cannot be stopped, so it is started once in a page load. */
let tellers: Set<Tell> | undefined
/** The newest metric of each name, for a tracker that starts later. */
let newest: Map<string, Metric>

/**
 * Records `WebVital` for each of CLS, FCP, INP, LCP and TTFB, as the library web-vitals measures them: `name`, `value` (ms; CLS has no
 * unit), `rating` and `id`. CLS, INP and LCP come when the page is hidden, and again if they have changed: the last of an `id` holds. It keeps no session open.
 *
 * @returns the undo: nothing more is recorded. The library measures on, once in a page load, because it cannot be stopped.
 * @example const undo = vitals(tracker)
 */
export function vitals(tracker: PluginTracker): () => void {
  if (!hasPage()) return nothing
  function tell({ name, value, rating, id }: Metric): void {
    tracker.track('WebVital', { name, value: Math.round(value * 1000) / 1000, rating, id }, { activity: false })
  }
  const all = tellers || begin()
  newest.forEach(tell)
  all.add(tell)
  return function () {
    all.delete(tell)
  }
}

function begin(): Set<Tell> {
  const all = (tellers = new Set())
  newest = new Map()
  function take(metric: Metric): void {
    newest.set(metric.name, metric)
    for (const tell of all) tell(metric)
  }
  for (const listen of [onCLS, onFCP, onINP, onLCP, onTTFB]) listen(take)
  return all
}
