import { RudderAnalytics } from '@rudderstack/analytics-js/bundled'

let analytics
let ready = false

export function start(url) {
  const source = {
    id: 'peers',
    name: 'peers',
    writeKey: 'peers',
    enabled: true,
    workspaceId: 'peers',
    destinations: [],
  }
  analytics = new RudderAnalytics()
  // A queue of 100 is the default; the queue drops its oldest events when it is full.
  analytics.load('peers', url, {
    getSourceConfig: () => ({ source: { ...source, config: { statsCollection: { errors: { enabled: false } } } } }),
    queueOptions: { minRetryDelay: 1000, maxRetryDelay: 5000, maxAttempts: 100, maxItems: 10_000 },
    sendAdblockPage: false,
  })
  analytics.ready(() => (ready = true))
}
export const identify = id => analytics.identify(id)
export const page = () => analytics.page()
export const track = (name, data) => analytics.track(name, data)
export const isReady = () => ready
