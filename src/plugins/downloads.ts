import { onFollow, type PluginTracker, plainAddress } from './plugin.js'

/** Endings of files that browsers save, or show beside the page. */
const endings =
  /\.(7z|apk|avi|bz2|csv|dmg|docx?|epub|exe|flac|gz|iso|jar|m4a|mov|mp[34]|msi|od[pst]|ogg|pdf|pkg|pptx?|rar|rtf|tar|tgz|txt|wav|webm|xlsx?|xz|zip)$/i

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
  return onFollow(function (link, url) {
    const { protocol, pathname, href } = url
    const name = link.getAttribute('download')
    const isOnWeb = protocol.startsWith('http')
    if (name === null && !(isOnWeb && pathname.search(pattern) >= 0)) return
    // Behind `data:` and `blob:` is no path, but the content, or an id.
    tracker.track('Download', {
      url: plainAddress(href),
      file: name || (isOnWeb ? pathname.replace(/.*\//, '') : ''),
    })
  })
}
