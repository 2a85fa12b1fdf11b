import { type AdapterTracker, given, onPush } from './adapter.js'

/** Settings of {@link dataLayer}. */
export interface DataLayerOptions {
  /**
   * The member of a pushed object that says who is signed in. `null` or an empty text there signs out.
   *
   * @default 'user_id'
   */
  readonly identity?: string
  /**
   * The name of the list.
   *
   * @default 'dataLayer'
   */
  readonly name?: string
}

/**
 * Takes what a page pushes to the data layer of a tag manager: an object with `event` is an event, and its other members are
 * the data. Events of the tag manager itself (`gtm.…`) are left out, and so are calls of `gtag`, which has an adapter of its own.
 *
 * @returns the undo.
 * @example
 * dataLayer(tracker)
 * window.dataLayer.push({ event: 'add_to_cart', ecommerce: { value: 19.95 } })
 */
export function dataLayer(
  tracker: AdapterTracker,
  { identity = 'user_id', name = 'dataLayer' }: DataLayerOptions = {},
): () => void {
  return onPush(name, function (item) {
    const { event, [identity]: id, ...data } = given(item)
    if ('0' in data) return
    if (id) tracker.signIn(id as string)
    if (typeof event === 'string' && !event.startsWith('gtm.')) tracker.track(event, data)
    if (id === null || id === '') tracker.signOut()
  })
}
