import { maxTailChars } from '../record/limits.js'
import type { FlushResult, Outbox } from './outbox.js'

/** Why a flush is made. */
export type FlushReason = 'timer' | 'full' | 'sign-out' | 'online' | 'hidden' | 'asked'

/** Decides when to flush; what is sent, and whether it may be, the outbox knows. */
export interface Flusher {
  /** A record of so many characters is owed. */
  notice(chars: number): void
  flush(reason: FlushReason): Promise<FlushResult>
  stop(): void
}

/** @param isOwing whether there is more to send than the last flush could reach. */
export function createFlusher(
  outbox: Pick<Outbox, 'flush' | 'state'>,
  isOwing: () => boolean,
  everyMs: number,
  now: () => number,
): Flusher {
  let timer: ReturnType<typeof setTimeout> | undefined
  let isStopped = false
  let chars = 0

  function schedule(): void {
    if (timer !== undefined || isStopped) return
    const waitMs = Math.max(everyMs, outbox.state().nextAttempt - now())
    if (waitMs < Infinity) timer = setTimeout(() => void flush('timer'), Math.min(waitMs, 2 ** 31 - 1))
  }

  async function flush(reason: FlushReason): Promise<FlushResult> {
    clearTimeout(timer)
    timer = undefined
    chars = 0
    try {
      // A person who asks, and a network that is back, overrule the backoff; the rest waits for its time.
      return await outbox.flush(reason !== 'timer', reason === 'asked' || reason === 'online')
    } finally {
      if (isOwing()) schedule()
    }
  }

  return {
    notice(more) {
      chars += more
      if (chars > maxTailChars) {
        chars = 0
        void flush('full')
      } else schedule()
    },
    flush,
    stop() {
      isStopped = true
      clearTimeout(timer)
    },
  }
}
