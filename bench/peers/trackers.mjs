// Which trackers are measured, how each is set, and where its makers say so.

import { readFileSync } from 'node:fs'

const here = new URL('.', import.meta.url)

/** A tracker of the comparison: its package, and what `docs/peers.md` says of its settings. */
const known = {
  sojourn: { title: 'Sojourn', settings: 'the defaults, with page views by hand', source: '../src/tracker-options.ts' },
  segment: {
    title: 'Segment',
    package: '@segment/analytics-next',
    settings:
      'an event in each request (`standard`) with `keepalive`, `retryQueue`, and the settings in the call, so that nothing is fetched before',
    source: 'https://www.npmjs.com/package/@segment/analytics-next',
  },
  snowplow: {
    title: 'Snowplow',
    package: '@snowplow/browser-tracker',
    settings: '`post`, `bufferSize: 1`, `keepalive`, room for 10,000 events in localStorage',
    source: 'https://docs.snowplow.io/docs/sources/web-trackers/tracker-setup/initialization-options',
  },
  rudderstack: {
    title: 'RudderStack',
    package: '@rudderstack/analytics-js',
    settings:
      'the bundled build, room for 10,000 events, retries after 1 to 5 s, 100 attempts, the configuration in the call',
    source: 'https://www.rudderstack.com/docs/sources/event-streams/sdks/rudderstack-javascript-sdk/load-js-sdk/',
  },
  amplitude: {
    title: 'Amplitude',
    package: '@amplitude/analytics-browser',
    settings: 'flush after 200 ms or 200 events, 1,000 retries, no automatic capture, beacon at `pagehide`',
    source: 'https://amplitude.com/docs/sdks/analytics/browser/browser-sdk-2',
  },
  mixpanel: {
    title: 'Mixpanel',
    package: 'mixpanel-browser',
    settings: 'the core build; each event at once by `sendBeacon`, no flags, no recording',
    source: 'https://docs.mixpanel.com/docs/tracking-methods/sdks/javascript',
  },
  posthog: {
    title: 'PostHog',
    package: 'posthog-js',
    settings:
      'the slim build without external scripts, flush after 250 ms (the least it takes), no limit of the rate, no automatic capture, no flags',
    source: 'https://posthog.com/docs/libraries/js/config',
  },
  plausible: {
    title: 'Plausible',
    package: '@plausible-analytics/tracker',
    settings: 'no automatic page views; it has no setting for delivery, and no identities',
    source: 'https://www.npmjs.com/package/@plausible-analytics/tracker',
  },
  openpanel: {
    title: 'OpenPanel',
    package: '@openpanel/web',
    settings: 'no automatic page views; it has no setting for delivery',
    source: 'https://www.npmjs.com/package/@openpanel/web',
  },
}

export const names = Object.keys(known)

/** What a table says of a tracker: title, package, exact version, settings and their source. */
export function describeTracker(name) {
  const one = known[name]
  const file = one.package
    ? new URL(`node_modules/${one.package}/package.json`, here)
    : new URL('../../package.json', here)
  return { name, ...one, version: JSON.parse(readFileSync(file, 'utf8')).version }
}
