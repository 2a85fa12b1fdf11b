import { derived, get, writable } from 'svelte/store'
import { afterEach, describe, expect, it } from 'vitest'
import type { Tracker } from '../src/api.js'
import { followIdentity, observed } from '../src/svelte.js'
import { createTestTracker, stopTestTrackers } from '../src/testing/index.js'
import '../src/testing/vitest.js'

/** A tracker whose answers the test gives, and whose observers it counts. */
function trackerWith() {
  const listeners = new Set<(answer: unknown) => void>()
  const tracker = {
    observe(_question: unknown, listener: (answer: unknown) => void) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  } as unknown as Tracker
  return { tracker, listeners, answer: (one: unknown) => listeners.forEach(tell => tell(one)) }
}

afterEach(stopTestTrackers)

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
    const { tracker, idle } = createTestTracker()
    const user = writable<{ id: string } | null | undefined>(undefined)
    const undo = followIdentity(
      tracker,
      derived(user, one => one && one.id),
      () => ({ name: 'Ada' }),
    )
    expect(tracker).not.toHaveSession()
    user.set({ id: 'ada' })
    expect(tracker).toHaveTracked('SignIn', { name: 'Ada' })
    expect(tracker).toHaveSession({ identityId: 'ada', endDate: 0 })
    user.set(null)
    await idle()
    expect(tracker).toHaveTracked('SignOut')
    undo()
    user.set({ id: 'bea' })
    await idle()
    expect(tracker).not.toHaveSession({ identityId: 'bea' })
  })

  it('does not sign out who signs in again at once', async () => {
    const { tracker, idle } = createTestTracker()
    const user = writable<string | null>('ada')
    followIdentity(tracker, user)
    await idle()
    user.set(null)
    user.set('ada')
    await idle()
    expect(tracker).not.toHaveTracked('SignOut')
    expect(tracker).toHaveTracked('SignIn', undefined, { times: 1 })
  })
})
