import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { makeBatch } from '../../src/record/batch.js'
import { maxParcelChars, maxParcelRecords } from '../../src/record/limits.js'
import {
  charsAt,
  countAt,
  countOf,
  eventsOf,
  idOf,
  idsOf,
  isKey,
  isOlder,
  makeParcel,
  mergeRuns,
  pack,
  pageLoadOf,
  parseParcel,
  pick,
  pickNewest,
  type Run,
  toRuns,
  toSingles,
  toText,
} from '../../src/record/parcel.js'
import { records } from '../helpers/arbitrary.js'
import { start } from '../helpers/clock.js'
import { timedIds } from '../helpers/ids.js'
import { parcelsWith, parcelWith } from '../helpers/parcels.js'
import { namesOf, recordsWith, tabWith } from '../helpers/tab.js'

const pageLoad = timedIds()()
const textsOf = (runs: readonly Run[]): string[][] => runs.map(run => run.map(String))

describe('the text of a parcel', () => {
  it('gives back the runs that it was made of, to the letter', () => {
    fc.assert(
      fc.property(records, singles => {
        const merged = mergeRuns(singles)
        expect(toRuns(toText(merged))).toEqual(textsOf(merged))
        expect(parseParcel(toText(merged))).toEqual({ runs: textsOf(merged), damaged: 0 })
      }),
    )
  })

  it('holds line breaks and form feeds of data without damage', () => {
    const tab = tabWith().track(0, 'a\nb\fc', JSON.stringify({ text: '\n\f\r\u2028' }))
    const parsed = parseParcel(toText(mergeRuns(tab.kept)))
    expect(parsed?.damaged).toBe(0)
    expect(namesOf(parsed?.runs ?? [])).toEqual(['VisitStarted', 'a\nb\fc'])
  })
})

describe('runs', () => {
  it('merge with their neighbours without a change of records or their order', () => {
    fc.assert(
      fc.property(records, singles => {
        const merged = mergeRuns(singles)
        expect(idsOf(merged)).toEqual(idsOf(singles))
        expect(countOf(merged)).toBe(singles.length)
        expect(textsOf(toSingles(merged)).map(run => [run[0], run[1], run[2], run[3], run[6]])).toEqual(
          textsOf(singles).map(run => [run[0], run[1], run[2], run[3], run[6]]),
        )
      }),
    )
  })

  it('are fewer than the records, and tell the number of their last record', () => {
    const merged = mergeRuns(recordsWith(5))
    expect(merged).toHaveLength(1)
    expect(merged[0]?.[4]).toBe(7)
  })

  it('end with the record that ends the session', () => {
    const tab = tabWith().signIn(0, 'anna').track(1, 'A').signOut(2).track(3, 'B')
    const merged = mergeRuns(tab.kept)
    expect(namesOf([merged.find(run => +run[5]) as Run]).at(-1)).toBe('SignOut')
    expect(merged.map(run => +run[5]).filter(Boolean)).toEqual([start + 2])
  })

  it('are never changed by a merge', () => {
    const singles = recordsWith(3)
    const before = JSON.stringify(singles)
    mergeRuns(singles)
    expect(JSON.stringify(singles)).toBe(before)
  })
})

describe('pick', () => {
  it('keeps exactly the wanted records, in order, and no empty run', () => {
    fc.assert(
      fc.property(records, fc.func(fc.boolean()), (singles, isWanted) => {
        const picked = pick(mergeRuns(singles), id => isWanted(id))
        expect(idsOf(picked)).toEqual(idsOf(singles).filter(id => isWanted(id)))
        expect(picked.every(run => eventsOf(run).length > 0)).toBe(true)
      }),
    )
  })
})

