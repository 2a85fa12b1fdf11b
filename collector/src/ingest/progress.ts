import {
  bodyProgressMs,
  bodyRateMs,
  freeBodyPieces,
  minBodyBytesPerSecond,
  minBodyPieceBytes,
  requestTimeoutMs,
} from '../limits.js'

/** Finds the bodies that arrive too slowly. */
export interface ProgressWatch {
  /** Starts to watch one body. @param onSlow is called once, if it arrives too slowly. */
  open(onSlow: () => void): WatchedBody
}

/** One body that is watched. */
export interface WatchedBody {
  /** Notes that a piece of so many bytes has arrived. */
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
  readonly isTooFine: (bytes: number) => boolean
}

/** How often the bodies are looked at. */
const tickMs = 500

/**
 * Makes the watch. A body is too slow if nothing of it arrives for `bodyProgressMs`, if less than `minBodyBytesPerSecond`
 * arrives over `bodyRateMs`, or if it is not complete after `requestTimeoutMs`. So is one in too many small pieces.
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
      const one: Watched = { onSlow, idleMs: 0, ageMs: 0, bytes: 0, isTooFine: createPieceCheck() }
      open.add(one)
      start()
      return {
        note(bytes) {
          one.idleMs = 0
          one.bytes += bytes
          if (one.isTooFine(bytes) && open.delete(one)) one.onSlow()
        },
        close: () => void open.delete(one),
      }
    },
  }
}

/**
 * Makes the check whether the pieces of a body are too small. A packet may have ten thousand chunks of one byte, which take the time of
 * a hundred requests, while everybody else waits.
 *
 * @returns a function that takes the bytes of each piece.
 */
export function createPieceCheck(): (bytes: number) => boolean {
  let pieces = 0
  let size = 0
  return bytes => {
    size += bytes
    return ++pieces > freeBodyPieces && size < pieces * minBodyPieceBytes
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
