import { type AdapterTracker, type Anything, callBackForGoogle, given, type Known, onPush } from './adapter.js'

const known: Known = new WeakMap()

/**
 * Takes the calls of `gtag`, which lie in the data layer: `gtag('event', name, params)` is an event, `page_view` a page view.
 * `user_id` of `config` and `set` says who is signed in, and `null` or an empty text there signs out; `user_properties` tell more of who
 * that is. Callbacks are called, that of `get` with `undefined`, unless a script of Google is there, which calls them. Take the script of
 * the vendor out of the page, and leave the lines that define `gtag`.
 *
 * @returns the undo. What was read is not read again when the adapter begins again for the same tracker.
 * @example
 * gtag(tracker)
 * window.gtag('event', 'add_to_cart', { value: 19.95 })
 */
export function gtag(tracker: AdapterTracker): () => void {
  return onPush(known, tracker, 'dataLayer', function ({ 0: command, 1: first, 2: second, 3: third }) {
    const {
      event_callback,
      event_timeout: _time,
      send_to: _to,
      transport_type: _type,
      ...params
    }: Anything = given(command === 'set' ? { ...given(first), [first]: second } : second)
    const { page_location: url, page_title: title, page_referrer: referrer, ...rest } = params
    const { user_id: id, user_properties: info } = params
    callBackForGoogle(event_callback || third)
    if (command !== 'event') {
      if (id) tracker.signIn(id)
      else if (id !== undefined) tracker.signOut()
      if (info) tracker.userInfo(info)
    } else if (first === 'page_view') tracker.page({ url, title, referrer, ...rest })
    else tracker.track(first, params)
  })
}
