import type { PluginTracker } from '../plugins/plugin.js'

/**
 * A plugin as the script tag starts it. Its settings are attributes of the tag: `data-dwell-seconds` is the setting
 * `seconds` of `dwell`.
 *
 * @returns the undo.
 */
export type TagPlugin = (tracker: PluginTracker, attributes: DOMStringMap) => () => void

/** The words of an attribute, which stand between commas or spaces; `undefined` if the tag does not have it. */
export function toWords(text: string | undefined): string[] | undefined {
  return text === undefined ? undefined : text.split(/[\s,]+/).filter(Boolean)
}
