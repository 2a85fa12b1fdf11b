/** A clock that stands still until it is moved; waiting on it moves it. */
export interface FakeClock {
  now(): number
  advance(ms: number): void
  wait(ms: number): Promise<void>
}

/** 2023-11-14T22:13:20Z, the beginning of a turn of the segments. */
export const start = 1_700_000_000_000

export function fakeClock(at = start): FakeClock {
  let time = at
  return {
    now: () => time,
    advance(ms) {
      time += ms
    },
    async wait(ms) {
      time += ms
    },
  }
}
