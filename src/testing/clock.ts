import type { OwnTime, Timer } from '../browser/clock.js'

/** 2030-01-01T00:00:00Z. */
export const start = 1_893_456_000_000

/** Nothing has happened for so many microtasks: then everything is done that waits for no time. */
const quietTurns = 50

/** The tracker waits for nothing so long, ms: what is not done then waits for the test. */
const patienceMs = 3_600_000

/** The clock of the test. It stands still until it is moved. */
export interface TestClock {
  /** Unix epoch, ms. */
  now(): number
  /**
   * Moves the clock, and runs every timer of the tracker that is due meanwhile, each at its time. What a timer begins is done
   * before the next one runs. It waits for no real time, so it works under fake timers, too.
   *
   * @param ms 0 runs what is due now.
   * @throws RangeError if the number is negative or infinite, or no number.
   * @example await clock.advance(30 * 60_000) // the session ends, because nobody did anything for 30 minutes
   */
  advance(ms: number): Promise<void>
}

/** A clock with the timers on it. */
export interface OwnClock extends TestClock {
  readonly time: OwnTime
  /** Something happens. */
  beat(): void
  /** Settles when nothing happens any more without the clock. */
  quiet(): Promise<unknown>
  /** Settles with the promise. Moves the clock from timer to timer if it waits for one. */
  through<T>(promise: Promise<T>): Promise<T>
  /** Forgets all timers, and goes back to the start. */
  reset(): void
}

interface Entry {
  at: number
  readonly run: () => unknown
  /** 0: once. */
  readonly everyMs: number
}

/** Makes the clock. It has no timer of its own, so nothing of it outlives a test. */
export function createTestClock(): OwnClock {
  let now = start
  let beats = 0
  let entries = new Set<Entry>()

  /** @returns how often anything had happened by then. */
  async function quiet(): Promise<number> {
    let seen = beats
    for (let turns = 0; turns < quietTurns; turns++) {
      await Promise.resolve()
      if (seen !== beats) turns = 0
      seen = beats
    }
    return seen
  }

  function next(until: number): Entry | undefined {
    let found: Entry | undefined
    for (const entry of entries) if (entry.at <= until && (!found || entry.at < found.at)) found = entry
    return found
  }

  function fire(entry: Entry): void {
    now = Math.max(now, entry.at)
    if (entry.everyMs) entry.at += entry.everyMs
    else entries.delete(entry)
    beats++
    entry.run()
  }

  async function advance(ms: number): Promise<void> {
    // A tracker sends again and again, so a clock without an end would never arrive.
    if (!(ms >= 0 && ms < Infinity)) throw new RangeError('the clock goes forward only, and to a time')
    const until = now + ms
    for (;;) {
      const seen = await quiet()
      const due = next(until)
      if (due) fire(due)
      // What needs no clock may have run by itself, just now.
      else if (seen === beats) break
    }
    now = Math.max(now, until)
  }

  return {
    now: () => now,
    advance,
    beat: () => void beats++,
    quiet,
    async through(promise) {
      const until = now + patienceMs
      let isDone = false
      const done = promise.finally(() => {
        isDone = true
        // Who waits for the promise goes on, and whoever waits for quiet waits for that too.
        beats++
      })
      const settled = done.then(
        () => {},
        () => {},
      )
      for (;;) {
        await Promise.race([settled, quiet()])
        const due = isDone ? undefined : next(until)
        if (!due) return done
        fire(due)
      }
    },
    reset() {
      now = start
      entries = new Set()
    },
    time: {
      now: () => now,
      even: () => now - start,
      start(run, ms, isRepeated) {
        const entry: Entry = { at: now + Math.max(ms, 0), run, everyMs: isRepeated ? Math.max(ms, 1) : 0 }
        entries.add(entry)
        beats++
        // What is only to happen in a later task needs no clock.
        if (!ms && !isRepeated) void quiet().then(() => entries.has(entry) && fire(entry))
        return entry as unknown as Timer
      },
      cancel: timer => void entries.delete(timer as unknown as Entry),
    },
  }
}
