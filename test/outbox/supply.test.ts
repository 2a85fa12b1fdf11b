import { describe, expect, it } from 'vitest'
import { createOwed, type Owed } from '../../src/outbox/owed.js'
import { createSupply, type Supply } from '../../src/outbox/supply.js'
import { maxBatchChars, maxBatchRecords } from '../../src/record/limits.js'
import { charsAt, countAt, idsOf, type Parcel, toRuns } from '../../src/record/parcel.js'
import { start } from '../helpers/clock.js'
import { contentOf, databaseWith, writeEntries } from '../helpers/database.js'
import { parcelWith } from '../helpers/parcels.js'
import { namesOf } from '../helpers/tab.js'

async function supplyWith(...parcels: Parcel[]) {
  const { store, database } = await databaseWith()
  const owed: Owed = createOwed()
  const damaged: [count: number, own: number][] = []
  const supply: Supply = createSupply({ store, owed, onDrop: (count, own) => void damaged.push([count, own]) })
  await store.keep(parcels)
  /** All parcels, read as a sender would that settles nothing. */
  const readAll = async (): Promise<string[]> => {
    const keys: string[] = []
    supply.rewind()
    for (let items = await supply.next(start); items.length; items = await supply.next(start))
      for (const { key } of items) {
        keys.push(key)
        owed.delay(key, start + 1)
      }
    return keys
  }
  return { store, database, owed, supply, damaged, readAll }
}

const keysOf = (parcels: readonly Parcel[]): string[] => parcels.map(({ key }) => key).sort()
/** How many records were damaged in all, and how many of them this page has made. */
const sumOf = (damaged: readonly (readonly [count: number, own: number])[]): number[] => [
  damaged.reduce((sum, [count]) => sum + count, 0),
  damaged.reduce((sum, [, own]) => sum + own, 0),
]
const many = (count: number, records: number): Parcel[] => Array.from({ length: count }, () => parcelWith(records))

/** Keys of every kind that IndexedDB knows, in its order. */
const junkKeys: IDBValidKey[] = [
  Number.NEGATIVE_INFINITY,
  5,
  Infinity,
  new Date(0),
  new Date(1e15),
  '',
  'junk',
  '0',
  '￿',
  new Uint8Array([1, 2]).buffer,
  [],
  ['a', 5],
  [[[new Date(0)]]],
]
const junkValues: unknown[] = [null, 5, '', 'junk', {}, [], new Map(), new Date(0), '\f\n\n', 'x'.repeat(1e6), true]

describe('leftovers', () => {
  it('are none where nothing lies', async () => {
    const { supply } = await supplyWith()
    expect(await supply.next(start)).toEqual([])
    expect(await supply.others(Infinity)).toEqual([])
    expect(supply.hasReturned()).toBe(false)
  })

  it('are given whole, each once, in the order of their keys', async () => {
    const parcels = many(450, 1)
    const { readAll } = await supplyWith(...parcels)
    expect(await readAll()).toEqual(keysOf(parcels))
    expect(await readAll()).toEqual(keysOf(parcels))
  })

  it('come as batches within both limits, and a larger parcel alone', async () => {
    const parcels = [
      ...many(5, 90),
      ...many(7, 1),
      ...Array.from({ length: 5 }, () => parcelWith(1, { data: `{"text":"${'x'.repeat(70_000)}"}` })),
    ]
    const { supply } = await supplyWith(...parcels)
    let batches = 0
    for (let items = await supply.next(start); items.length; items = await supply.next(start)) {
      batches++
      expect(items.reduce((sum, { key }) => sum + countAt(key), 0)).toBeLessThanOrEqual(maxBatchRecords)
      expect(items.reduce((sum, { key }) => sum + charsAt(key), 0)).toBeLessThanOrEqual(maxBatchChars)
    }
    expect(batches).toBeGreaterThan(3)
    const large = await supplyWith(parcelWith(1, { data: `{"text":"${'x'.repeat(maxBatchChars)}"}` }))
    expect(await large.supply.next(start)).toHaveLength(1)
  })

  it('come after what this page holds in memory, and leave it out, but not what only the database holds', async () => {
    const [held, left, other] = many(3, 2) as [Parcel, Parcel, Parcel]
    const { owed, readAll, supply } = await supplyWith(held, left, other)
    for (const parcel of owed.add([left], start)) parcel.kept = 'yes'
    owed.release(0)
    owed.add([held], start)
    expect(await readAll()).toEqual([held.key, ...keysOf([left, other])])
    expect(await supply.others(Infinity)).toEqual([other.key])
  })

  it('leave out what another tab deletes between the keys and the values', async () => {
    const [one, two] = many(2, 1) as [Parcel, Parcel]
    const { store, owed } = await supplyWith(one, two)
    const supply = createSupply({
      owed,
      onDrop: () => expect.unreachable(),
      store: {
        ...store,
        async keys(...args) {
          const keys = await store.keys(...args)
          await store.remove([one.key])
          return keys
        },
      },
    })
    expect((await supply.next(start)).map(({ key }) => key)).toEqual([two.key])
  })

  it('are told by key, at most so many at a time', async () => {
    const parcels = many(12, 1)
    const { supply } = await supplyWith(...parcels)
    expect(await supply.others(Infinity)).toEqual(keysOf(parcels))
    expect(await supply.others(5)).toEqual(keysOf(parcels).slice(0, 5))
  })
})

