import type { CollectorStore } from '../store/store.js'
import { type Measure, noMeasure } from './measure.js'

/** Whether requests should be sent to this collector. */
export interface Readiness extends Measure {
  /** Says that the collector listens now. */
  start(): void
  /** Says that the collector is about to stop. It is never ready again. */
  stop(): void
  /** Says why the collector is not ready, as `/readyz` replies it. `null` if it is ready. Never rejects. */
  whyNot(): Promise<NotReady | null>
}

/** `full` and the like may be added by what can say so. */
export type NotReady = 'starting' | 'stopping' | 'store-failed'

/** After a failed commit, the collector is not ready for so long. Then it has to show again that it can write. */
const failedForMs = 10_000
/** Strangers may ask too, so the store is asked at most once in this time. */
const askedForMs = 1000

/**
 * Makes the readiness. The collector is ready if it is neither starting nor stopping and if the store can write: its
 * last commit did not fail in the last ten seconds, and it takes an empty one.
 *
 * @param now Unix epoch, ms.
 */
export function createReadiness(store: Pick<CollectorStore, 'merge'>, now: () => number): Readiness {
  let phase: 'starting' | 'stopping' | null = 'starting'
  let failedAt = Number.NEGATIVE_INFINITY
  let askedAt = Number.NEGATIVE_INFINITY
  let canWrite: Promise<boolean> = Promise.resolve(true)

  /** Whether something happened less than so many ms ago. A clock that was set back makes it long ago. */
  const isRecent = (at: number, ms: number): boolean => now() - at < ms && now() >= at

  return {
    ...noMeasure,
    group({ isStored }) {
      failedAt = isStored ? Number.NEGATIVE_INFINITY : now()
    },
    start: () => void (phase = phase === 'starting' ? null : phase),
    stop: () => void (phase = 'stopping'),
    async whyNot() {
      if (phase) return phase
      if (isRecent(failedAt, failedForMs)) return 'store-failed'
      if (!isRecent(askedAt, askedForMs)) {
        askedAt = now()
        canWrite = store.merge([]).then(
          () => true,
          () => false,
        )
      }
      return (await canWrite) ? phase : 'store-failed'
    },
  }
}
