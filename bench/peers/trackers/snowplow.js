import { newTracker, setUserId, trackPageView, trackSelfDescribingEvent } from '@snowplow/browser-tracker'

export function start(url) {
  newTracker('peers', url, {
    appId: 'peers',
    eventMethod: 'post',
    bufferSize: 1,
    keepalive: true,
    maxLocalStorageQueueSize: 10_000,
  })
}
export const identify = id => setUserId(id)
export const page = () => trackPageView()
export const track = (_name, data) =>
  trackSelfDescribingEvent({ event: { schema: 'iglu:com.example/added/jsonschema/1-0-0', data } })
export const isReady = () => true
