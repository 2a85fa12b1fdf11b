import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createLeftovers } from '../../src/outbox/leftovers.js'
import { createOwed } from '../../src/outbox/owed.js'
import type { Item } from '../../src/outbox/sender.js'
import { overflow, trim } from '../../src/outbox/trim.js'
import { agedMs } from '../../src/record/limits.js'
import { charsAt, countAt, type Parcel } from '../../src/record/parcel.js'
import { fakeClock, start } from '../helpers/clock.js'
import { timedIds } from '../helpers/ids.js'
import { parcelWith } from '../helpers/parcels.js'
import { referenceStore } from '../helpers/reference-store.js'

const parcelAt = (ago: number, identityId = 'anna'): Parcel =>
  parcelWith(2, { identityId, makeId: timedIds(() => start - ago) })
const weigh = (keys: readonly string[]): number => keys.reduce((sum, key) => sum + charsAt(key), 0)

describe('what does not fit', () => {
  const inOrder = [
    parcelAt(40_000, ''),
    parcelAt(30_000, ''),
    parcelAt(50_000),
    parcelAt(20_000),
    parcelAt(10_000),
  ].map(({ key }) => key)

  it('is nothing within the limits', () => {
    expect(overflow(inOrder, weigh(inOrder), 0)).toEqual([])
    expect(overflow([], 0, start)).toEqual([])
  })

  it('is the oldest anonymous parcels first, then the oldest', () => {
    for (let count = 0; count <= inOrder.length; count++)
      expect(overflow([...inOrder].reverse(), weigh(inOrder.slice(count)), 0)).toEqual(inOrder.slice(0, count))
  })

  it('is what is too old, which then leaves room for the others', () => {
    expect(overflow(inOrder, 1e9, start - 25_000)).toEqual(inOrder.slice(0, 3))
    expect(overflow(inOrder, weigh(inOrder.slice(3)), start - 25_000)).toEqual(inOrder.slice(0, 3))
  })

  it('leaves no more than fits, and no less than it can', () => {
    fc.assert(
      fc.property(fc.nat(5000), fc.shuffledSubarray(inOrder), (maxChars, keys) => {
        const gone = overflow(keys, maxChars, 0)
        const left = keys.filter(key => !gone.includes(key))
        expect(weigh(left)).toBeLessThanOrEqual(maxChars)
        if (gone.length) expect(weigh([...left, gone.at(-1) as string])).toBeGreaterThan(maxChars)
      }),
    )
  })
})

describe('the trim', () => {
  function trimWith(own: readonly Parcel[], others: readonly Parcel[], isOpen = true) {
    const clock = fakeClock()
    const store = { ...referenceStore(clock.now), isOpen: () => isOpen }
    const owed = createOwed()
    owed.add(own, start)
    const leftovers = createLeftovers({ store, owed, onDamaged: () => expect.unreachable() })
    const run = async (maxChars: number, since = 0): Promise<string[]> => {
      await store.keep([...own, ...others])
      const dropped: Item[] = []
      await trim(store, owed, leftovers, maxChars, since, async items => void dropped.push(...items))
      for (const { key, runs } of dropped) expect(runs.flatMap(run => run.slice(6))).toHaveLength(countAt(key))
      return dropped.map(({ key }) => key)
    }
    return { run, clock, owed, store }
  }
  const [old, young, mine] = [parcelAt(90_000, ''), parcelAt(60_000), parcelAt(0)]

  it('drops of what this page and others have left, with all their records', async () => {
    const { run } = trimWith([mine], [young, old])
    expect(await run(charsAt(mine.key))).toEqual([old.key, young.key])
  })

  it('drops nothing within the limits', async () => {
    const { run } = trimWith([mine], [young, old])
    expect(await run(1e6)).toEqual([])
  })

  it('reads from the database what memory does not hold', async () => {
    const { run, owed } = trimWith([mine], [])
    for (const parcel of owed.all()) parcel.kept = 'yes'
    owed.release(0)
    expect(await run(0)).toEqual([mine.key])
  })

  it('drops nothing for its age before it was too old for a day, because the clock may be wrong', async () => {
    const { run, clock } = trimWith([mine], [young, old])
    expect(await run(1e6, start - 30_000)).toEqual([])
    clock.advance(agedMs)
    expect(await run(1e6, start - 30_000)).toEqual([old.key, young.key])
  })

  it('drops of its own list alone while there is no database', async () => {
    const { run } = trimWith([mine, old], [young], false)
    expect(await run(charsAt(mine.key))).toEqual([old.key])
  })
})
