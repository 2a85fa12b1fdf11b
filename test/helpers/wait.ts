import { vi } from 'vitest'

/**
 * Waits until `check` does not throw, and resolves with what it gives.
 *
 * A busy machine may need many seconds for what takes some milliseconds, so nobody waits for less: `vi.waitFor` gives up
 * after one second.
 *
 * @throws (rejects) what `check` threw last, after 60 seconds.
 * @example await waitFor(() => expect(tracker.status().owed).toBe(0))
 */
export function waitFor<T>(check: () => T | Promise<T>): Promise<T> {
  return vi.waitFor(check, { timeout: 60_000, interval: 10 })
}
