/** A wall clock that is further ahead than this was set, or the machine slept. Then the page's clock follows it, but never back. */
const jumpMs = 60_000

/** The wall clock is read so often. */
const checkMs = 50

/** Gives the time, Unix epoch, ms. @param isExact reads the wall clock even if it was read a moment ago. */
export type Clock = (isExact?: boolean) => number

/** A time of its own: its clock, and its timers. */
export interface OwnTime {
  /** The wall clock, Unix epoch, ms. */
  now(): number
  /** A time that only goes on, ms. */
  even(): number
  /** Runs after so many ms, once or again and again. */
  start(run: () => unknown, ms: number, isRepeated: boolean): Timer
  cancel(timer: Timer | undefined): void
}

// The test kit sets it. In every other build nothing does, so that the bundler leaves out what asks for it.
let own: OwnTime | undefined

/** Takes clock and timers from there from now on. */
export function useTime(time: OwnTime): void {
  own = time
}

/**
 * Makes the page's clock. It is the wall clock at page load and runs on evenly from there, so that a clock that is set back
 * does not reorder what happens. A jump ahead is followed, because it may be a sleep, and sessions end in those.
 */
export function createClock(): Clock {
  let origin = own ? own.now() - own.even() : performance.timeOrigin
  let checked = -checkMs
  return function (isExact) {
    const even = evenTime()
    // Not at each call of a burst, because reading the wall clock costs as much as everything else.
    if (isExact || even - checked >= checkMs) {
      checked = even
      const jump = deviceTime() - origin - even
      if (jump > jumpMs) origin += jump
    }
    return Math.round(origin + even)
  }
}

/** The device's clock, Unix epoch, ms. All tabs read the same value, whatever the clock of each page says. */
export function deviceTime(): number {
  return own ? own.now() : Date.now()
}

/** A time that only goes on, ms since the page began or later. */
export function evenTime(): number {
  return own ? own.even() : performance.now()
}

/** A timer that {@link cancel} stops. */
export type Timer = ReturnType<typeof setTimeout>

/** Runs once, after so many ms. All timers of the tracker begin here and in {@link every}. */
export function later(run: () => unknown, ms?: number): Timer {
  return own ? own.start(run, ms || 0, false) : unref(setTimeout(run, ms))
}

/** Runs every so many ms. */
export function every(run: () => void, ms: number): Timer {
  return own ? own.start(run, ms, true) : unref(setInterval(run, ms))
}

/** Stops a timer, if there is one. */
export function cancel(timer: Timer | undefined): void {
  if (own) own.cancel(timer)
  else clearTimeout(timer)
}

export function wait(ms: number): Promise<void> {
  return new Promise(resolve => void later(resolve, ms))
}

/** In Node a timer or a channel would keep a test runner alive. Everywhere else this does nothing. */
export function unref<T>(thing: T): T {
  const { unref: undo } = thing as { unref?: () => void }
  if (undo) undo.call(thing)
  return thing
}
