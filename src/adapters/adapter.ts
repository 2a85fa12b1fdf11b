import type { Tracker } from '../api.js'

/** What adapters call. */
export type AdapterTracker = Pick<Tracker, 'signIn' | 'signOut' | 'userInfo' | 'page' | 'track'>

/** Anything that a page may have put into a call. */
export type Given = Readonly<Record<string, unknown>>

/** The globals of the page, by name. */
export const globals = (): Record<string, unknown> => window as unknown as Record<string, unknown>

/** The object that was given, or an empty one. */
export function given(value: unknown): Given {
  return typeof value === 'object' && value ? (value as Given) : {}
}

/**
 * Reads a list that a page pushes to, as if it had been there from the beginning: what is in it, and what comes. The list
 * stays, because other scripts may read it too.
 *
 * @returns the undo.
 */
export function onPush(name: string, take: (item: unknown) => void): () => void {
  const all = globals()
  const list: unknown[] = Array.isArray(all[name]) ? all[name] : []
  const { push: before } = list
  function read(item: unknown): void {
    try {
      take(item)
    } catch {
      // What cannot be read is no call. The page that pushes it must not suffer.
    }
  }
  function push(...items: unknown[]): number {
    items.forEach(read)
    return before.apply(list, items)
  }
  all[name] = list
  list.forEach(read)
  // A list may be frozen. Then nobody pushes to it.
  Reflect.set(list, 'push', push)
  return function () {
    if (list.push === push) list.push = before
  }
}
