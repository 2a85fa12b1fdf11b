import { describe, expect, it } from 'vitest'
import { createBrake } from '../../src/web/brake.js'

/** Makes a brake whose waits end when the test says so. */
function brakeWith() {
  const waits: { ms: number; end: () => void }[] = []
  let now = 0
  const brake = createBrake(
    () => now,
    ms => new Promise(resolve => waits.push({ ms, end: resolve })),
  )
  return {
    brake,
    waits,
    advance: (ms: number) => (now += ms),
    endAll: async () => {
      for (const { end } of waits) end()
      await new Promise(setImmediate)
    },
  }
}

describe('wrong tokens', () => {
  it('cost no time at first, and then twice as long each, up to eight seconds', () => {
    const { brake, waits } = brakeWith()
    for (let n = 0; n < 12; n++) brake.wrong('a')
    expect(waits.map(({ ms }) => ms)).toEqual([100, 200, 400, 800, 1600, 3200, 6400, 8000, 8000])
  })

  it('of one client do not slow another', () => {
    const { brake, waits } = brakeWith()
    for (let n = 0; n < 4; n++) brake.wrong('a')
    brake.wrong('b')
    expect([waits.length, brake.isFull('b')]).toEqual([1, false])
  })

  it('wait at most four at a time from one client, and 64 from all', async () => {
    const { brake, endAll } = brakeWith()
    for (let n = 0; n < 7; n++) {
      expect(brake.isFull('a')).toBe(false)
      brake.wrong('a')
    }
    expect([brake.isFull('a'), brake.isFull('b')]).toEqual([true, false])
    for (let n = 0; n < 3; n++) brake.wrong('b')
    expect(brake.isFull('b')).toBe(false)
    for (let client = 0; client < 15; client++) for (let n = 0; n < 7; n++) brake.wrong(`c${client}`)
    expect(brake.isFull('b')).toBe(true)
    await endAll()
    expect([brake.isFull('a'), brake.isFull('b')]).toEqual([false, false])
  })

  it('of many clients do not keep out one that has hardly tried', () => {
    const { brake, advance } = brakeWith()
    for (let n = 0; n < 3; n++) brake.wrong('tired')
    for (let client = 0; client < 16; client++) for (let n = 0; n < 7; n++) brake.wrong(`c${client}`)
    expect([brake.isFull('reader'), brake.isFull('tired')]).toEqual([false, true])
    for (let n = 0; n < 2; n++) brake.wrong('mistyped')
    expect(brake.isFull('mistyped')).toBe(false)
    advance(600_000)
    expect(brake.isFull('tired')).toBe(false)
  })

  it('of clients that cannot be told apart wait up to 64 at a time', () => {
    const { brake } = brakeWith()
    for (let n = 0; n < 3 + 64; n++) {
      expect(brake.isFull('')).toBe(false)
      brake.wrong('')
    }
    expect(brake.isFull('')).toBe(true)
  })

  it('are forgotten after a right one, and ten minutes after the last', () => {
    const { brake, waits, advance } = brakeWith()
    for (let n = 0; n < 3; n++) brake.wrong('a')
    brake.right('a')
    for (let n = 0; n < 3; n++) brake.wrong('a')
    advance(600_000)
    for (let n = 0; n < 3; n++) expect(brake.wrong('a').failures).toBe(n + 1)
    expect(waits).toEqual([])
  })

  it('are counted for 10,000 clients, and those that failed longest ago are forgotten', () => {
    const { brake } = brakeWith()
    brake.wrong('first')
    brake.wrong('second')
    for (let n = 0; n < 9998; n++) brake.wrong(`c${n}`)
    expect(brake.wrong('first').failures).toBe(2)
    brake.wrong('one more')
    expect(brake.wrong('first').failures).toBe(3)
    expect(brake.wrong('second').failures).toBe(1)
  })
})
