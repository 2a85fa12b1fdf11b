import { type AdapterTracker, type Given, given, globals } from './adapter.js'

/**
 * Stands in for Segment's `analytics`: `identify` signs in, or tells more of who is signed in; `page` and `track` record; `reset` signs
 * out. What the snippet has queued comes first. Callbacks are called. `group`, `alias` and others do nothing. Take the call of
 * `analytics.load` out of the page.
 *
 * @returns the undo: the page has its `analytics` back.
 * @example
 * segment(tracker)
 * window.analytics.identify('user-42', { name: 'Ada' })
 */
export function segment(tracker: AdapterTracker): () => void {
  const verbs: Record<string, (...args: unknown[]) => void> = {
    identify(id, traits) {
      if (typeof id === 'object') tracker.userInfo(given(id))
      else tracker.signIn(id as string, given(traits))
    },
    page(...args) {
      const names = args.filter(one => typeof one === 'string')
      const {
        name = names.pop(),
        category = names.pop(),
        title = name,
        ...rest
      } = given(args.find(one => typeof one === 'object'))
      tracker.page({
        ...(title !== undefined && { title }),
        ...(category !== undefined && { category }),
        ...rest,
      } as Given)
    },
    track: (name, data) => tracker.track(name as string, given(data)),
    reset: () => tracker.signOut(),
  }
  function call(name: string, args: unknown[]): void {
    const done = args.find(one => typeof one === 'function') as (() => void) | undefined
    if (verbs[name]) verbs[name](...args.filter(one => one !== done))
    if (done) done()
  }

  const all = globals()
  const before = all.analytics
  const now: Record<string, unknown> = {}
  for (const name of 'identify page track reset group alias ready on once off load screen'.split(' '))
    now[name] = (...args: unknown[]) => call(name, args)
  all.analytics = now
  if (Array.isArray(before)) for (const [name, ...args] of before) call(name, args)
  return function () {
    all.analytics = before
  }
}
