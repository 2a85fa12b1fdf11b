import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { overflow } from '../../src/outbox/trim.js'
import { charsAt, type Parcel } from '../../src/record/parcel.js'
import { start } from '../helpers/clock.js'
import { timedIds } from '../helpers/ids.js'
import { parcelWith } from '../helpers/parcels.js'

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
