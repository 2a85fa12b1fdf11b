import type { Tracker } from '../api.js'

/** What adapters call. */
export type AdapterTracker = Pick<Tracker, 'signIn' | 'signOut' | 'userInfo' | 'page' | 'track' | 'status' | 'session'>

/** Anything that a page may have put into a call. */
export type Given = Readonly<Record<string, unknown>>

/** Anything that a page may have put into a call, in the place where it belongs. */
// oxlint-disable-next-line typescript/no-explicit-any -- reading it may fail, and then the call is none
export type Anything = any

/** What was read of a list, for each tracker. Each adapter of a list has one. */
export type Known = WeakMap<AdapterTracker, WeakSet<object>>

/** What stands in the place of a global of the page. The calls that it gets are pushed to `q`. */
export interface StandIn {
  [name: string]: Anything
}

/** The globals of the page, by name. */
const globals = (): StandIn => window

/** The object that was given, or an empty one. */
export function given(value: unknown): Given {
  return typeof value === 'object' && value ? (value as Given) : {}
}

/** Whether a page has given a function. */
export function isFunction(value: unknown): value is (...args: unknown[]) => unknown {
  return typeof value === 'function'
}

/**
 * Calls a function of the page, if it is one. It is called in a task of its own, as other trackers do. So what it throws is not
 * thrown into the call of the page.
 */
export function callBack(callback: unknown, answer?: unknown): void {
  if (isFunction(callback)) setTimeout(callback, 0, answer)
}

/** Calls a function of the page, unless a script of Google is there, which does so itself. */
export function callBackForGoogle(callback: unknown): void {
  if (!globals().google_tag_manager) callBack(callback)
}

/**
 * Reads a list that a page pushes to, as if it had been there from the beginning: what is in it, and what comes. The list
 * stays, because other scripts may read it too. What was read is not read again when the adapter is undone and begins again.
 *
 * @param take reads a call. What cannot be read is no call: it costs only itself, and never throws into the page.
 * @returns the undo. Where there is no window, as on a server, and in a page that lets nobody change its globals, nothing happens.
 */
export function onPush(
  known: Known,
  tracker: AdapterTracker,
  name: string,
  take: (item: Anything) => void,
): () => void {
  try {
    const all = globals()
    const list: Anything[] = Array.isArray(all[name]) ? all[name] : (all[name] = [])
    const seen = known.get(tracker) || new WeakSet()
    const { push: before } = list
    let isOn = true

    function read(item: Anything): void {
      try {
        // What is no object is no call, and cannot be added.
        if (isOn && seen.add(item)) take(item)
      } catch {
        // See above.
      }
    }
    const push = (...items: unknown[]): number => {
      items.forEach(read)
      return before.apply(list, items)
    }
    list.filter(item => !seen.has(item)).forEach(read)
    known.set(tracker, seen)
    // This throws if the list is frozen. Then nobody pushes to it, and there is nothing to undo.
    list.push = push
    return function () {
      // Another script may have put its own `push` around this one.
      isOn = false
      if (list.push === push) list.push = before
    }
  } catch {
    return () => {}
  }
}

/**
 * Puts a stand-in in the place of a global, and takes what waits there: in the list that it is, or in its `q`. Calls that are
 * made while the adapter is undone wait until it begins again.
 *
 * @param now gets `q`, to which it pushes each call, and the `o` of what was there: settings.
 * @param take reads a call. What cannot be read is no call: it costs only itself, and never throws into the page.
 * @returns the undo: the page has its global back. Where there was none, the stand-in stays, so that calls do not throw. Where
 * there is no window, as on a server, and in a page that lets nobody change its globals, nothing happens.
 */
export function standIn(name: string, now: StandIn, take: (call: Anything) => void): () => void {
  try {
    const all = globals()
    const before = all[name] || now
    const list: Anything[] = [before, before.q].find(Array.isArray) || []
    const calls = [...list]
    // A list may be frozen.
    const q: StandIn = (now.q = Object.isExtensible(list) ? list : [])

    function read(call: unknown): void {
      try {
        take(call)
      } catch {
        // See above.
      }
    }
    now.o = before.o
    all[name] = now
    q.length = 0
    q.push = (...more: unknown[]) => more.forEach(read)
    calls.forEach(read)
    return function () {
      delete q.push
      if (all[name] === now && q === list) all[name] = before
    }
  } catch {
    return () => {}
  }
}
