import type { Timer } from '../browser/clock.js'
import { flushAtChars } from '../record/limits.js'
import type { FlushResult, Outbox } from './outbox.js'

/** Why a flush is made. */
export type FlushReason = 'timer' | 'full' | 'sign-out' | 'online' | 'hidden' | 'asked' | 'leftovers'

/** Decides when to flush. The outbox decides what is sent, and whether an attempt may be made. */
export interface Flusher {
  /** So many characters became owed. */
  notice(chars: number): void
  flush(reason: FlushReason): Promise<FlushResult>
  stop(): void
}

/**
 * @param everyMs records are sent so long after the first of them became owed.
 * @param later runs something after so many ms, unless `cancel` stops it.
 */
export function createFlusher(
  outbox: Pick<Outbox, 'flush' | 'state'>,
  everyMs: number,
  now: () => number,
  later: (run: () => void, ms: number) => Timer,
  cancel: (timer: Timer | undefined) => void,
): Flusher {
  let timer: Timer | undefined
  let isStopped = false
  let chars = 0

  function schedule(): void {
    if (timer !== undefined || isStopped) return
    const waitMs = Math.max(everyMs, outbox.state().nextAttempt - now())
    if (waitMs < Infinity) timer = later(() => void flush('timer'), Math.min(waitMs, 2 ** 31 - 1))
  }

  async function flush(reason: FlushReason): Promise<FlushResult> {
    cancel(timer)
    timer = undefined
    chars = 0
    // A person who asks, and a network that is back, overrule the backoff. Everything else waits for its time.
    const result = await outbox.flush(reason === 'asked' || reason === 'online')
    if (result.owed) schedule()
    return result
  }

  return {
    notice(more) {
      chars += more
      if (chars > flushAtChars) void flush('full')
      else schedule()
    },
    flush,
    stop() {
      isStopped = true
      cancel(timer)
    },
  }
}
