import { type CampaignOptions, campaign as plugin } from '../plugins/campaign.js'
import { type TagPlugin, toWords } from './attributes.js'

/** The plugin `campaign` in a script tag: `data-campaign-parameters="ref,partner"`. */
export const campaign: TagPlugin = function (tracker, { campaignParameters }) {
  const parameters = toWords(campaignParameters)
  const options: CampaignOptions = parameters ? { parameters } : {}
  return plugin(tracker, options)
}
