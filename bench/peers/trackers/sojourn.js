import { createTracker } from '../../../dist/esm/index.js'

let tracker

export function start(url) {
  tracker = createTracker({ collector: url, key: 'peers', automatic: false })
}
export const identify = id => tracker.signIn(id)
export const page = () => tracker.page()
export const track = (name, data) => tracker.track(name, data)
export const isReady = () => tracker.status().store === 'indexeddb'