describe('pickNewest', () => {
  it('gives the newest records, in order, within both limits', () => {
    const sizes = fc.record({ maxChars: fc.nat(5000), maxRecords: fc.nat(30), split: fc.integer({ min: 1, max: 9 }) })
    fc.assert(
      fc.property(records, sizes, (singles, { maxChars, maxRecords, split }) => {
        const parcels = Array.from({ length: Math.ceil(singles.length / split) }, (_, place) =>
          makeParcel(mergeRuns(singles.slice(place * split, (place + 1) * split)), pageLoad, place),
        )
        const newest = pickNewest(parcels, maxChars, maxRecords)
        const ids = idsOf(newest)
        expect(ids).toEqual(ids.length ? idsOf(singles).slice(-ids.length) : [])
        expect(ids.length).toBeLessThanOrEqual(maxRecords)
        const chars = newest.flatMap(run => [run[0], run[1], run[2], ...eventsOf(run)]).join('').length
        expect(chars).toBeLessThanOrEqual(maxChars)
      }),
    )
  })

  it('gives everything where everything fits', () => {
    const parcels = parcelsWith(500)
    expect(countOf(pickNewest(parcels, Infinity, Infinity))).toBe(500)
    expect(pickNewest([], 1000, 10)).toEqual([])
  })
})

describe('pack', () => {
  const data = fc.integer({ min: 0, max: 40_000 }).map(length => JSON.stringify({ text: 'x'.repeat(length) }))

  it('keeps every record once, in order', () => {
    fc.assert(
      fc.property(records, fc.nat(1000), (singles, place) => {
        const parcels = pack(singles, pageLoad, place)
        expect(parcels.flatMap(({ text }) => idsOf(toRuns(text)))).toEqual(idsOf(singles))
        expect(new Set(parcels.map(({ key }) => key)).size).toBe(parcels.length)
      }),
    )
  })

  it('makes parcels of at most maxParcelChars, except for one record that is larger by itself', () => {
    fc.assert(
      fc.property(fc.array(data, { minLength: 1, maxLength: 12 }), all => {
        const tab = tabWith()
        all.forEach((text, at) => (at % 3 ? tab.track(at, 'A', text) : tab.page(at).track(at, 'A', text)))
        for (const { key, text } of pack(tab.kept, pageLoad, 0))
          expect(text.length <= maxParcelChars || countAt(key) === 1).toBe(true)
      }),
      { numRuns: 50 },
    )
  })

  it('makes parcels of at most maxParcelRecords records', () => {
    const parcels = pack(recordsWith(2 * maxParcelRecords + 1), pageLoad, 0)
    expect(parcels.map(({ key }) => countAt(key))).toEqual([maxParcelRecords, maxParcelRecords, 1])
  })

  it('makes nothing of nothing', () => {
    expect(pack([], pageLoad, 0)).toEqual([])
  })
})

