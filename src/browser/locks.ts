import { wait } from './clock.js'
import { globals } from './globals.js'

/** Which tab sends what this device owes. `another-tab`: this tab waits for its turn. `nobody`: this tab does not wait. */
export type Drainer = 'this-tab' | 'another-tab' | 'nobody'

/** The right to send, of one tab at a time. */
export interface Claim {
  /** Waits for the right, runs, and gives it back. The signal aborts when it must be given back at once. */
  run<T>(task: (signal: AbortSignal) => Promise<T>): Promise<T>
  drainer(): Drainer
  /**
   * Gives the right back now, whatever is under way, and asks for it no more. A page that is frozen, or in the back/forward
   * cache, with the right would starve every other tab.
   *
   * @param isFinal becomes the reason of the signal: nothing may leave this page any more.
   * @returns settles when no lease is held or asked for any more.
   */
  release(isFinal?: true): Promise<unknown>
  /** Asks again from now on. */
  renew(): void
}

/**
 * Claims through Web Locks; without them through a lease that the store keeps.
 *
 * @param lease takes the lease for so many ms. @returns whether this tab has it. For 0 ms it is given back.
 */
export function createClaim(name: string, lease: (ms: number) => Promise<boolean>, leaseMs: number): Claim {
  let stop = new AbortController()
  let drainer: Drainer = 'nobody'
  let attempt: Promise<unknown> | undefined

  async function hold<T>(task: (signal: AbortSignal) => Promise<T>, signal: AbortSignal): Promise<T | undefined> {
    drainer = 'this-tab'
    const released = new Promise<undefined>(resolve => signal.addEventListener('abort', () => resolve(undefined)))
    return Promise.race([task(signal), released])
  }

  async function request<T>(task: (signal: AbortSignal) => Promise<T>, signal: AbortSignal): Promise<T | undefined> {
    try {
      const given = await globals.navigator.locks.request(name, { signal }, () => hold(task, signal))
      // A page may have put something in their place that never runs the task.
      if (drainer === 'this-tab') return given
    } catch (error) {
      // Where there are no locks, or they are denied as in a sandboxed frame, the lease has to do.
      if (drainer === 'this-tab' && !signal.aborted) throw error
    }
    while (!signal.aborted) {
      const asked = withLease(task, signal)
      attempt = asked.catch(() => {})
      const given = await asked
      if (given) return given.value
      await wait(1000)
    }
    return undefined
  }

  /** Runs if the lease is free. @returns what came of it, or `null`. */
  async function withLease<T>(
    task: (signal: AbortSignal) => Promise<T>,
    signal: AbortSignal,
  ): Promise<{ value?: T } | null> {
    if (!(await lease(leaseMs))) return null
    try {
      return signal.aborted ? {} : { value: (await hold(task, signal)) as T }
    } finally {
      await lease(0)
    }
  }

  return {
    drainer: () => drainer,
    async run(task) {
      drainer = 'another-tab'
      try {
        return (await request(task, stop.signal)) as never
      } finally {
        drainer = 'nobody'
      }
    },
    async release(isFinal) {
      stop.abort(isFinal)
      await attempt
    },
    renew() {
      if (stop.signal.aborted) stop = new AbortController()
    },
  }
}
