import { OpenPanel } from '@openpanel/web'

let tracker

export function start(url) {
  tracker = new OpenPanel({ clientId: 'peers', apiUrl: url, trackScreenViews: false })
}
export const identify = id => void tracker.identify({ profileId: id })
export const page = () => void tracker.screenView()
export const track = (name, data) => void tracker.track(name, data)
export const isReady = () => true
