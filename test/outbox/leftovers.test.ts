import { describe, expect, it } from 'vitest'
import { createLeftovers, type Leftovers } from '../../src/outbox/leftovers.js'
import { createOwed, type Owed } from '../../src/outbox/owed.js'
import { maxBatchChars, maxBatchRecords } from '../../src/record/limits.js'
import { charsAt, countAt, idsOf, type Parcel, toRuns } from '../../src/record/parcel.js'
import { start } from '../helpers/clock.js'
import { contentOf, databaseWith, writeEntries } from '../helpers/database.js'
import { parcelWith } from '../helpers/parcels.js'
import { namesOf } from '../helpers/tab.js'

async function leftoversWith(...parcels: Parcel[]) {
  const { store, database } = await databaseWith()
  const owed: Owed = createOwed()
  const damaged: [count: number, own: number][] = []
  const leftovers: Leftovers = createLeftovers({ store, owed, onDamaged: (...said) => void damaged.push(said) })
  await store.keep(parcels)
  /** All parcels, read as a sender would that settles nothing. */
  const readAll = async (): Promise<string[]> => {
    const keys: string[] = []
    leftovers.rewind()
    for (let items = await leftovers.next(); items.length; items = await leftovers.next())
      keys.push(...items.map(({ key }) => key))
    return keys
  }
  return { store, database, owed, leftovers, damaged, readAll }
}

const keysOf = (parcels: readonly Parcel[]): string[] => parcels.map(({ key }) => key).sort()
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
    const { leftovers } = await leftoversWith()
    expect(await leftovers.next()).toEqual([])
    expect(await leftovers.keys()).toEqual([])
    expect(leftovers.hasReturned()).toBe(false)
  })

  it('are given whole, each once, in the order of their keys', async () => {
    const parcels = many(450, 1)
    const { readAll } = await leftoversWith(...parcels)
    expect(await readAll()).toEqual(keysOf(parcels))
    expect(await readAll()).toEqual(keysOf(parcels))
  })

  it('come as batches within both limits, and a larger parcel alone', async () => {
    const parcels = [
      ...many(5, 90),
      ...many(7, 1),
      ...Array.from({ length: 5 }, () => parcelWith(1, { data: `{"text":"${'x'.repeat(70_000)}"}` })),
    ]
    const { leftovers } = await leftoversWith(...parcels)
    let batches = 0
    for (let items = await leftovers.next(); items.length; items = await leftovers.next()) {
      batches++
      expect(items.reduce((sum, { key }) => sum + countAt(key), 0)).toBeLessThanOrEqual(maxBatchRecords)
      expect(items.reduce((sum, { key }) => sum + charsAt(key), 0)).toBeLessThanOrEqual(maxBatchChars)
    }
    expect(batches).toBeGreaterThan(3)
    const large = await leftoversWith(parcelWith(1, { data: `{"text":"${'x'.repeat(maxBatchChars)}"}` }))
    expect(await large.leftovers.next()).toHaveLength(1)
  })

  it('leave out what this page holds in memory, and give what only the database holds', async () => {
    const [held, left, other] = many(3, 2) as [Parcel, Parcel, Parcel]
    const { owed, readAll, leftovers } = await leftoversWith(held, left, other)
    for (const parcel of owed.add([left], start)) parcel.kept = 'yes'
    owed.release(0)
    owed.add([held], start)
    expect(await readAll()).toEqual(keysOf([left, other]))
    expect(await leftovers.keys()).toEqual([other.key])
  })

  it('leave out what another tab deletes between the keys and the values', async () => {
    const [one, two] = many(2, 1) as [Parcel, Parcel]
    const { store, owed } = await leftoversWith(one, two)
    const leftovers = createLeftovers({
      owed,
      onDamaged: () => expect.unreachable(),
      store: {
        ...store,
        async keys(...args) {
          const keys = await store.keys(...args)
          await store.remove([one.key])
          return keys
        },
      },
    })
    expect((await leftovers.next()).map(({ key }) => key)).toEqual([two.key])
  })

  it('are told by key, at most so many at a time', async () => {
    const parcels = many(12, 1)
    const { leftovers } = await leftoversWith(...parcels)
    expect(await leftovers.keys()).toEqual(keysOf(parcels))
    expect(await leftovers.keys(5)).toEqual(keysOf(parcels).slice(0, 5))
  })
})