describe('the key of a parcel', () => {
  it('is a key, and tells what the parcel weighs and which page load made it', () => {
    fc.assert(
      fc.property(records, fc.nat(2_000_000), (singles, place) => {
        const { key, text } = makeParcel(mergeRuns(singles), pageLoad, place)
        expect(isKey(key)).toBe(true)
        expect(charsAt(key)).toBe(text.length)
        expect(countAt(key)).toBe(singles.length)
        expect(pageLoadOf(key)).toBe(pageLoad)
      }),
    )
  })

  it('sorts in the order of giving up: anonymous before signed in, old before new, first before last', () => {
    const loadAt = (at: number): string => timedIds(() => start + at)()
    const [old, young] = [loadAt(-3_600_000), loadAt(0)]
    const [anonymous, signedIn] = [recordsWith(1, { identityId: '' }), recordsWith(1)]
    const inOrder = [
      makeParcel(anonymous, old, 0),
      makeParcel(anonymous, old, 36),
      makeParcel(anonymous, young, 1),
      makeParcel(signedIn, old, 7),
      makeParcel(signedIn, young, 1),
      makeParcel(signedIn, young, 2),
      makeParcel(signedIn, young, 40_000),
    ].map(({ key }) => key)
    expect([...inOrder].reverse().sort()).toEqual(inOrder)
  })

  it('counts a parcel as signed in if one of its records is', () => {
    const runs = [...recordsWith(1, { identityId: '' }), ...recordsWith(1)]
    expect(makeParcel(runs, pageLoad, 0).key[0]).toBe('1')
  })

  const { key } = parcelWith(3)
  it.each([
    ['a number', 5],
    ['a date', new Date(0)],
    ['nothing', undefined],
    ['a list', [key]],
    ['an empty text', ''],
    ['a key without weight', key.split('.')[0]],
    ['a key of no records', key.replace(/\.\w+$/, '.0')],
    ['a key with a wrong flag', `2${key.slice(1)}`],
    ['a key with more after it', `${key}.1`],
    ['a key with a line before it', `\n${key}`],
    ['a key of a weight that no parcel has', key.replace(/\.\w+\./, '.zzzzzzzzzz.')],
    ['a key of a count that no parcel has', key.replace(/\.\w+$/, '.zzzzz')],
  ])('is not %s', (_what, value) => {
    expect(isKey(value)).toBe(false)
  })

  it('tells the age of its page load, and calls none older whose clock was before this library', () => {
    const keyAt = (at: number): string => makeParcel(recordsWith(1), timedIds(() => at)(), 0).key
    expect(isOlder(keyAt(start), start + 1)).toBe(true)
    expect(isOlder(keyAt(start), start)).toBe(false)
    expect(isOlder(keyAt(1000), start)).toBe(false)
  })
})

