import { countBusyRestMs, countRestMs, countRestTimes } from '../store/numbers-limits.js'
import type { CollectorStore } from '../store/store.js'

/** What the worker is made of. */
export interface CountingParts {
  readonly store: Pick<CollectorStore, 'digest'>
  /** Waits; less if the signal aborts. */
  readonly rest: (ms: number, signal: AbortSignal) => Promise<void>
  /** How long commits have taken until now, ms, as `createCommitTime` sums it up. */
  readonly committedMs: () => number
  /** A clock, ms. */
  readonly now: () => number
  /** Called with the cause if the store fails. The next round tries again. */
  readonly onError: (cause: unknown) => void
}

/** Counts visits anew that have changed, in the background. */
export interface Counting {
  /** Ends after the bite under way. */
  readonly stop: () => Promise<void>
}

/**
 * Begins to count. After a round it rests, so that a visit that changes all the time is not counted all the time. It rests
 * longer if another collector counts. While commits were under way for half of a bite or more, it rests after each bite too:
 * what is counted later is shown later, but a batch that is not stored in time is sent again. A visit that changes meanwhile
 * is counted once for all its changes.
 */
export function startCounting({ store, rest, committedMs, now, onError }: CountingParts): Counting {
  const stopping = new AbortController()
  const { signal } = stopping

  async function count(): Promise<void> {
    while (!signal.aborted) {
      try {
        const [begun, committed] = [now(), committedMs()]
        const digested = await store.digest()
        // The clock may have been set back.
        const tookMs = Math.max(0, now() - begun)
        if (digested === 'over') await rest(countRestMs, signal)
        else if (digested === 'busy') await rest(countBusyRestMs, signal)
        else if (committedMs() - committed > tookMs / 2) await rest(countRestTimes * tookMs, signal)
      } catch (cause) {
        onError(cause)
        await rest(countBusyRestMs, signal)
      }
    }
  }

  const running = count()
  return {
    async stop() {
      stopping.abort()
      await running
    },
  }
}
