import { describe, expect, it } from 'vitest'
import type { Call } from '../../src/record/call.js'
import { lateMs, maxEarlyChars, maxLeftChars } from '../../src/record/limits.js'
import { idsOf, isKey, type Parcel, type Run, toRuns } from '../../src/record/parcel.js'
import { createSpill, type Left, type Spill } from '../../src/store/spill.js'
import { createStorage } from '../../src/testing/storage.js'
import { start } from '../helpers/clock.js'
import { timedIds } from '../helpers/ids.js'
import { legacyRecord } from '../helpers/legacy.js'
import { parcelsWith, parcelWith } from '../helpers/parcels.js'
import { itemsOf } from '../helpers/storage.js'
import { namesOf, recordsWith } from '../helpers/tab.js'

const makeId = timedIds()
const call = (id: string, name = 'Search', at = start): Call => ({ id, at, data: '', verb: 'track', name })
const spillOn = (storage: Storage, pageLoad = makeId()): Spill => createSpill('k', pageLoad, () => storage)
const leftIn = (storage: Storage, now = start + lateMs): Left => spillOn(storage).left(now, lateMs)
const idsIn = (parcels: readonly Parcel[]): string[] => parcels.flatMap(({ text }) => idsOf(toRuns(text)))
const charsIn = (storage: Storage): number => Object.entries(itemsOf(storage)).flat().join('').length

describe('the spill', () => {
  it('gives what a page that is gone has left, until it is released', () => {
    const storage = createStorage()
    const parcel = parcelWith(3)
    spillOn(storage).save([call('a'), call('b')], [parcel], start, start)
    const { calls, parcels, damaged, release } = leftIn(storage)
    expect(calls.flat()).toEqual([call('a'), call('b')])
    expect(parcels).toEqual([parcel])
    expect(damaged).toBe(0)
    expect(leftIn(storage).parcels).toHaveLength(1)
    release()
    expect(itemsOf(storage)).toEqual({})
  })

  it('gives the calls of each page load in a list of its own', () => {
    const storage = createStorage()
    spillOn(storage, '0000000a0000000000001').save([call('a'), call('b')], [], start, start)
    spillOn(storage, '0000000a0000000000002').save([call('c')], [], start, start)
    expect(leftIn(storage).calls.filter(list => list.length)).toEqual([[call('a'), call('b')], [call('c')]])
  })

  it('holds what was saved last, and nothing of before', () => {
    const storage = createStorage()
    const spill = spillOn(storage)
    spill.save([call('a')], [parcelWith(1)], start, start)
    spill.save([call('b')], [], start, start)
    const { calls, parcels } = leftIn(storage)
    expect(calls.flat()).toEqual([call('b')])
    expect(parcels).toEqual([])
  })

  it('says whether all of it had room', () => {
    const spill = spillOn(createStorage())
    for (const [at, room] of [
      [start, maxEarlyChars],
      [0, maxLeftChars],
    ] as const) {
      expect(spill.save([call('a')], [parcelWith(3)], at, start)).toBe(true)
      expect(spill.save([call('a', 'x'.repeat(room))], [], at, start)).toBe(false)
      expect(spill.save([], parcelsWith(room / 100), at, start)).toBe(false)
      expect(spillOn(createStorage(10)).save([call('a')], [], at, start)).toBe(false)
    }
  })

  it('tells the latest activity of the pages that went away, and none of those that may be alive', () => {
    const storage = createStorage()
    expect(spillOn(storage).lastActive()).toBe(0)
    for (const active of [start + 5, start + 9, start + 7]) spillOn(storage).save([call('a')], [], 0, active)
    spillOn(storage).save([call('a')], [], start, start + 1000)
    for (const [place, active] of [-5, 1.5, '9', null, 1e300].entries())
      storage.setItem(`sojourn-k:junk${place}`, JSON.stringify({ at: 0, active }))
    expect(spillOn(storage).lastActive()).toBe(start + 9)
  })

  it('takes away its own once it is cleared, and nothing of others', () => {
    const storage = createStorage()
    const [here, there] = [spillOn(storage), spillOn(storage)]
    here.save([call('a')], [], start, start)
    there.save([call('b')], [], start, start)
    here.clear()
    here.clear()
    expect(leftIn(storage).calls.flat()).toEqual([call('b')])
  })

  it('gives no page its own', () => {
    const storage = createStorage()
    const spill = spillOn(storage)
    spill.save([call('a')], [parcelWith(1)], 0, start)
    expect(spill.left(start + lateMs, lateMs)).toMatchObject({ calls: [[]], parcels: [], damaged: 0 })
    expect(Object.keys(itemsOf(storage))).toHaveLength(1)
  })

  it('gives nothing of a page that may be alive, and everything once it is old, by whatever clock', () => {
    const storage = createStorage()
    spillOn(storage).save([call('a')], [], start, start)
    expect(leftIn(storage, start + lateMs - 1).calls.flat()).toEqual([])
    expect(leftIn(storage, start - lateMs + 1).calls.flat()).toEqual([])
    expect(leftIn(storage, start + lateMs).calls.flat()).toHaveLength(1)
    expect(leftIn(storage, start - 365 * 24 * 3_600_000).calls.flat()).toHaveLength(1)
  })

  it('gives at once what says that its page went away, and tells which page that was', () => {
    const storage = createStorage()
    spillOn(storage, 'gone').save([], [parcelWith(2)], 0, start)
    spillOn(storage, 'alive').save([], [parcelWith(1)], start, start)
    const { parcels, departed } = leftIn(storage, start + 1)
    expect(parcels).toHaveLength(1)
    expect([...departed]).toEqual(['gone'])
  })

  it('tells whether another page has taken over what a page that went away had left', () => {
    const storage = createStorage()
    const spill = spillOn(storage)
    expect(spill.wasTaken()).toBe(false)
    spill.save([call('a')], [], start, start)
    leftIn(storage).release()
    expect(spill.wasTaken()).toBe(false)
    spill.save([call('a')], [], 0, start)
    expect(spill.wasTaken()).toBe(false)
    leftIn(storage).release()
    expect(spill.wasTaken()).toBe(true)
  })
})

