import { type AdapterTracker, type Given, given, globals } from './adapter.js'

/**
 * Stands in for `plausible(name, { props, callback })`: an event with its `props`; `pageview` is a page view, with `u` as its address. What the
 * snippet has queued comes first.
 *
 * @returns the undo: the page has its `plausible` back.
 * @example
 * plausible(tracker)
 * window.plausible('Signup', { props: { plan: 'small' } })
 */
export function plausible(tracker: AdapterTracker): () => void {
  function call(name: unknown, options?: unknown): void {
    const { props, u, callback } = given(options)
    if (name === 'pageview') tracker.page({ ...given(props), ...(u ? { url: u as string } : {}) } as Given)
    else tracker.track(name as string, given(props))
    if (typeof callback === 'function') callback({ status: 202 })
  }

  const all = globals()
  const before = all.plausible
  all.plausible = call
  // What waits are the arguments of calls.
  const { q } = (before || {}) as { q?: ArrayLike<unknown>[] }
  for (const args of Array.isArray(q) ? q : []) call(args[0], args[1])
  return function () {
    all.plausible = before
  }
}
