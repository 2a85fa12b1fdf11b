import * as amplitude from '@amplitude/analytics-browser'

let ready = false

export function start(url) {
  const options = {
    serverUrl: `${url}/2/httpapi`,
    autocapture: false,
    remoteConfig: { fetchRemoteConfig: false },
    flushIntervalMillis: 200,
    flushQueueSize: 200,
    flushMaxRetries: 1000,
  }
  void amplitude.init('peers', options).promise.then(() => (ready = true))
  // The guide of the library has these lines for events that are made as the page goes away.
  addEventListener('pagehide', () => {
    amplitude.setTransport('beacon')
    amplitude.flush()
  })
}
export const identify = id => amplitude.setUserId(id)
export const page = () => amplitude.track('Page')
export const track = (name, data) => amplitude.track(name, data)
export const isReady = () => ready
