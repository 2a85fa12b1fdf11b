import { type AdapterTracker, callBack, given, type StandIn, standIn } from './adapter.js'

/**
 * Stands in for `plausible(name, { props, revenue, interactive, callback })`: an event with its `props` and `revenue`; `pageview` is a
 * page view, with `url` as its address. `customProperties` of `plausible.init` are data of all. What the snippet has queued comes first.
 * Take the script of the vendor out of the page.
 *
 * @returns the undo: the page has its `plausible` back. Calls that it makes then wait until the adapter begins again.
 * @example
 * plausible(tracker)
 * window.plausible('Signup', { props: { plan: 'small' } })
 */
export function plausible(tracker: AdapterTracker): () => void {
  const now: StandIn = (...args: unknown[]) => void now.q.push(args)
  now.init = (options: unknown) => (now.o = options)
  return standIn('plausible', now, function ([name, options]) {
    const { props, revenue, u, url = u, interactive, callback } = given(options)
    const { customProperties: more } = given(now.o)
    callBack(callback, { status: 202 })
    const data = { ...(typeof more === 'function' ? more(name) : more), ...given(props), revenue, url }
    if (name === 'pageview') tracker.page(data)
    else tracker.track(name, data, { activity: interactive !== false })
  })
}
