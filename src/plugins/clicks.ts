import { elementOf, links, onWindow, type PluginTracker } from './plugin.js'

/**
 * Records a click on an element that names an event in its attributes. `data-sojourn-event` is the name, and each other
 * attribute `data-sojourn-…` is a text of its data: `data-sojourn-item-id` is `itemId`. A click inside of the element
 * counts, also if the page prevents it, and so does a key that the browser makes a click of, and the middle button on a link; a label and
 * its field count once. An element without a name records nothing.
 *
 * @returns the undo.
 * @example
 * // <button data-sojourn-event="AddToCart" data-sojourn-sku="A1">Add</button>
 * const undo = clicks(tracker) // records AddToCart with { sku: 'A1' }
 */
export function clicks(tracker: PluginTracker): () => void {
  let last: Element | null
  return onWindow(['click', 'auxclick'], function (event) {
    // Only links have a use for the middle button, and nothing for the right one.
    if (event.button > 1 || (event.button && !elementOf(event, links))) return
    const element = elementOf(event, '[data-sojourn-event]')
    const { labels } = event.composedPath()[0] as HTMLInputElement
    // After a click on a label the browser makes one on its field, in the same task.
    if (!element || (element === last && labels && labels[0])) return
    last = element
    setTimeout(() => (last = null))
    const data: Record<string, string> = {}
    // A form may have a field named `attributes`.
    for (const { name, value } of Reflect.get(Element.prototype, 'attributes', element) as NamedNodeMap)
      if (/^data-sojourn-./.test(name))
        data[name.slice(13).replace(/-([a-z])/g, (_dash, letter: string) => letter.toUpperCase())] = value
    const { event: name, ...rest } = data
    if (name) tracker.track(name, rest)
  })
}
