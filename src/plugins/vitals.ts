import { type Metric, onCLS, onFCP, onINP, onLCP, onTTFB } from 'web-vitals'
import { hasPage, nothing, type PluginTracker } from './plugin.js'

/**
 * Records `WebVital` for each of CLS, FCP, INP, LCP and TTFB, as the library web-vitals measures them: `name`, `value` (ms; CLS has no
 * unit), `rating` and `id`. CLS, INP and LCP come when the page is hidden, and again if they have changed: the last of an `id` holds. It keeps no session open.
 *
 * @returns the undo: what is measured later is not recorded.
 * @example const undo = vitals(tracker)
 */
export function vitals(tracker: PluginTracker): () => void {
  if (!hasPage()) return nothing
  let isOn = true
  function tell({ name, value, rating, id }: Metric): void {
    if (isOn)
      tracker.track('WebVital', { name, value: Math.round(value * 1000) / 1000, rating, id }, { activity: false })
  }
  for (const listen of [onCLS, onFCP, onINP, onLCP, onTTFB]) listen(tell)
  return function () {
    isOn = false
  }
}
