/** A clock that stands still until it is moved; waiting on it moves it. */
export interface FakeClock {
  now(): number
  advance(ms: number): void
  wait(ms: number): Promise<void>
}

/** 2027-01-15T08:00:00Z. */
export const start = 1_800_000_000_000

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
