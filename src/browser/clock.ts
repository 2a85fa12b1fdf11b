/** A clock further ahead of ours than this was set, or the machine slept; we follow it, but never back. */
const jumpMs = 60_000

/** The wall clock is looked at so often: a call in the first moments after a sleep may bear a time before it. */
const checkMs = 50

/**
 * The page's clock, Unix epoch, ms: the wall clock at page load, running on evenly from there, so that a clock set back
 * does not reorder what happens; a jump ahead is followed, for it may be a sleep, and sessions end in those.
 */
export function createClock(): () => number {
  let origin = performance.timeOrigin
  let checked = -checkMs
  return () => {
    const even = performance.now()
    // Not at each call of a burst: reading the wall clock costs as much as all the rest.
    if (even - checked >= checkMs) {
      checked = even
      const jump = Date.now() - origin - even
      if (jump > jumpMs) origin += jump
    }
    return Math.round(origin + even)
  }
}

/** The device's clock, Unix epoch, ms: what all tabs read alike at one moment, whatever each has made of its own time. */
export function deviceTime(): number {
  return Date.now()
}

export function wait(ms: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, ms))
}
