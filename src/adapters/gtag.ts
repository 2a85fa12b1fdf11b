import { type AdapterTracker, type Anything, callBackForGoogle, given, type Known, onPush } from './adapter.js'

const known: Known = new WeakMap()

/**
 * Takes the calls of `gtag`, which lie in the data layer: `gtag('event', name, params)` is an event, `page_view` a page view.
 * `user_id` of any call says who is signed in, and `null` or an empty text there signs out; `user_properties` tell more of who
 * that is; `user_data` is left out. Callbacks are called, that of `get` with `undefined`, unless a script of Google is there, which calls them. Take the script of
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
      user_properties: info,
      user_id: id,
      user_data: _person,
      transport_type: _type,
      send_to: _to,
      ...params
    }: Anything = given(command === 'set' ? { ...given(first), [first]: second } : second)
    callBackForGoogle(event_callback || third)
    const { page_location: url, page_title: title, page_referrer: referrer, ...rest } = params
    if (id) tracker.signIn(id)
    if (info) tracker.userInfo(info)
    if (command === 'event')
      if (first === 'page_view') tracker.page({ url, title, referrer, ...rest })
      else tracker.track(first, params)
    if (!id && id !== undefined) tracker.signOut()
  })
}