describe('the room of the spill', () => {
  it('is maxEarlyChars, which calls take first, in their order', () => {
    const storage = createStorage()
    const calls = Array.from({ length: 1000 }, (_, place) => call(`a${place}`, 'x'.repeat(100)))
    spillOn(storage).save(calls, [parcelWith(20)], start, start)
    expect(charsIn(storage)).toBeLessThanOrEqual(maxEarlyChars + 200)
    const left = leftIn(storage)
    const kept = left.calls.flat()
    expect(kept).toEqual(calls.slice(0, kept.length))
    expect(kept.length).toBeGreaterThan(100)
  })

  it('takes the newest records where not all of them fit', () => {
    const storage = createStorage()
    const parcels = parcelsWith(500, { data: '{"sku":"A1","price":19.95,"text":"a “quote”"}' })
    spillOn(storage).save([call('a')], parcels, start, start)
    expect(charsIn(storage)).toBeLessThanOrEqual(maxEarlyChars)
    const { parcels: left, calls } = leftIn(storage)
    const ids = idsIn(left)
    expect(ids).toEqual(idsIn(parcels).slice(-ids.length))
    expect(ids.length).toBeGreaterThan(60)
    expect(calls.flat()).toEqual([call('a')])
  })

  it('is maxLeftChars of a page that goes away: an item for each parcel that the database may have too', () => {
    const storage = createStorage()
    const parcels = parcelsWith(2000)
    const calls = Array.from({ length: 400 }, (_, place) => call(`a${place}`, 'x'.repeat(100)))
    const spill = spillOn(storage)
    expect(spill.save(calls, parcels, 0, start)).toBe(true)
    const left = leftIn(storage, start)
    expect(left.calls.flat()).toEqual(calls)
    expect(left.parcels).toEqual(expect.arrayContaining(parcels))
    expect(left.damaged).toBe(0)
    expect(spill.left(start, lateMs).parcels).toEqual([])
    spill.clear()
    expect(itemsOf(storage)).toEqual({})
  })

  it('takes the oldest parcels of a page that goes away where not all of them fit, and the newest records', () => {
    const storage = createStorage()
    const parcels = parcelsWith(9000)
    expect(spillOn(storage).save([], parcels, 0, start)).toBe(false)
    expect(charsIn(storage)).toBeLessThan(maxLeftChars * 1.3)
    const [newest, ...oldest] = leftIn(storage, start).parcels
    expect(oldest.length).toBeGreaterThan(5)
    expect(oldest).toEqual(parcels.slice(0, oldest.length))
    const ids = idsIn([newest as Parcel])
    expect(ids.length).toBeGreaterThan(60)
    expect(ids).toEqual(idsIn(parcels).slice(-ids.length))
  })

  it('keeps the key of a parcel that it holds whole, so that it is not owed twice', () => {
    const storage = createStorage()
    const parcel = parcelWith(3)
    spillOn(storage).save([], [parcel], start, start)
    expect(leftIn(storage).parcels[0]?.key).toBe(parcel.key)
  })

  it('gives a key of its own to what is not one whole parcel', () => {
    const storage = createStorage()
    const parcels = [parcelWith(3), parcelWith(2)]
    spillOn(storage).save([], parcels, start, start)
    const [left] = leftIn(storage).parcels
    expect(isKey(left?.key)).toBe(true)
    expect(parcels.map(({ key }) => key)).not.toContain(left?.key)
    expect(idsIn([left as Parcel])).toEqual(idsIn(parcels))
  })

  it('counts nothing as damaged where nothing had room', () => {
    const storage = createStorage()
    spillOn(storage).save([call('a', 'x'.repeat(maxEarlyChars))], [], start, start)
    spillOn(storage).save([], [parcelWith(1, { data: `{"text":"${'x'.repeat(maxEarlyChars)}"}` })], start, start)
    spillOn(storage).save([], [parcelWith(1, { data: `{"text":"${'x'.repeat(maxLeftChars)}"}` })], 0, start)
    spillOn(storage).save([], [], 0, start)
    const left = leftIn(storage)
    expect(left).toMatchObject({ parcels: [], damaged: 0 })
    left.release()
    expect(itemsOf(storage)).toEqual({})
  })

  it('is none where the storage is full, and nobody hears of it', () => {
    const storage = createStorage(300)
    const spill = spillOn(storage)
    spill.save([], [parcelWith(10)], start, start)
    expect(itemsOf(storage)).toEqual({})
    spill.clear()
  })

  it('is none where the storage is denied, and nobody hears of it', () => {
    const spill = createSpill('k', makeId(), () => {
      throw new DOMException('denied', 'SecurityError')
    })
    spill.save([call('a')], [parcelWith(1)], 0, start)
    spill.clear()
    spill.purge()
    expect(spill.wasTaken()).toBe(false)
    const { calls, parcels, damaged, release } = spill.left(start, lateMs)
    release()
    expect([calls.flat(), parcels, damaged]).toEqual([[], [], 0])
  })

  it('is not touched before there is something to write', () => {
    const spill = createSpill('k', makeId(), () => {
      throw new Error('touched')
    })
    spill.clear()
  })
})

