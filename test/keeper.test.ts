import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createKeeper } from '../src/keeper.js'
import { createOwed } from '../src/outbox/owed.js'
import type { Call } from '../src/record/call.js'
import { storeRetryMs } from '../src/record/limits.js'
import { idsOf, type Parcel, type Run, toRuns } from '../src/record/parcel.js'
import { start } from './helpers/clock.js'
import { timedIds } from './helpers/ids.js'
import { parcelWith } from './helpers/parcels.js'
import { recordsWith } from './helpers/tab.js'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** A keeper over a database that can be away, refuse, or take its time. */
function keeperWith() {
  const owed = createOwed()
  const house = {
    isOpen: true,
    isBroken: false,
    isSlow: false,
    /** Whether everything fits into the spill. */
    hasRoom: true,
    opened: 0,
    calls: [] as Call[],
    troubles: [] as unknown[],
    /** Parcels of each transaction that was carried out. */
    kept: [] as Parcel[][],
    finish: [] as (() => void)[],
    /** What stands in the spill; `null`: nothing. */
    spilled: null as null | { calls: readonly Call[]; ids: string[]; at: number; active: number },
    chars: 0,
  }
  const keeper = createKeeper({
    pageLoad: timedIds()(),
    database: { open: () => void house.opened++, isOpen: () => house.isOpen },
    store: {
      async keep(parcels) {
        if (house.isBroken) throw new Error('disk')
        if (house.isSlow) await new Promise<void>(resolve => house.finish.push(resolve))
        house.kept.push(parcels.map(({ key, text }) => ({ key, text })))
      },
    },
    spill: {
      save(calls, parcels, at, active) {
        house.spilled = { calls: [...calls], ids: idsIn(parcels), at, active }
        return house.hasRoom
      },
      clear() {
        house.spilled = null
      },
    },
    owed,
    calls: house.calls,
    lastActive: () => start - 7,
    now: () => start,
    deviceTime: () => start + 5,
    onOwed(chars) {
      house.chars += chars
    },
    wait: ms => new Promise(resolve => setTimeout(resolve, ms)),
    trouble: (_code, cause) => void house.troubles.push(cause),
  })
  /** Records of one task. */
  const make = (records: readonly Run[]): string[] => {
    records.forEach(keeper.add)
    keeper.ship()
    return idsOf(records)
  }
  return Object.assign(house, { keeper, owed, make })
}

const idsIn = (parcels: readonly Parcel[]): string[] => parcels.flatMap(({ text }) => idsOf(toRuns(text)))
const settle = (): Promise<unknown> => vi.advanceTimersByTimeAsync(0)

describe('the keeper', () => {
  it('hands the records of a task to storage as one parcel, in one transaction', async () => {
    const house = keeperWith()
    const ids = house.make(recordsWith(20))
    await settle()
    expect(house.kept.map(idsIn)).toEqual([ids])
    expect(house.owed.all()).toMatchObject([{ kept: 'yes', left: 20 }])
    expect([house.spilled, house.troubles]).toEqual([null, []])
    expect(house.chars).toBe(house.owed.all()[0]?.text.length)
  })

  it('hands over nothing of nothing', async () => {
    const house = keeperWith()
    house.keeper.ship()
    await settle()
    expect(house.kept).toEqual([])
  })

  it('gives every parcel a key of its own', async () => {
    const house = keeperWith()
    for (let task = 0; task < 20; task++) house.make(recordsWith(1))
    await settle()
    expect(new Set(house.kept.flat().map(({ key }) => key)).size).toBe(20)
  })

  it('keeps parcels of a page that is gone under their keys', async () => {
    const house = keeperWith()
    const parcel = parcelWith(3)
    house.keeper.adopt([parcel])
    await settle()
    expect(house.kept).toEqual([[parcel]])
    expect(house.owed.count()).toBe(3)
  })

  it('writes to the spill too while its transactions pile up, and empties it when they are done', async () => {
    const house = keeperWith()
    house.isSlow = true
    const ids = [1, 2].flatMap(() => house.make(recordsWith(1)))
    expect(house.spilled).toBeNull()
    ids.push(...house.make(recordsWith(1)))
    expect(house.spilled).toMatchObject({ ids, at: start + 5, active: start - 7 })
    for (const one of house.finish.splice(0)) one()
    await settle()
    expect(house.spilled).toBeNull()
    expect(house.kept.flatMap(idsIn)).toEqual(ids)
  })
})

