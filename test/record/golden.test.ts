import { describe, expect, it } from 'vitest'
import { makeBatch } from '../../src/record/batch.js'
import { start } from '../helpers/clock.js'
import { readGolden } from '../helpers/golden.js'
import { tabWith } from '../helpers/tab.js'

const golden = readGolden('made-by-the-tracker')

/** When the golden batch was made, 2023-11-14T22:13:20Z: a file that was published stays as it is. */
const madeAt = 1_700_000_000_000
const then = madeAt - start

/** Ids that are the same in every run: one letter of the alphabet after the other. */
function fixedIds(): () => string {
  let made = 0
  return () => `0${madeAt.toString(36)}Golden${(made++).toString(36).padStart(6, '0')}`
}

describe('the golden batch of the tracker', () => {
  it('is what a visit with a sign-in, a page, an event and a sign-out makes, to the letter', () => {
    const tab = tabWith({ makeId: fixedIds() })
      .page(then, 'https://shop.example/sign-in')
      .signIn(then + 4000, 'anna', '{"name":"Anna"}')
      .page(then + 5000, 'https://shop.example/lamps?q=“pier”')
      .track(then + 9500, 'AddToCart', '{"sku":"pier-lantern","quantity":2}')
      .signOut(then + 65_250)
      .exit(then + 66_000)
    const text = makeBatch(tab.kept, madeAt + 70_000)
    expect(JSON.parse(text)).toEqual(golden.batch)
    expect(golden.answer.stored.toSorted()).toEqual(tab.kept.map(({ id }) => id).toSorted())
  })
})
