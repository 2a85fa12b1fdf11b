import { type AdapterTracker, type Anything, callBack, given, isFunction, type StandIn, standIn } from './adapter.js'

/** A verb of Segment, with what the snippet has noted of the page at the call. */
type Verb = (context: Anything, ...args: Anything[]) => void

/**
 * Stands in for Segment's `analytics`: `identify` signs in, or tells more of who is signed in; `page` and `track` record; `reset` signs
 * out; `trackLink` and `trackForm` track a click or a submission, and do not hold it up. What the snippet has queued comes first.
 * Callbacks are called, and calls can be chained and awaited. `user().id()` is who is signed in. Everything else can be called, and does
 * nothing. Take the call of `analytics.load` out of the page.
 *
 * @returns the undo: the page has its `analytics` back. Calls that it makes then wait until the adapter begins again.
 * @example
 * segment(tracker)
 * window.analytics.identify('user-42', { name: 'Ada' })
 */
export function segment(tracker: AdapterTracker): () => void {
  const verbs: Record<string, Verb> = {
    identify(_context, id, traits) {
      if (id && typeof id !== 'object') tracker.signIn(id, traits)
      else if (id || traits) tracker.userInfo(id || traits)
    },
    page({ u: url, t, r: referrer }, ...args) {
      const names = args.filter(one => typeof one === 'string')
      const {
        name = names.pop(),
        category = names.pop(),
        // The address has it, and there its secrets are left out.
        search: _query,
        title = name,
        ...rest
      } = given(args.find(one => given(one) === one))
      tracker.page({
        title,
        category,
        // A page that was left before the adapter began.
        ...(url !== window.location.href && { url, title: title ?? t, referrer }),
        ...rest,
      } as {})
    },
    track(_context, name, data) {
      const { event = name, properties = data } = given(name)
      tracker.track(event as string, given(properties))
    },
    reset: () => tracker.signOut(),
    ready() {},
    alias() {},
    group() {},
    screen() {},
    trackLink: onEach('click'),
    trackClick: onEach('click'),
    trackForm: onEach('submit'),
    trackSubmit: onEach('submit'),
  }

  /** Tracks what happens to an element, or to each of several. The name and the data may be functions of the element. */
  function onEach(type: string): Verb {
    return function (_context, elements, name, data) {
      const of = (value: unknown, one: unknown): unknown => (isFunction(value) ? value(one) : value)
      for (const one of elements.addEventListener ? [elements] : Array.from(elements))
        one.addEventListener(type, () => now.track(of(name, one), of(data, one)))
    }
  }

  const own: StandIn = {
    [Symbol.toPrimitive]: () => '',
    push: (...calls: unknown[]) => now.q.push(...calls),
    user: () => ({ __proto__: now, id: () => tracker.status().identityId, anonymousId() {}, traits: () => ({}) }),
  }
  // What is not known can be called, read and written as a text, and is itself again. The snippet asks whether it ran already.
  const unknown: Anything = new Proxy(() => unknown, {
    get: (_target, name) =>
      name in own || /^(then|initialized?|invoked)$/.test(String(name)) ? own[name as string] : unknown,
  })
  const now: StandIn = Object.create(unknown)
  const chain = Object.create(now)
  const done = Promise.resolve(unknown)
  for (const name of ['then', 'catch', 'finally'] as const) chain[name] = done[name].bind(done)
  for (const name in verbs)
    own[name] = function (...args: unknown[]) {
      now.q.push([name, ...args])
      return chain
    }

  return standIn('analytics', now, function ([name, ...args]) {
    const verb = verbs[name]!
    const context = given(args.find((one: unknown) => '__t' in given(one)))
    if (/track./.test(name)) return verb(context, ...args)
    // This throws for what is no verb, so that the function of `on`, or of a middleware, is not called.
    verb(context, ...args.filter((one: unknown) => !isFunction(one) && one !== context))
    callBack(args.find(isFunction))
  })
}