describe('a parcel that comes back from storage', () => {
  const runs = mergeRuns([...recordsWith(3), ...recordsWith(2, { identityId: '' })])
  const [first, second] = runs as [Run, Run]
  const damagedAt = (place: number, text: string): Run => first.map((one, at) => (at === place ? text : one)) as Run

  it('loses a damaged event alone', () => {
    const parsed = parseParcel(toText([damagedAt(7, '{"eventID":"half'), second]))
    expect(parsed?.damaged).toBe(1)
    expect(namesOf(parsed?.runs ?? [])).toEqual(['Event0', 'Event2', 'Event0', 'Event1'])
  })

  it.each([
    ['an event that is no object', 6, '5'],
    ['an event that is empty', 6, ''],
    ['an event without its id in front', 6, '{"eventName":"Search","eventID":"a"}'],
    ['an event whose id is a number', 6, '{"eventID":5}'],
    ['an event with more after it', 6, `${first[6]}x`],
    ['an event whose id is escaped', 6, '{"eventID":"a\\u0062","timestamp":5}'],
    ['an event whose id has a quote', 6, '{"eventID":"a\\"b","timestamp":5}'],
    ['an event with two ids', 6, '{"eventID":"a","timestamp":5,"eventID":"b"}'],
    ['an event whose id UTF-8 changes', 6, '{"eventID":"\ud800","timestamp":5}'],
    ['an event whose id no collector takes', 6, `{"eventID":"${'x'.repeat(257)}","timestamp":5}`],
    ['an event whose time is an object', 6, '{"eventID":"a","timestamp":{"toString":1,"valueOf":1}}'],
    ['an event without a time', 6, '{"eventID":"a"}'],
  ])('counts %s as damaged', (_what, place, text) => {
    expect(parseParcel(toText([damagedAt(place, text)]))?.damaged).toBe(1)
  })

  it.each([
    ['a visit that is half', 0, '{"visitID"'],
    ['a visit that is a list', 0, '[]'],
    ['no visit', 0, ''],
    ['a visit that is empty', 0, '{}'],
    ['a visit that is empty but for a space', 0, '{ }'],
    ['a visit with a space after it', 0, `${first[0]} `],
    ['a session that is empty', 1, '{}'],
    ['a page that is empty', 2, '{}'],
    ['a session that is half', 1, '{'],
    ['a session that is a number', 1, '7'],
    ['a page that is half', 2, '{"pageID":"p"'],
    ['a page with a value that cannot be compared', 2, '{"pageID":"p","title":{"toString":1,"valueOf":1}}'],
    ['a page with a list', 2, '{"pageID":"p","events":[]}'],
    ['no writer', 3, ''],
    ['a number of records that is none', 4, 'many'],
    ['an end that is none', 5, 'soon'],
    ['an end before all time', 5, '-5'],
    ['an end without an end', 5, 'Infinity'],
  ])('loses the records of a run with %s, and no others', (_what, place, text) => {
    const parsed = parseParcel(toText([damagedAt(place, text), second]))
    expect(parsed?.damaged).toBe(3)
    expect(namesOf(parsed?.runs ?? [])).toEqual(['Event0', 'Event1'])
  })

  it.each([
    [undefined],
    [null],
    [5],
    [{}],
    [[]],
    [new Map()],
    [''],
    ['\n\f\n'],
    ['junk'],
    ['{}'],
    ['{"visitID":"v"}\n\n\nw\n1\n0'],
  ])('is null where %j is no parcel', value => {
    expect(parseParcel(value)).toBeNull()
  })

  it('is null where its key says less than lies there, and not where it says more', () => {
    const { key, text } = parcelWith(5)
    const keyOf = (chars: number, count: number): string =>
      key.replace(/\..*/, `.${chars.toString(36)}.${count.toString(36)}`)
    expect(parseParcel(text, key)?.runs).toHaveLength(1)
    expect(parseParcel(text, keyOf(text.length + 500, 50))?.runs).toHaveLength(1)
    expect(parseParcel(text, keyOf(text.length - 1, 5))).toBeNull()
    expect(parseParcel(text, keyOf(text.length, 4))).toBeNull()
  })

  it('always makes a batch that can be read, together with what was dropped of it', () => {
    const births = fc.oneof(
      fc.constantFrom('', '{}', '{ }', ' {}', '[]', first[0], `${first[0]} `, '{"a":1 }', '{"a":{}}', '{"events":[]}'),
      fc.json(),
      fc.string(),
    )
    const heads = fc.tuple(births, births, births, fc.string(), fc.string(), fc.string(), fc.json())
    fc.assert(
      fc.property(heads, run => {
        const parsed = parseParcel(toText([run as unknown as Run, second]))
        const drops = (parsed?.runs ?? []).map(([visit, , , writer]) => ({ visit, writer, count: 1 }))
        expect(() => JSON.parse(makeBatch(parsed?.runs ?? [], start, drops))).not.toThrow()
      }),
      { numRuns: 1000 },
    )
  })

  it('never throws, and never gives a record that it cannot read', () => {
    const lines = fc.oneof(
      fc.string(),
      fc.json(),
      fc.constantFrom(
        '',
        '\f',
        '{}',
        first[0],
        first[1],
        first[6] as string,
        '{"eventID":"a","timestamp":5}',
        '0',
        '__proto__',
      ),
    )
    const texts = fc.oneof(
      fc.anything(),
      fc.string(),
      fc.array(lines, { maxLength: 20 }).map(all => all.join('\n')),
    )
    fc.assert(
      fc.property(texts, text => {
        for (const run of parseParcel(text)?.runs ?? [])
          for (const event of eventsOf(run)) expect(JSON.parse(event).eventID).toBe(idOf(event))
      }),
      { numRuns: 1000 },
    )
  })

  it('loses no more than the lines that are cut off', () => {
    const text = toText(runs)
    fc.assert(
      fc.property(fc.nat(text.length), length => {
        const parsed = parseParcel(text.slice(0, length))
        const whole = idsOf(runs)
        const ids = idsOf(parsed?.runs ?? [])
        expect(ids).toEqual(whole.slice(0, ids.length))
      }),
    )
  })
})

describe('the id of a record', () => {
  it('is that of its event', () => {
    const [record] = recordsWith(1) as [Run]
    expect(idOf(record[6] as string)).toBe(JSON.parse(record[6] as string).eventID)
  })
})
