import { derived, get, writable } from 'svelte/store'
import { describe, expect, it } from 'vitest'
import type { Tracker } from '../src/api.js'
import { followIdentity, observed } from '../src/svelte.js'

/** A tracker whose answers the test gives. */
function trackerWith(session?: object) {
  const told: unknown[] = []
  const listeners = new Set<(answer: unknown) => void>()
  const tracker = {
    signIn: (id: string, info?: object) => void told.push(['signIn', id, info]),
    signOut: () => void told.push(['signOut']),
    session: async () => session,
    observe(_question: unknown, listener: (answer: unknown) => void) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  } as unknown as Tracker
  return { tracker, told, listeners, answer: (one: unknown) => listeners.forEach(tell => tell(one)) }
}

describe('a store of answers', () => {
  it('gives the answer now and after each change, and observes while somebody subscribes', () => {
    const { tracker, listeners, answer } = trackerWith()
    const store = observed(tracker, 'status')
    expect(listeners.size).toBe(0)
    const seen: unknown[] = []
    const owed = derived(store, status => status?.owed)
    const undo = owed.subscribe(one => seen.push(one))
    const second = store.subscribe(() => {})
    expect(listeners.size).toBe(1)
    answer({ owed: 2 })
    answer({ owed: 0 })
    expect(seen).toEqual([undefined, 2, 0])
    undo()
    second()
    expect(listeners.size).toBe(0)
    expect(get(store)).toBeUndefined()
  })
})

describe('the identity of a store', () => {
  it('signs in, and out, and waits while it is not known', async () => {
    const { tracker, told } = trackerWith({ sessionID: 's' })
    const user = writable<{ id: string } | null | undefined>(undefined)
    const undo = followIdentity(
      tracker,
      derived(user, one => one && one.id),
      () => ({ name: 'Ada' }),
    )
    expect(told).toEqual([])
    user.set({ id: 'ada' })
    user.set(null)
    await tracker.session()
    expect(told).toEqual([['signIn', 'ada', { name: 'Ada' }], ['signOut']])
    undo()
    user.set({ id: 'bea' })
    expect(told).toHaveLength(2)
  })

  it('does not sign out who signs in again at once', async () => {
    const { tracker, told } = trackerWith({ sessionID: 's' })
    const user = writable<string | null>(null)
    followIdentity(tracker, user)
    user.set('ada')
    await tracker.session()
    await Promise.resolve()
    expect(told).toEqual([['signIn', 'ada', undefined]])
  })
})
