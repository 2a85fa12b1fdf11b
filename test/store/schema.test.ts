import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { charsOf } from '../../src/record/event.js'
import { segmentGuardMs, segmentMs } from '../../src/record/limits.js'
import { charsAt, databaseName, keyOf, overflow, quietMs, turnAt } from '../../src/store/schema.js'
import { start } from '../helpers/clock.js'
import { timedIds } from '../helpers/ids.js'
import { recordsWith, tabWith } from '../helpers/tab.js'

describe('a key', () => {
  it('is the same for the same record, and another for any other', () => {
    const records = recordsWith(50)
    expect(records.map(keyOf)).toEqual(records.map(record => keyOf({ ...record })))
    expect(new Set(records.map(keyOf)).size).toBe(50)
  })

  it('tells what its record weighs', () => {
    for (const data of ['', '{"q":"größer"}', JSON.stringify({ text: 'x'.repeat(100_000) })])
      for (const record of recordsWith(1, { data })) expect(charsAt(keyOf(record))).toBe(charsOf(record))
  })

  it('sorts anonymous records before all others, and then by their page load', () => {
    const old = tabWith({ makeId: timedIds(() => start - 1e9) })
      .page(0)
      .signIn(1, 'anna')
    const young = tabWith({ makeId: timedIds(() => start) })
      .page(0)
      .signIn(1, 'bert')
    const keys = [...young.kept, ...old.kept].map(keyOf).sort()
    const groups = [old.kept.slice(0, 2), young.kept.slice(0, 2), old.kept.slice(2), young.kept.slice(2)]
    expect(keys).toEqual(groups.flatMap(group => group.map(keyOf).sort()))
  })
})

describe('the databases of two write keys', () => {
  it('have two names', () => {
    expect(databaseName('a')).not.toBe(databaseName('b'))
  })
})

describe('turns', () => {
  it('change at the same moments in every tab, and leave the same segment alone before it', () => {
    fc.assert(
      fc.property(fc.integer({ min: start, max: start + 1e9 }), at => {
        const quiet = quietMs(at)
        expect(turnAt(at)).toBe(turnAt(at - (at % segmentMs)))
        if (quiet > 0) expect(turnAt(at + quiet + segmentGuardMs - 1)).toBe(turnAt(at))
        else expect(turnAt(at + quiet + segmentGuardMs)).toBe(turnAt(at) + 1)
      }),
    )
  })
})

describe('overflow', () => {
  const key = (chars: number, at = start, isSignedIn = true): string =>
    `${isSignedIn ? 1 : 0}${timedIds(() => at)()}00001.${chars.toString(36)}`

  it('is nothing while all fits', () => {
    expect(overflow([key(50), key(50)], 100, 0)).toEqual([])
  })

  it('is what came first, until the rest fits', () => {
    const keys = [key(50), key(60), key(70)]
    expect(overflow([...keys].reverse(), 70, 0)).toEqual(keys.slice(0, 2))
    expect(overflow(keys, 69, 0)).toEqual(keys)
  })

  it('is what is anonymous before what is not', () => {
    const [old, anonymous] = [key(50, start - 1000), key(50, start, false)]
    expect(overflow([old, anonymous], 50, 0)).toEqual([anonymous])
  })

  it('is what is too old', () => {
    const [old, young] = [key(50, start - 1000), key(50, start)]
    expect(overflow([old, young], 1e6, start - 500)).toEqual([old])
  })

  it('is nothing that fits once the too old are gone', () => {
    const [old, anonymous] = [key(90, start - 1000), key(50, start, false)]
    expect(overflow([old, anonymous], 100, start - 500)).toEqual([old])
  })

  it('always leaves what fits, and never drops more than it must', () => {
    const arbitrary = fc.array(fc.tuple(fc.integer({ min: 1, max: 100 }), fc.boolean()), { maxLength: 30 })
    fc.assert(
      fc.property(arbitrary, fc.nat(2000), (specs, maxChars) => {
        const keys = specs.map(([chars, isSignedIn]) => key(chars, start, isSignedIn))
        const dropped = overflow(keys, maxChars, 0)
        const left = keys.filter(one => !dropped.includes(one)).reduce((sum, one) => sum + charsAt(one), 0)
        expect(left).toBeLessThanOrEqual(maxChars)
        const last = dropped.at(-1)
        if (last) expect(left + charsAt(last)).toBeGreaterThan(maxChars)
      }),
    )
  })
})