describe('a purge of the spill', () => {
  it('deletes everything under its write key, whoever wrote it, and nothing of another', () => {
    const storage = createStorage()
    const mine = spillOn(storage)
    for (const spill of [mine, spillOn(storage), createSpill('kk', makeId(), () => storage)])
      spill.save([call('a')], [], start, start)
    storage.setItem('cart', '[]')
    mine.purge()
    expect(Object.keys(itemsOf(storage)).map(name => name.split(':')[0])).toEqual(['sojourn-kk', 'cart'])
  })
})

describe('damaged items', () => {
  const junk = [
    '',
    'null',
    '5',
    '[]',
    '{}',
    '{"id":"a",',
    '"text"',
    '{"at":"soon"}',
    '{"at":5,"calls":{},"key":7}',
    '\0',
  ]

  it('are counted, released, and hold up no good item', () => {
    const storage = createStorage()
    junk.forEach((text, place) => storage.setItem(`sojourn-k:junk${place}`, text))
    const parcel = parcelWith(1)
    spillOn(storage).save([call('a')], [parcel], start, start)
    const { calls, parcels, damaged, release } = leftIn(storage)
    expect(damaged).toBe(junk.length)
    expect(calls.flat()).toEqual([call('a')])
    expect(parcels).toEqual([parcel])
    release()
    expect(itemsOf(storage)).toEqual({})
  })

  it('cost only the calls and records that are damaged in them', () => {
    const storage = createStorage()
    const parcel = parcelWith(3)
    const text = parcel.text.replace('"eventName":"Event1"', '"eventName":Event1"')
    const item = { at: start, calls: [call('a'), { verb: 'track' }, 5, call('b')], key: parcel.key, text }
    storage.setItem('sojourn-k:damaged', JSON.stringify(item))
    const { calls, parcels, damaged } = leftIn(storage)
    expect(calls.flat()).toEqual([call('a'), call('b')])
    expect(namesOf(parcels.flatMap(one => toRuns(one.text)))).toEqual(['Event0', 'Event2'])
    expect(damaged).toBe(3)
  })

  it('cost no call where the key of the parcel is damaged', () => {
    const storage = createStorage()
    const { text } = parcelWith(3)
    storage.setItem('sojourn-k:damaged', JSON.stringify({ at: start, calls: [call('a')], key: 'junk', text }))
    expect(leftIn(storage).calls.flat()).toEqual([call('a')])
  })
})