describe('what this page owes', () => {
  it('is given first, in its order, and no more once it is settled or became owed later', async () => {
    const [first, second, late] = many(3, 2) as [Parcel, Parcel, Parcel]
    const { owed, supply } = await supplyWith()
    owed.add([second, first], start)
    owed.add([late], start + 1)
    expect((await supply.next(start)).map(({ key }) => key)).toEqual([second.key, first.key])
    owed.settle(second.key, [])
    expect((await supply.next(start)).map(({ key }) => key)).toEqual([first.key])
    owed.delay(first.key, start + 1)
    expect(await supply.next(start)).toEqual([])
  })

  it('is given with what is not settled of it alone', async () => {
    const parcel = parcelWith(3)
    const { owed, supply } = await supplyWith(parcel)
    owed.add([parcel], start)
    owed.settle(
      parcel.key,
      toRuns(parcel.text).map(run => [...run.slice(0, 6), ...run.slice(7)] as never),
    )
    expect(namesOf((await supply.next(start))[0]?.runs ?? [])).toEqual(['Event1', 'Event2'])
  })

  it('is all that there is while the database is not open', async () => {
    const [own, other] = many(2, 1) as [Parcel, Parcel]
    const { owed, store } = await supplyWith(other)
    const supply = createSupply({ owed, store: { ...store, isOpen: () => false }, onDrop: () => expect.unreachable() })
    owed.add([own], start)
    expect((await supply.next(start)).map(({ key }) => key)).toEqual([own.key])
    owed.settle(own.key, [])
    expect(await supply.next(start)).toEqual([])
  })
})

describe('leftovers that return after they were deleted', () => {
  it('are deleted again, not sent again, and noticed', async () => {
    const [one, two] = many(2, 2) as [Parcel, Parcel]
    const { store, supply, readAll } = await supplyWith(one, two)
    supply.settled(one.key)
    expect(await readAll()).toEqual([two.key])
    expect(supply.hasReturned()).toBe(true)
    expect([...(await contentOf('parcels')).keys()]).toEqual([two.key])
    await store.keep([one])
    expect(await supply.others(Infinity)).toEqual([two.key])
    supply.rewind()
    expect(supply.hasReturned()).toBe(false)
  })

  it('are remembered for two thousand parcels', async () => {
    const [first, last] = many(2, 1) as [Parcel, Parcel]
    const { supply, readAll } = await supplyWith(first, last)
    supply.settled(first.key)
    for (const { key } of many(1999, 1)) supply.settled(key)
    supply.settled(last.key)
    expect(await readAll()).toEqual([first.key])
  })
})

describe('junk among the leftovers', () => {
  it('is deleted under keys of every type, counted, and holds up no parcel', async () => {
    const parcels = many(3, 2)
    const { readAll, damaged } = await supplyWith(...parcels)
    await writeEntries(
      'parcels',
      junkKeys.map(key => [key, 'junk']),
    )
    expect(await readAll()).toEqual(keysOf(parcels))
    expect(sumOf(damaged)).toEqual([junkKeys.length, 0])
    expect([...(await contentOf('parcels')).keys()]).toEqual(keysOf(parcels))
  })

  it('is deleted under the key of a parcel, and counts as the records that the key tells', async () => {
    const good = many(2, 1)
    const { readAll, damaged } = await supplyWith(...good)
    const keys = junkValues.map(() => parcelWith(3).key)
    await writeEntries(
      'parcels',
      keys.map((key, place) => [key, junkValues[place]]),
    )
    expect(await readAll()).toEqual(keysOf(good))
    expect(damaged).toEqual(junkValues.map(() => [3, 0]))
    expect((await contentOf('parcels')).size).toBe(2)
  })

  it('is deleted where the key says less than lies there, because requests are planned by it', async () => {
    const good = parcelWith(2)
    const { supply, store, damaged, readAll } = await supplyWith(good)
    await store.keep([{ key: parcelWith(1).key, text: parcelWith(100).text }])
    expect(await readAll()).toEqual([good.key])
    expect([damaged, await supply.others(Infinity)]).toEqual([[[1, 0]], [good.key]])
  })

  it('is deleted where a script has stored nothing under the key of a parcel', async () => {
    const { readAll, supply } = await supplyWith()
    await writeEntries('parcels', [[parcelWith(3).key, undefined]])
    expect(await readAll()).toEqual([])
    expect(await supply.others(Infinity)).toEqual([])
  })

  it('costs a damaged record alone, which is counted once, however often it is read', async () => {
    const parcel = parcelWith(3)
    const text = parcel.text.replace('"eventName":"Event1"', '"eventName":Event1"')
    const { supply, damaged } = await supplyWith({ ...parcel, text })
    for (let turn = 0; turn < 2; turn++) {
      supply.rewind()
      const [item] = await supply.next(start)
      expect(namesOf(item?.runs ?? [])).toEqual(['Event0', 'Event2'])
    }
    expect(damaged).toEqual([[1, 0]])
  })

  it('counts as made by this page where this page owes it', async () => {
    const parcel = parcelWith(3)
    const { owed, supply, damaged } = await supplyWith({ ...parcel, text: 'junk' })
    for (const one of owed.add([parcel], start)) one.kept = 'yes'
    owed.release(0)
    expect(await supply.next(start)).toEqual([])
    expect(damaged).toEqual([[3, 3]])
    expect(owed.count()).toBe(0)
  })

  it('is passed over by thousands', async () => {
    const parcel = parcelWith(1)
    const { readAll, damaged } = await supplyWith(parcel)
    await writeEntries(
      'parcels',
      Array.from({ length: 3000 }, (_, key) => [key, key] as const),
    )
    expect(await readAll()).toEqual([parcel.key])
    expect(sumOf(damaged)).toEqual([3000, 0])
    expect(idsOf(toRuns(parcel.text))).toHaveLength(1)
  })
})
