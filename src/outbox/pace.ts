import { toText } from '../errors.js'
import { backoffBaseMs, backoffMaxMs } from '../record/limits.js'

/** How sending has gone, and when to try again. */
export interface PaceState {
  readonly requests: number
  /** Requests that followed a failed one. */
  readonly retries: number
  /** Failed attempts in a row. */
  readonly failures: number
  /** When the next attempt makes sense, Unix epoch, ms; 0 = any time, Infinity = not before the next page load. */
  readonly nextAttempt: number
  /** What the last attempt met: an HTTP status, or the browser's words about the network. Empty after a success. */
  readonly lastError: string
}

/** Decides when an attempt to send may be made. */
export interface Pace {
  /** @param isForced also before the backoff is over. What the collector has asked for is waited for in any case. */
  mayTry(isForced: boolean): boolean
  /** A request is made. */
  begin(): void
  /** The request failed. @returns whether it is the first of a row. */
  fail(retryAfterMs: number, cause: unknown): boolean
  succeed(): void
  /** The collector has asked for so much time; `Infinity` rejects this page for good. */
  hold(ms: number): void
  state(): PaceState
}

/** @param chance a random number from 0 to 1. */
export function createPace(now: () => number, chance: () => number): Pace {
  let requests = 0
  let retries = 0
  let failures = 0
  let lastError = ''
  // The backoff is advice, which a person who asks may overrule. What the collector asked for is not.
  let backoffUntil = 0
  let heldUntil = 0

  function hold(ms: number): void {
    heldUntil = Math.max(heldUntil, now() + ms)
  }

  return {
    mayTry: isForced => now() >= heldUntil && (isForced || now() >= backoffUntil),
    begin() {
      requests++
      if (failures) retries++
    },
    fail(retryAfterMs, cause) {
      backoffUntil = now() + backoffMs(failures++, chance())
      hold(retryAfterMs)
      lastError = toText(cause)
      return failures === 1
    },
    succeed() {
      backoffUntil = failures = 0
      lastError = ''
    },
    hold,
    state: () => ({ requests, retries, failures, nextAttempt: Math.max(backoffUntil, heldUntil), lastError }),
  }
}

/**
 * How long to wait after so many failures in a row, ms: drawn from 0 to a bound that doubles ("full jitter"), so that the
 * tabs of a site do not come back together.
 */
export function backoffMs(failures: number, chance: number): number {
  return chance * Math.min(backoffMaxMs, backoffBaseMs * 2 ** Math.min(failures, 20))
}
