import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createOwed, type OwedParcel } from '../../src/outbox/owed.js'
import { countAt, pick, toRuns } from '../../src/record/parcel.js'
import { start } from '../helpers/clock.js'
import { parcelWith } from '../helpers/parcels.js'

const kept = (parcels: readonly OwedParcel[]): void => {
  for (const parcel of parcels) parcel.kept = 'yes'
}

describe('the list of what is owed', () => {
  it('is empty at first', () => {
    const owed = createOwed()
    expect([owed.count(), owed.all(), owed.lose()]).toEqual([0, [], 0])
    expect(owed.get('a')).toBeUndefined()
  })

  it('gives its parcels oldest first, with their records counted', () => {
    const owed = createOwed()
    const [one, two] = [parcelWith(3), parcelWith(2)]
    owed.add([one], start)
    owed.add([two], start + 5)
    expect(owed.count()).toBe(5)
    expect(owed.all()).toMatchObject([
      { ...one, at: start, left: 3, kept: 'no', isCopied: false },
      { ...two, at: start + 5, left: 2 },
    ])
    expect(owed.get(two.key)).toBe(owed.all()[1])
  })

  it('counts a parcel once, however often it is added', () => {
    const owed = createOwed()
    const parcel = parcelWith(3)
    owed.add([parcel, parcel], start)
    owed.add([{ ...parcel }], start)
    expect(owed.count()).toBe(3)
    expect(owed.all()).toHaveLength(1)
  })

  it('keeps of a parcel what is not settled, and forgets it when everything is', () => {
    const owed = createOwed()
    const parcel = parcelWith(3)
    owed.add([parcel], start)
    const runs = toRuns(parcel.text)
    const rest = pick(runs, id => !parcel.text.startsWith(id) && id.endsWith('5'))
    expect(owed.settle(parcel.key, rest)).toBe(2)
    expect(toRuns(owed.get(parcel.key)?.text ?? '')).toEqual(rest)
    expect(owed.count()).toBe(1)
    expect(owed.settle(parcel.key, [])).toBe(1)
    expect(owed.settle(parcel.key, [])).toBe(0)
    expect([owed.count(), owed.all()]).toEqual([0, []])
  })

  it('settles nothing that it does not hold', () => {
    const owed = createOwed()
    owed.add([parcelWith(3)], start)
    expect(owed.settle(parcelWith(2).key, [])).toBe(0)
    expect(owed.count()).toBe(3)
  })

  it('leaves texts to the database, oldest first, and never one that the database has not confirmed', () => {
    const owed = createOwed()
    const parcels = [parcelWith(1), parcelWith(1), parcelWith(1)]
    const added = owed.add(parcels, start)
    owed.release(0)
    expect(owed.all().every(({ text }) => text)).toBe(true)
    kept(added)
    owed.release((parcels[1]?.text.length ?? 0) + (parcels[2]?.text.length ?? 0))
    expect(owed.all().map(({ text }) => !!text)).toEqual([false, true, true])
    owed.release(0)
    expect(owed.all().map(({ text }) => !!text)).toEqual([false, false, false])
    expect(owed.count()).toBe(3)
  })

  it('loses with the database what only the database holds, and keeps the rest', () => {
    const owed = createOwed()
    const [one, two] = [parcelWith(3), parcelWith(2)]
    kept(owed.add([one], start))
    owed.release(0)
    kept(owed.add([two], start))
    expect(owed.lose()).toBe(3)
    expect(owed.all()).toMatchObject([{ key: two.key, kept: 'no' }])
    expect(owed.lose()).toBe(0)
    expect(owed.count()).toBe(2)
  })

  it('counts right whatever is done to it', () => {
    const steps = fc.array(
      fc.record({ what: fc.constantFrom('add', 'settle', 'half', 'keep', 'release', 'lose'), which: fc.nat(5) }),
      { maxLength: 40 },
    )
    const parcels = [1, 2, 3, 4, 5, 6].map(count => parcelWith(count))
    fc.assert(
      fc.property(steps, all => {
        const owed = createOwed()
        let expected = 0
        for (const { what, which } of all) {
          const parcel = parcels[which] as (typeof parcels)[number]
          const own = owed.get(parcel.key)
          if (what === 'add' && !own) {
            owed.add([parcel], start)
            expected += countAt(parcel.key)
          } else if (what === 'settle') expected -= owed.settle(parcel.key, [])
          else if (what === 'half' && own?.text)
            expected -= owed.settle(
              parcel.key,
              pick(toRuns(own.text), id => id < 'm'),
            )
          else if (what === 'keep' && own) own.kept = 'yes'
          else if (what === 'release') owed.release(500)
          else if (what === 'lose') expected -= owed.lose()
          expect(owed.count()).toBe(expected)
          expect(owed.all().reduce((sum, { left }) => sum + left, 0)).toBe(expected)
        }
      }),
    )
  })
})
