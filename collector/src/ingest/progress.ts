import { bodyProgressMs, bodyRateMs, minBodyBytesPerSecond, requestTimeoutMs } from '../limits.js'

/** Finds the bodies that arrive too slowly. */
export interface ProgressWatch {
  /** Starts to watch one body. @param onSlow is called once, if it arrives too slowly. */
  open(onSlow: () => void): WatchedBody
}

/** One body that is watched. */
export interface WatchedBody {
  /** Notes that so many bytes have arrived. */
  note(bytes: number): void
  /** Ends the watch. Calling it twice is harmless. */
  close(): void
}

interface Watched {
  readonly onSlow: () => void
  /** Since the last byte, ms. */
  idleMs: number
  /** Since the first byte was waited for, ms. */
  ageMs: number
  /** Bytes since the rate was last checked. */
  bytes: number
}

/** How often the bodies are looked at. */
const tickMs = 500

/**
 * Makes the watch. A body is too slow if nothing of it arrives for `bodyProgressMs`, if less than `minBodyBytesPerSecond`
 * arrives over `bodyRateMs`, or if it is not complete after `requestTimeoutMs`.
 *
 * One timer serves all bodies, and runs only while there are some. Time is counted in its ticks and not read from a
 * clock. So a body whose bytes wait while this process is busy is not called slow.
 */
export function createProgressWatch(): ProgressWatch {
  const open = new Set<Watched>()
  let isTicking = false

  function tick(): void {
    for (const one of open) {
      one.idleMs += tickMs
      one.ageMs += tickMs
      if (!isSlow(one)) continue
      open.delete(one)
      one.onSlow()
    }
    isTicking = false
    start()
  }

  function start(): void {
    if (isTicking || !open.size) return
    isTicking = true
    // A body under way has a connection, which keeps the process alive. The timer need not.
    setTimeout(tick, tickMs).unref()
  }

  return {
    open(onSlow) {
      const one: Watched = { onSlow, idleMs: 0, ageMs: 0, bytes: 0 }
      open.add(one)
      start()
      return {
        note(bytes) {
          one.idleMs = 0
          one.bytes += bytes
        },
        close: () => void open.delete(one),
      }
    },
  }
}

function isSlow(one: Watched): boolean {
  // The first tick may come at once, so only a longer time is certain.
  if (one.idleMs > bodyProgressMs || one.ageMs > requestTimeoutMs) return true
  if (one.ageMs % bodyRateMs) return false
  const isBelow = one.bytes < (minBodyBytesPerSecond * bodyRateMs) / 1000
  one.bytes = 0
  return isBelow
}
