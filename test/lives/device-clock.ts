import type { OwnTime, Timer } from '../../src/browser/clock.js'

/** Unix epoch, ms. */
export const start = 1_893_456_000_000

/** A page that ends, or rests. */
interface Owner {
  readonly isDead: boolean
  readonly isAtRest: boolean
}

interface Entry {
  at: number
  readonly run: () => unknown
  /** 0: once. */
  readonly everyMs: number
  readonly owner: Owner | null
}

/** The clock of a device: all of its pages share it, and the timers of a page that rests wait. */
export interface DeviceClock {
  readonly time: OwnTime
  /** Somebody sets the wall clock. */
  set(byMs: number): void
  /** The machine sleeps: no timer runs meanwhile. @param isEven whether the time that only goes on goes on, too. */
  sleep(ms: number, isEven: boolean): void
  /** Time goes on, and every timer that is due runs at its time. */
  advance(ms: number): Promise<void>
  /** Something happens. */
  beat(): void
  /** Runs code of a page, and waits for what needs no time. */
  within(owner: Owner, run: () => void): Promise<void>
  /** Runs code of a page within that of another, or of the browser. */
  inside<T>(owner: Owner | null, run: () => T): T
  /** Whose code runs. */
  owner(): Owner | null
  /** A timer of that page, or of the browser itself. */
  startIn(owner: Owner | null, run: () => unknown, ms: number): void
}

/** More timers than this in one step: the pages keep each other busy. */
const mostTimers = 20_000

/** Nothing has happened for so many microtasks: then everything is done that waits for no time. */
const quietTurns = 50

/** Makes the clock. @param enter is called before code of a page runs. */
export function createDeviceClock(enter: (owner: Owner) => void): DeviceClock {
  let even = 0
  let wallAhead = 0
  let beats = 0
  let current: Owner | null = null
  let entries: Entry[] = []

  async function quiet(): Promise<void> {
    for (let turns = 0, seen = beats; turns < quietTurns; turns++) {
      await Promise.resolve()
      if (seen !== beats) turns = 0
      seen = beats
    }
  }

  function add(owner: Owner | null, run: () => unknown, ms: number, isRepeated = false): Entry {
    const entry = { at: even + Math.max(ms, 0), run, everyMs: isRepeated ? Math.max(ms, 1) : 0, owner }
    entries.push(entry)
    beats++
    return entry
  }

  async function within(owner: Owner | null, run: () => unknown): Promise<void> {
    current = owner
    if (owner) enter(owner)
    run()
    await quiet()
    current = null
  }

  function nextUntil(until: number): Entry | undefined {
    entries = entries.filter(({ owner }) => !owner?.isDead)
    let found: Entry | undefined
    for (const entry of entries)
      if (!entry.owner?.isAtRest && entry.at <= until && (!found || entry.at < found.at)) found = entry
    return found
  }

  return {
    set(byMs) {
      wallAhead += byMs
    },
    sleep(ms, isEven) {
      if (isEven) even += ms
      else wallAhead += ms
    },
    async advance(ms) {
      const until = even + ms
      await quiet()
      for (let count = 0; ; count++) {
        const due = nextUntil(until)
        if (!due) break
        if (count > mostTimers) throw new Error('the pages keep each other busy')
        even = Math.max(even, due.at)
        if (due.everyMs) due.at = even + due.everyMs
        else entries.splice(entries.indexOf(due), 1)
        await within(due.owner, due.run)
      }
      even = Math.max(even, until)
    },
    beat: () => void beats++,
    within,
    inside(owner, run) {
      const outer = current
      beats++
      current = owner
      if (owner) enter(owner)
      try {
        return run()
      } finally {
        current = outer
        if (outer) enter(outer)
      }
    },
    owner: () => current,
    startIn: (owner, run, ms) => void add(owner, run, ms),
    time: {
      now: () => start + even + wallAhead,
      even: () => even,
      start: (run, ms, isRepeated) => add(current, run, ms, isRepeated) as unknown as Timer,
      cancel(timer) {
        entries = entries.filter(entry => entry !== (timer as unknown))
      },
    },
  }
}
