import { onFollow, type PluginTracker, plainURL } from './plugin.js'

/**
 * Records `OutboundLink` when a link to another origin is followed, also in a new tab. A click that the page prevents follows none. Its data has the `url` without query and
 * fragment; of a `mailto:` or `tel:` link only that word, because the rest names a person.
 *
 * @returns the undo.
 * @example const undo = outbound(tracker)
 */
export function outbound(tracker: PluginTracker): () => void {
  return onFollow(function (_link, url) {
    if (url.origin !== location.origin && !/^(javascript|blob|data|about):$/.test(url.protocol))
      tracker.track('OutboundLink', { url: plainURL(url) })
  })
}
