import { type AdapterTracker, type Given, given, onPush } from './adapter.js'

/**
 * Takes the calls of `gtag`, which lie in the data layer: `gtag('event', name, params)` is an event, `page_view` a page view, and
 * `user_id` of `config` and `set` says who is signed in; `null` signs out. Take the script of the vendor out of the page, and leave the lines
 * that define `gtag`.
 *
 * @returns the undo.
 * @example
 * gtag(tracker)
 * window.gtag('event', 'add_to_cart', { value: 19.95 })
 */
export function gtag(tracker: AdapterTracker): () => void {
  return onPush('dataLayer', function (item) {
    const { 0: command, 1: first, 2: second } = given(item)
    if (command === 'event') {
      const params = given(second)
      const { page_location: url, page_title: title, page_referrer: referrer, ...rest } = params
      if (first !== 'page_view') tracker.track(first as string, params)
      else
        tracker.page({
          ...(url ? { url } : {}),
          ...(title ? { title } : {}),
          ...(referrer ? { referrer } : {}),
          ...rest,
        } as Given)
    } else if (command === 'config' || command === 'set') {
      const { user_id: id } = given(typeof first === 'object' ? first : second)
      if (id) tracker.signIn(id as string)
      else if (id === null) tracker.signOut()
    }
  })
}
