import client from 'posthog-js/dist/module.slim.no-external.js'

export function start(url) {
  client.init('peers', {
    api_host: url,
    persistence: 'localStorage',
    autocapture: false,
    capture_pageview: false,
    capture_pageleave: false,
    disable_session_recording: true,
    disable_surveys: true,
    advanced_disable_flags: true,
    disable_external_dependency_loading: true,
    request_queue_config: { flush_interval_ms: 250 },
    // By default it drops what is more than 10 events a second.
    rate_limiting: { events_per_second: 100_000, events_burst_limit: 100_000 },
    // The browser of a measurement is no person.
    opt_out_useragent_filter: true,
  })
}
export const identify = id => client.identify(id)
export const page = () => client.capture('$pageview')
export const track = (name, data) => client.capture(name, data)
export const isReady = () => true
