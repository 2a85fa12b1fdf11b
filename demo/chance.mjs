// Random numbers that are the same at each run, for the seed and the traffic of the demo.

/**
 * Makes a source of chance.
 *
 * @param seeds texts and numbers. The same ones give the same chances.
 */
export function createChance(...seeds) {
  let state = 0x9e3779b9
  for (const char of seeds.join('/')) state = Math.imul(state ^ char.charCodeAt(0), 0x85ebca6b) ^ (state >>> 13)

  /** From 0 to 1, without 1 (mulberry32). */
  function next() {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }

  return {
    next,
    is: probability => next() < probability,
    /** A whole number, both limits included. */
    between: (least, most) => least + Math.floor(next() * (most - least + 1)),
    pick: list => list[Math.floor(next() * list.length)],
    /** A time that is mostly short and sometimes long, in ms. */
    lasting: meanMs => Math.round(-Math.log(1 - next()) * meanMs),
    /** @param weighted pairs of a value and its weight. */
    choose(weighted) {
      let left = next() * weighted.reduce((sum, [, weight]) => sum + weight, 0)
      return (weighted.find(([, weight]) => (left -= weight) < 0) ?? weighted.at(-1))[0]
    },
    /** An id as the tracker makes them: it begins with its time. */
    id(at) {
      let tail = ''
      while (tail.length < 12) tail += Math.floor(next() * 36).toString(36)
      return Math.floor(at).toString(36).padStart(9, '0') + tail
    },
  }
}
