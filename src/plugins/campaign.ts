import { cut, hasPage, nothing, type PluginTracker } from './plugin.js'

const maxChars = 200

/** Settings of {@link campaign}. */
export interface CampaignOptions {
  /**
   * Names of parameters of the address that are recorded too, under their own names.
   *
   * @default []
   */
  readonly parameters?: readonly string[] | undefined
}

/**
 * Records `Campaign` if the address of the page load tells of one: `source`, `medium`, `campaign`, `term` and `content` as the
 * parameters `utm_…` say. Once, as it is called, so it belongs to the page that a campaign has led to.
 *
 * @returns the undo, which has nothing to do.
 * @example const undo = campaign(tracker, { parameters: ['ref'] })
 */
export function campaign(tracker: PluginTracker, { parameters = [] }: CampaignOptions = {}): () => void {
  if (!hasPage()) return nothing
  const given = new URLSearchParams(location.search)
  const data: Record<string, string> = {}
  for (const name of ['source', 'medium', 'campaign', 'term', 'content']) {
    const value = given.get(`utm_${name}`)
    if (value) data[name] = cut(value, maxChars)
  }
  for (const name of parameters) {
    const value = given.get(name)
    if (value) data[name] = cut(value, maxChars)
  }
  if (Object.keys(data)[0]) tracker.track('Campaign', data)
  return nothing
}
