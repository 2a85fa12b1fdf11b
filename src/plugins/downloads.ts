import { elementOf, onWindow, type PluginTracker, plainAddress } from './plugin.js'

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
  readonly pattern?: RegExp
}

/**
 * Records `Download` when a link to a file is followed: one with the attribute `download`, or whose path matches. Its data has the
 * `url` without query and fragment, and the `file`.
 *
 * @returns the undo.
 * @example const undo = downloads(tracker, { pattern: /\.(step|dwg)$/i })
 */
export function downloads(tracker: PluginTracker, { pattern = endings }: DownloadOptions = {}): () => void {
  return onWindow(['click', 'auxclick'], function (event) {
    const link = elementOf(event, 'a[href],area[href]') as HTMLAnchorElement | null
    if (!link || event.button > 1 || !/^(https?|blob|data):$/.test(link.protocol)) return
    if (!link.hasAttribute('download') && link.pathname.search(pattern) < 0) return
    tracker.track('Download', {
      url: plainAddress(link.href),
      file: link.download || link.pathname.slice(link.pathname.lastIndexOf('/') + 1),
    })
  })
}
