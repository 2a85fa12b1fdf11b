import type { Timer } from '../browser/clock.js'
import { flushAtChars } from '../record/limits.js'
import type { FlushResult, Outbox } from './outbox.js'

/** Decides when to flush. The outbox decides what is sent, and whether an attempt may be made. */
export interface Flusher {
  /** So many characters became owed. */
  notice(chars: number): void
  /** @param isForced a person asks, or the network is back: that overrules the backoff. Everything else waits for its time. */
  flush(isForced?: boolean): Promise<FlushResult>
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
    if (waitMs < Infinity) timer = later(() => void flush(), Math.min(waitMs, 2 ** 31 - 1))
  }

  async function flush(isForced = false): Promise<FlushResult> {
    cancel(timer)
    timer = undefined
    chars = 0
    const result = await outbox.flush(isForced)
    if (result.owed) schedule()
    return result
  }

  return {
    notice(more) {
      chars += more
      if (chars > flushAtChars) void flush()
      else schedule()
    },
    flush,
    stop() {
      isStopped = true
      cancel(timer)
    },
  }
}
