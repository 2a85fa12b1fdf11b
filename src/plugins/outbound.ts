import { elementOf, onWindow, type PluginTracker, plainAddress } from './plugin.js'

/**
 * Records `OutboundLink` when a link to another origin is followed, also in a new tab. Its data has the `url` without query and
 * fragment; of a `mailto:` or `tel:` link only that word, because the rest names a person.
 *
 * @returns the undo.
 * @example const undo = outbound(tracker)
 */
export function outbound(tracker: PluginTracker): () => void {
  return onWindow(['click', 'auxclick'], function (event) {
    const link = elementOf(event, 'a[href],area[href]') as HTMLAnchorElement | null
    // The right button opens a menu, and follows nothing.
    if (!link || event.button > 1 || link.protocol === 'javascript:' || link.protocol === 'blob:') return
    if (link.origin !== location.origin) tracker.track('OutboundLink', { url: plainAddress(link.href) })
  })
}
