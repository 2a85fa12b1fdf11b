import type { CollectorStore } from '../store/store.js'
import { type Measure, noMeasure } from './measure.js'
import { createQuestion, type Rest, rest as restForReal } from './question.js'

/** Whether requests should be sent to this collector. */
export interface Readiness extends Measure {
  /** Says that the collector listens now. */
  start(): void
  /** Says that the collector is about to stop. It is never ready again. */
  stop(): void
  /** Says within a second why the collector is not ready, as `/readyz` replies it. `null` if it is ready. Never rejects. */
  whyNot(): Promise<NotReady | null>
}

/** `full` and the like may be added by what can say so. */
export type NotReady = 'starting' | 'stopping' | 'store-failed'

/** After a failed commit, the collector is not ready for so long. Then it has to show again that it can write. */
const failedForMs = 10_000
/** What is known of the store counts for so long. Strangers may ask too, so the store is not asked meanwhile. */
const knownForMs = 1000

/**
 * Makes the readiness. The collector is ready if it is neither starting nor stopping and if the store can write: its
 * last commit did not fail in the last ten seconds, and one was made in the last second, or it takes an empty one now. A
 * store that does not answer is asked no second time meanwhile, and nobody waits for it.
 *
 * @param now Unix epoch, ms.
 * @param rest waits. @default with a timer
 */
export function createReadiness(
  store: Pick<CollectorStore, 'merge'>,
  now: () => number,
  rest: Rest = restForReal,
): Readiness {
  let phase: 'starting' | 'stopping' | null = 'starting'
  let failedAt = Number.NEGATIVE_INFINITY
  let writtenAt = Number.NEGATIVE_INFINITY
  let deniedAt = Number.NEGATIVE_INFINITY
  const askToWrite = createQuestion(() => store.merge([]), rest)

  /** Whether something happened less than so many ms ago. A clock that was set back makes it long ago. */
  const isRecent = (at: number, ms: number): boolean => now() - at < ms && now() >= at

  return {
    ...noMeasure,
    group({ isStored }) {
      failedAt = isStored ? Number.NEGATIVE_INFINITY : now()
      if (isStored) writtenAt = now()
    },
    start: () => void (phase = phase === 'starting' ? null : phase),
    stop: () => void (phase = 'stopping'),
    async whyNot() {
      if (phase) return phase
      if (isRecent(failedAt, failedForMs)) return 'store-failed'
      if (!isRecent(writtenAt, knownForMs) && !isRecent(deniedAt, knownForMs)) {
        if (await askToWrite()) writtenAt = now()
        else deniedAt = now()
      }
      // A commit may have been made meanwhile.
      return isRecent(writtenAt, knownForMs) ? phase : 'store-failed'
    },
  }
}
