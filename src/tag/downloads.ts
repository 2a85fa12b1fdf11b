import { type DownloadOptions, downloads as plugin } from '../plugins/downloads.js'
import type { TagPlugin } from './attributes.js'

/**
 * The plugin `downloads` in a script tag: `data-downloads-pattern="\.(step|dwg)$"`. Capitals and small letters are the same.
 *
 * @throws SyntaxError if the pattern is none.
 */
export const downloads: TagPlugin = function (tracker, { downloadsPattern }) {
  const options: DownloadOptions = downloadsPattern ? { pattern: new RegExp(downloadsPattern, 'i') } : {}
  return plugin(tracker, options)
}