describe('leftovers that return after they were deleted', () => {
  it('are deleted again, not sent again, and noticed', async () => {
    const [one, two] = many(2, 2) as [Parcel, Parcel]
    const { store, leftovers, readAll } = await leftoversWith(one, two)
    leftovers.settled(one.key)
    expect(await readAll()).toEqual([two.key])
    expect(leftovers.hasReturned()).toBe(true)
    expect([...(await contentOf('parcels')).keys()]).toEqual([two.key])
    await store.keep([one])
    expect(await leftovers.keys()).toEqual([two.key])
    leftovers.rewind()
    expect(leftovers.hasReturned()).toBe(false)
  })

  it('are remembered for two thousand parcels', async () => {
    const [first, last] = many(2, 1) as [Parcel, Parcel]
    const { leftovers, readAll } = await leftoversWith(first, last)
    leftovers.settled(first.key)
    for (const { key } of many(1999, 1)) leftovers.settled(key)
    leftovers.settled(last.key)
    expect(await readAll()).toEqual([first.key])
  })
})

describe('junk among the leftovers', () => {
  it('is deleted under keys of every type, counted, and holds up no parcel', async () => {
    const parcels = many(3, 2)
    const { readAll, damaged } = await leftoversWith(...parcels)
    await writeEntries(
      'parcels',
      junkKeys.map(key => [key, 'junk']),
    )
    expect(await readAll()).toEqual(keysOf(parcels))
    expect(damaged).toEqual(junkKeys.map(() => [1, 0]))
    expect([...(await contentOf('parcels')).keys()]).toEqual(keysOf(parcels))
  })

  it('is deleted under the key of a parcel, and counts as the records that the key tells', async () => {
    const good = many(2, 1)
    const { readAll, damaged } = await leftoversWith(...good)
    const keys = junkValues.map(() => parcelWith(3).key)
    await writeEntries(
      'parcels',
      keys.map((key, place) => [key, junkValues[place]]),
    )
    expect(await readAll()).toEqual(keysOf(good))
    expect(damaged).toEqual(junkValues.map(() => [3, 0]))
    expect((await contentOf('parcels')).size).toBe(2)
  })

  it('is deleted where a script has stored nothing under the key of a parcel', async () => {
    const { readAll, leftovers } = await leftoversWith()
    await writeEntries('parcels', [[parcelWith(3).key, undefined]])
    expect(await readAll()).toEqual([])
    expect(await leftovers.keys()).toEqual([])
  })

  it('costs a damaged record alone, which is counted once, however often it is read', async () => {
    const parcel = parcelWith(3)
    const text = parcel.text.replace('"eventName":"Event1"', '"eventName":Event1"')
    const { leftovers, damaged } = await leftoversWith({ ...parcel, text })
    for (let turn = 0; turn < 2; turn++) {
      leftovers.rewind()
      const [item] = await leftovers.next()
      expect(namesOf(item?.runs ?? [])).toEqual(['Event0', 'Event2'])
    }
    expect(damaged).toEqual([[1, 0]])
  })

  it('counts as made by this page where this page owes it', async () => {
    const parcel = parcelWith(3)
    const { owed, leftovers, damaged } = await leftoversWith({ ...parcel, text: 'junk' })
    for (const one of owed.add([parcel], start)) one.kept = 'yes'
    owed.release(0)
    expect(await leftovers.next()).toEqual([])
    expect(damaged).toEqual([[3, 3]])
    expect(owed.count()).toBe(0)
  })

  it('is passed over by thousands', async () => {
    const parcel = parcelWith(1)
    const { readAll, damaged } = await leftoversWith(parcel)
    await writeEntries(
      'parcels',
      Array.from({ length: 3000 }, (_, key) => [key, key] as const),
    )
    expect(await readAll()).toEqual([parcel.key])
    expect(damaged).toHaveLength(3000)
    expect(idsOf(toRuns(parcel.text))).toHaveLength(1)
  })
})
