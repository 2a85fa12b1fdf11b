import { elementOf, onWindow, type PluginTracker } from './plugin.js'

/**
 * Records a click on an element that names an event in its attributes. `data-sojourn-event` is the name, and each other
 * attribute `data-sojourn-…` is a text of its data: `data-sojourn-item-id` is `itemId`. A click inside of the element
 * counts, and so does a key that the browser makes a click of. An element without a name records nothing.
 *
 * @returns the undo.
 * @example
 * // <button data-sojourn-event="AddToCart" data-sojourn-sku="A1">Add</button>
 * const undo = clicks(tracker) // records AddToCart with { sku: 'A1' }
 */
export function clicks(tracker: PluginTracker): () => void {
  return onWindow(['click'], function (event) {
    const element = elementOf(event, '[data-sojourn-event]') as HTMLElement | null
    if (!element) return
    const data: Record<string, string> = {}
    for (const [name, value] of Object.entries(element.dataset)) {
      const key = name.slice(7)
      if (/^sojourn[A-Z]/.test(name) && value !== undefined) data[key.charAt(0).toLowerCase() + key.slice(1)] = value
    }
    const { event: name, ...rest } = data
    if (name) tracker.track(name, rest)
  })
}
