import mixpanel from 'mixpanel-browser/src/loaders/loader-module-core.js'

export function start(url) {
  mixpanel.init('peers', {
    api_host: url,
    persistence: 'localStorage',
    batch_requests: false,
    api_transport: 'sendBeacon',
    api_payload_format: 'json',
    flags: false,
    remote_settings_mode: 'disabled',
    record_sessions_percent: 0,
  })
}
export const identify = id => mixpanel.identify(id)
export const page = () => mixpanel.track_pageview()
export const track = (name, data) => mixpanel.track(name, data)
export const isReady = () => true