describe('while the database is away', () => {
  it('records stay owed and go to the spill, and are handed over when it is open', async () => {
    const house = keeperWith()
    house.isOpen = false
    const ids = [...house.make(recordsWith(2)), ...house.make(recordsWith(1))]
    expect(house.spilled).toMatchObject({ ids })
    expect(house.owed.count()).toBe(3)
    house.isOpen = true
    house.keeper.retry()
    await settle()
    expect(house.kept.flatMap(idsIn)).toEqual(ids)
    expect(house.spilled).toBeNull()
  })

  it('calls that wait go to the spill, and stay there until they wait no more', async () => {
    const house = keeperWith()
    house.calls.push({ verb: 'signOut', at: start, data: '', id: 'a' })
    expect(house.keeper.spillAll()).toBe(true)
    expect(house.spilled).toMatchObject({ calls: house.calls, ids: [] })
    house.keeper.clearSpill()
    expect(house.spilled).not.toBeNull()
    house.calls.pop()
    house.keeper.clearSpill()
    expect(house.spilled).toBeNull()
  })
})

describe('a database that fails', () => {
  it('is reported once, left alone for a while, and then tried again with everything', async () => {
    const house = keeperWith()
    house.isBroken = true
    const ids = house.make(recordsWith(1))
    await settle()
    expect(house.keeper.isResting()).toBe(true)
    expect(house.spilled).toMatchObject({ ids })
    ids.push(...house.make(recordsWith(1)))
    await settle()
    expect(house.troubles).toEqual([new Error('disk')])
    expect(house.owed.all().map(({ kept }) => kept)).toEqual(['no', 'no'])
    house.isBroken = false
    await vi.advanceTimersByTimeAsync(storeRetryMs)
    expect(house.kept.flatMap(idsIn)).toEqual(ids)
    expect([house.keeper.isResting(), house.spilled]).toEqual([false, null])
  })

  it('is left alone for twice as long each time', async () => {
    const house = keeperWith()
    house.isBroken = true
    house.make(recordsWith(1))
    await settle()
    await vi.advanceTimersByTimeAsync(storeRetryMs)
    expect(house.keeper.isResting()).toBe(true)
    house.isBroken = false
    await vi.advanceTimersByTimeAsync(2 * storeRetryMs - 1)
    expect(house.kept).toEqual([])
    await vi.advanceTimersByTimeAsync(1)
    expect(house.kept).toHaveLength(1)
    expect(house.troubles).toHaveLength(1)
  })

  it('is reported again after it has taken records in between', async () => {
    const house = keeperWith()
    house.keeper.fail(new Error('first'))
    house.keeper.fail(new Error('second'))
    await vi.advanceTimersByTimeAsync(storeRetryMs)
    house.make(recordsWith(1))
    await settle()
    house.keeper.fail(new Error('third'))
    expect(house.troubles).toEqual([new Error('first'), new Error('third')])
  })

  it('is opened again where it is not open any more', async () => {
    const house = keeperWith()
    house.isOpen = false
    house.keeper.fail(new Error('lost'))
    await vi.advanceTimersByTimeAsync(storeRetryMs)
    expect(house.opened).toBe(1)
  })
})

describe('a page that goes away', () => {
  it('writes to the spill what the database has not confirmed, and says that it goes', async () => {
    const house = keeperWith()
    house.isSlow = true
    const ids = house.make(recordsWith(1))
    expect(house.spilled).toBeNull()
    house.keeper.leave()
    expect(house.keeper.spillAll()).toBe(true)
    expect(house.spilled).toMatchObject({ ids, at: 0, active: start - 7 })
    ids.push(...house.make(recordsWith(1)))
    expect(house.spilled).toMatchObject({ ids, at: 0 })
  })

  it('begins no transaction for what it makes, because the spill has it', async () => {
    for (const go of ['hide', 'leave'] as const) {
      const house = keeperWith()
      house.keeper[go]()
      const ids = house.make(recordsWith(2))
      await settle()
      expect(house.kept).toEqual([])
      expect(house.spilled).toMatchObject({ ids, at: go === 'leave' ? 0 : start + 5 })
      expect([house.owed.count(), house.keeper.isLeaving()]).toEqual([2, true])
    }
  })

  it('hands to the database too what has no room in the spill', async () => {
    const house = keeperWith()
    house.hasRoom = false
    house.keeper.leave()
    const ids = house.make(recordsWith(2))
    await settle()
    expect(house.kept.map(idsIn)).toEqual([ids])
  })

  it('writes nothing where everything is confirmed', async () => {
    const house = keeperWith()
    house.make(recordsWith(1))
    await settle()
    house.keeper.leave()
    expect(house.keeper.spillAll()).toBe(true)
    expect(house.spilled).toBeNull()
  })

  it.each(['hide', 'leave'] as const)('hands over what is left when it is back, after %s', async go => {
    const house = keeperWith()
    house.keeper[go]()
    const ids = house.make(recordsWith(2))
    house.keeper.back()
    expect(house.keeper.isLeaving()).toBe(false)
    await settle()
    expect(house.kept.flatMap(idsIn)).toEqual(ids)
    expect(house.spilled).toBeNull()
    ids.push(...house.make(recordsWith(1)))
    await settle()
    expect(house.kept.flatMap(idsIn)).toEqual(ids)
  })
})
