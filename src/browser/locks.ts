import { wait } from './clock.js'

/** The right to send, of one tab at a time. */
export interface Claim {
  /** Waits for the right, runs, and gives it back. The signal tells that it must be given back at once. */
  run<T>(task: (signal: AbortSignal) => Promise<T>): Promise<T>
  /** Gives the right back now, whatever is under way: a page in the back/forward cache would starve every other tab. */
  release(): void
}

/**
 * Claims through Web Locks; without them through a lease that the store keeps.
 *
 * @param lease takes the lease for so many ms; true if it is ours. For 0 ms it is given back.
 */
export function createClaim(name: string, lease: (ms: number) => Promise<boolean>, leaseMs: number): Claim {
  let stop = new AbortController()

  async function hold<T>(task: (signal: AbortSignal) => Promise<T>, signal: AbortSignal): Promise<T | undefined> {
    const released = new Promise<undefined>(resolve => signal.addEventListener('abort', () => resolve(undefined)))
    return Promise.race([task(signal), released])
  }

  return {
    async run(task) {
      const { signal } = stop
      if ('locks' in navigator) {
        try {
          return (await navigator.locks.request(name, { signal }, () => hold(task, signal))) as never
        } catch (error) {
          if (signal.aborted) return undefined as never
          throw error
        }
      }
      while (!(await lease(leaseMs))) {
        await wait(1000)
        if (signal.aborted) return undefined as never
      }
      try {
        return (await hold(task, signal)) as never
      } finally {
        await lease(0)
      }
    },
    release() {
      stop.abort()
      stop = new AbortController()
    },
  }
}
