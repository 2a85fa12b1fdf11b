import { onFollow, type PluginTracker, plainURL } from './plugin.js'

/** Endings of files that browsers save, or show beside the page. */
const endings =
  /\.([7x]z|t?gz|zip|bz2|[jrt]ar|apk|avi|csv|dmg|(doc|ppt|xls)x?|epub|exe|flac|iso|m4a|mov|mp[34]|msi|od[pst]|ogg|pdf|pkg|rtf|txt|wav|webm)$/i

/** Settings of {@link downloads}. */
export interface DownloadOptions {
  /**
   * Matches the path of an address that is a download.
   *
   * @default endings of archives, documents, sound, video and programs
   */
  readonly pattern?: RegExp | undefined
}

/**
 * Records `Download` when a link to a file is followed: one with the attribute `download`, or whose path matches. A click that the page prevents follows none. Its data has the
 * `url` without query and fragment, and the `file`, which is empty if the page made the file and gave it no name.
 *
 * @returns the undo.
 * @example const undo = downloads(tracker, { pattern: /\.(step|dwg)$/i })
 */
export function downloads(tracker: PluginTracker, { pattern = endings }: DownloadOptions = {}): () => void {
  return onFollow(function (link, address) {
    const url = plainURL(address)
    const name = link.getAttribute('download')
    // Behind `data:` and `blob:` is no path, but the content, or an id.
    const path = url.includes('/') ? address.pathname : ''
    if (name !== null || (path && path.search(pattern) >= 0))
      tracker.track('Download', { url, file: name || path.replace(/.*\//, '') })
  })
}
