import { hasPage, nothing, type PluginTracker } from './plugin.js'

/** An element counts as seen if half of it is in view for so long, ms. */
const seenMs = 1000
const mark = 'data-sojourn-seen'

/**
 * Records an event when an element is seen: half of it was in view for a second. `data-sojourn-seen` is the name of the event.
 * Each element counts once, also if it was added later. An element that is taller than two windows counts when it fills half of the window.
 *
 * @returns the undo.
 * @example
 * // <section id="prices" data-sojourn-seen="PricesSeen">…</section>
 * const undo = seen(tracker) // records PricesSeen with { element: 'prices' }
 */
export function seen(tracker: PluginTracker): () => void {
  if (!hasPage()) return nothing
  const timers = new Map<Element, number>()
  const known = new WeakSet<Element>()

  const views = new IntersectionObserver(
    function (entries) {
      for (const { target, intersectionRatio, intersectionRect, rootBounds } of entries) {
        clearTimeout(timers.get(target))
        timers.delete(target)
        const isSeen = intersectionRatio >= 0.5 || (rootBounds && intersectionRect.height >= rootBounds.height / 2)
        if (isSeen)
          timers.set(
            target,
            window.setTimeout(() => tell(target), seenMs),
          )
      }
    },
    // A hundredth of what is as tall as 50 windows fills half of one.
    { threshold: Array.from({ length: 51 }, (_one, place) => place / 100) },
  )
  function tell(element: Element): void {
    views.unobserve(element)
    timers.delete(element)
    const name = element.getAttribute(mark)
    if (name) tracker.track(name, { element: element.id })
  }
  function look(): void {
    for (const element of document.querySelectorAll(`[${mark}]`))
      if (!known.has(element)) {
        known.add(element)
        views.observe(element)
      }
  }

  const changes = new MutationObserver(look)
  changes.observe(document, { childList: true, subtree: true, attributes: true, attributeFilter: [mark] })
  look()
  return function () {
    changes.disconnect()
    views.disconnect()
    for (const timer of timers.values()) clearTimeout(timer)
    timers.clear()
  }
}
