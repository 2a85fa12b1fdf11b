/** What each plugin records, in a few words. A plugin that is not here stands with its name alone. */
export const pluginWords: Readonly<Record<string, string>> = {
  campaign: 'where a campaign has led (utm_…)',
  clicks: 'clicks on elements that name an event (data-sojourn-event)',
  downloads: 'links to files that are followed',
  dwell: 'long stays on a page, and no movement',
  engagement: 'active time and deepest scroll of a page',
  errors: 'errors that nothing caught',
  forms: 'forms that are submitted or abandoned, never what is written',
  media: 'video and sound that is played',
  outbound: 'links to other sites that are followed',
  seen: 'elements that were in view (data-sojourn-seen)',
  vitals: 'how fast pages are (web vitals)',
}