describe('items of version 1', () => {
  const put = (storage: Storage, value: { readonly id?: string | undefined }): void =>
    storage.setItem(`sojourn-k:${value.id}`, JSON.stringify(value))

  it('are read as calls, in the order of their ids', () => {
    const storage = createStorage()
    const old = ['c', 'a', 'b'].map(id => ({ ...call(id), category: '' }))
    for (const one of old) put(storage, one)
    const { calls, damaged, release } = leftIn(storage)
    expect(calls.flat().map(({ id }) => id)).toEqual(['a', 'b', 'c'])
    expect(damaged).toBe(0)
    release()
    expect(itemsOf(storage)).toEqual({})
  })

  it('are read as records, each once', () => {
    const storage = createStorage()
    const records = recordsWith(250)
    for (const record of records) put(storage, { ...legacyRecord(record), at: start } as { id: string })
    const { parcels, damaged } = leftIn(storage)
    expect(idsIn(parcels)).toEqual(idsOf(records))
    expect(parcels.every(({ key }) => isKey(key))).toBe(true)
    expect(new Set(parcels.map(({ key }) => key)).size).toBe(parcels.length)
    expect(damaged).toBe(0)
  })

  it('are packed alike by every tab, so that two tabs owe them once', () => {
    const storage = createStorage()
    for (const record of recordsWith(5)) put(storage, { ...legacyRecord(record), at: start } as { id: string })
    expect(leftIn(storage).parcels).toEqual(leftIn(storage).parcels)
  })

  it('are left alone while their page may be alive', () => {
    const storage = createStorage()
    put(storage, call('a'))
    const [record] = recordsWith(1) as [Run]
    put(storage, { ...legacyRecord(record), at: start } as { id: string })
    const { calls, parcels, release } = leftIn(storage, start + 10)
    release()
    expect([calls.flat(), parcels]).toEqual([[], []])
    expect(Object.keys(itemsOf(storage))).toHaveLength(2)
  })
})
