import { describe, expect, it } from 'vitest'
import { makeBatch } from '../../src/record/batch.js'
import { idsOf, mergeRuns, pack, toRuns } from '../../src/record/parcel.js'
import { start } from '../helpers/clock.js'
import { readGolden } from '../helpers/golden.js'
import { type Tab, tabWith } from '../helpers/tab.js'

const golden = readGolden('visit-with-idle-limit')

/** When the golden batch was made, 2023-11-14T22:13:20Z: a file that was published stays as it is. */
const madeAt = 1_700_000_000_000
const then = madeAt - start

/** Ids that are the same in every run: one letter of the alphabet after the other. */
function fixedIds(): () => string {
  let made = 0
  return () => `0${madeAt.toString(36)}Golden${(made++).toString(36).padStart(6, '0')}`
}

/** A visit with a sign-in, two pages, an event and a sign-out. */
function visitWith(): Tab {
  return tabWith({ makeId: fixedIds() })
    .page(then, 'https://shop.example/sign-in')
    .signIn(then + 4000, 'anna', '{"name":"Anna"}')
    .page(then + 5000, 'https://shop.example/lamps?q=“pier”')
    .track(then + 9500, 'AddToCart', '{"sku":"pier-lantern","quantity":2}')
    .signOut(then + 65_250)
    .exit(then + 66_000)
}

describe('the golden batch of the tracker', () => {
  it('is what a visit with a sign-in, a page, an event and a sign-out makes, to the letter', () => {
    const tab = visitWith()
    expect(JSON.parse(makeBatch(tab.kept, madeAt + 70_000))).toEqual(golden.batch)
    expect(golden.answer.stored.toSorted()).toEqual(idsOf(tab.kept).toSorted())
  })

  it('is the same batch from single records, merged runs and stored parcels', () => {
    const { kept } = visitWith()
    const single = makeBatch(kept, madeAt)
    expect(makeBatch(mergeRuns(kept), madeAt)).toBe(single)
    const parcels = pack(kept, fixedIds()(), 0)
    expect(
      makeBatch(
        parcels.flatMap(({ text }) => toRuns(text)),
        madeAt,
      ),
    ).toBe(single)
  })
})
