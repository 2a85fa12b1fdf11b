import { type AdapterTracker, callBackForGoogle, type Known, onPush } from './adapter.js'

/** Settings of {@link dataLayer}. */
export interface DataLayerOptions {
  /**
   * The member of a pushed object that says who is signed in. `null` or an empty text there signs out.
   *
   * @default 'user_id'
   */
  readonly identity?: string | undefined
  /**
   * The name of the list.
   *
   * @default 'dataLayer'
   */
  readonly name?: string | undefined
}

const known: Known = new WeakMap()

/**
 * Takes what a page pushes to the data layer of a tag manager: an object with `event` is an event, and its other members are
 * the data. Events and members of the tag manager itself (`gtm.…`) and `user_data` are left out, and so are calls of `gtag`, which has an adapter of
 * its own. `eventCallback` is called, unless the tag manager is there, which calls it.
 *
 * @returns the undo. What was read is not read again when the adapter begins again for the same tracker.
 * @example
 * dataLayer(tracker)
 * window.dataLayer.push({ event: 'add_to_cart', ecommerce: { value: 19.95 } })
 */
export function dataLayer(
  tracker: AdapterTracker,
  { identity = 'user_id', name = 'dataLayer' }: DataLayerOptions = {},
): () => void {
  // The snippet of the tag manager stands before its script is loaded.
  let isManaged: unknown
  return onPush(known, tracker, name, function (item) {
    const {
      event,
      [identity]: id,
      eventCallback,
      eventTimeout: _time,
      user_data: _person,
      'gtm.start': start,
      ...data
    } = item
    isManaged ||= start
    if ('0' in data) return
    for (const key in data) if (key.startsWith('gtm.')) delete data[key]
    if (id) tracker.signIn(id)
    if (event && typeof event === 'string' && !event.startsWith('gtm.')) {
      if (!isManaged) callBackForGoogle(eventCallback)
      tracker.track(event, data)
    }
    if (id === null || id === '') tracker.signOut()
  })
}
