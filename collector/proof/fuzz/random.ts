/** Random choices that a seed repeats. */
export interface Random {
  /** A whole number from 0 up to, and without, `end`. */
  readonly below: (end: number) => number
  /** Whether something happens that happens in so many of a hundred cases. */
  readonly percent: (chance: number) => boolean
  readonly pick: <T>(list: readonly T[]) => T
  /** A list of `least` to `most` things. */
  readonly list: <T>(least: number, most: number, make: (n: number) => T) => T[]
}

/** Makes the choices of one request. The same seed and number always make the same ones. */
export function createRandom(seed: number, number: number): Random {
  let state = (Math.imul(seed, 0x9e3779b1) ^ Math.imul(number + 1, 0x85ebca6b)) >>> 0
  const next = (): number => {
    // Mulberry32: small, and good enough to spread over all cases.
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (end: number): number => Math.floor(next() * end)
  return {
    below,
    percent: chance => next() * 100 < chance,
    pick: <T>(list: readonly T[]) => list[below(list.length)] as T,
    list: (least, most, make) => Array.from({ length: least + below(most - least + 1) }, (_, n) => make(n)),
  }
}
