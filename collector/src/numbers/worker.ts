import { countBusyRestMs, countRestMs } from '../store/numbers-limits.js'
import type { CollectorStore } from '../store/store.js'

/** What the worker is made of. */
export interface CountingParts {
  readonly store: Pick<CollectorStore, 'digest'>
  /** Waits; less if the signal aborts. */
  readonly rest: (ms: number, signal: AbortSignal) => Promise<void>
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
 * longer if another collector counts.
 */
export function startCounting({ store, rest, onError }: CountingParts): Counting {
  const stopping = new AbortController()
  const { signal } = stopping

  async function count(): Promise<void> {
    while (!signal.aborted) {
      try {
        const digested = await store.digest()
        if (digested !== 'more') await rest(digested === 'over' ? countRestMs : countBusyRestMs, signal)
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
