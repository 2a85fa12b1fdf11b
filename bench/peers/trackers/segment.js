import { AnalyticsBrowser } from '@segment/analytics-next'

let analytics
let ready = false

export function start(url) {
  const { host } = new URL(url)
  // With the settings in the call, nothing is fetched before the first event.
  const cdnSettings = { integrations: { 'Segment.io': { apiKey: 'peers', apiHost: `${host}/v1`, protocol: 'http' } } }
  const delivery = { strategy: 'standard', config: { keepalive: true } }
  analytics = AnalyticsBrowser.load(
    { writeKey: 'peers', cdnSettings },
    {
      retryQueue: true,
      integrations: { 'Segment.io': { apiHost: `${host}/v1`, protocol: 'http', deliveryStrategy: delivery } },
    },
  )
  void analytics.ready().then(() => (ready = true))
}
export const identify = id => void analytics.identify(id)
export const page = () => void analytics.page()
export const track = (name, data) => void analytics.track(name, data)
export const isReady = () => ready
