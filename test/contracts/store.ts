import { describe, expect, it } from 'vitest'
import { agedMs } from '../../src/record/limits.js'
import type { OpenState } from '../../src/record/open-state.js'
import type { Run } from '../../src/record/parcel.js'
import type { Orphan } from '../../src/store/shared.js'
import type { Store } from '../../src/store/store.js'
import { type FakeClock, start } from '../helpers/clock.js'
import { timedIds } from '../helpers/ids.js'
import { parcelWith } from '../helpers/parcels.js'
import { recordsWith, tabWith } from '../helpers/tab.js'

/** A store, and the clock that it reads. */
export interface StoreHouse {
  readonly store: Store
  readonly clock: FakeClock
}

const stateOf = (rev: number): OpenState => ({ ...tabWith().page(0).writer.openState(), rev })

type Decided = ReturnType<Parameters<Store['change']>[1]>
const decided = (state: OpenState, orphan: Orphan | null = null): Decided => ({ state, orphan })

async function readState(store: Store): Promise<OpenState | undefined> {
  let found: OpenState | undefined
  await store.change('reader', function (state) {
    found = state
    return decided(state ?? stateOf(0))
  })
  return found
}

/** What every store promises. Each implementation runs all of it. */
export function describeStore(name: string, openWith: () => Promise<StoreHouse>): void {
  describe(`${name}: parcels`, () => {
    it('are none at first', async () => {
      const { store } = await openWith()
      expect(store.isOpen()).toBe(true)
      expect(await store.keys(undefined, 10)).toEqual([])
      expect((await store.all()).flat()).toEqual([])
    })

    it('come back as they were kept, to the letter', async () => {
      const { store } = await openWith()
      const parcel = parcelWith(3, { data: '{"q":"größer 🍵"}' })
      await store.keep([parcel])
      expect(await store.keys(undefined, 10)).toEqual([parcel.key])
      expect(await store.read([parcel.key])).toEqual([parcel.text])
    })

    it('are kept once, however often they are kept', async () => {
      const { store } = await openWith()
      const parcel = parcelWith(2)
      await store.keep([parcel, parcel])
      await store.keep([{ ...parcel }])
      expect(await store.keys(undefined, 10)).toHaveLength(1)
      expect((await store.all()).flat()).toEqual([parcel.text])
    })

    it('are handed over in the task of the call, in the order of the calls', async () => {
      const { store } = await openWith()
      const parcel = parcelWith(1)
      const done = [store.keep([parcel]), store.remove([parcel.key]), store.keep([{ ...parcel, text: 'newer' }])]
      expect(await store.read([parcel.key])).toEqual(['newer'])
      await Promise.all(done)
    })

    it('are listed in the order of their keys, so many at a time, from any key on', async () => {
      const { store } = await openWith()
      const keys = Array.from({ length: 7 }, () => parcelWith(1))
      await store.keep([...keys].reverse())
      const inOrder = keys.map(({ key }) => key).sort()
      expect(await store.keys(undefined, 3)).toEqual(inOrder.slice(0, 3))
      expect(await store.keys(inOrder[2], 3)).toEqual(inOrder.slice(3, 6))
      expect(await store.keys(inOrder[5], 3)).toEqual(inOrder.slice(6))
      expect(await store.keys(inOrder[6], 3)).toEqual([])
    })

    it('are listed from a key on that is not there any more', async () => {
      const { store } = await openWith()
      const parcels = Array.from({ length: 3 }, () => parcelWith(1))
      await store.keep(parcels)
      await store.remove([parcels[1]?.key as string])
      expect(await store.keys(parcels[1]?.key, 10)).toEqual([parcels[2]?.key])
    })

    it('are read in the order of the keys that are asked for, and as nothing where nothing lies', async () => {
      const { store } = await openWith()
      const [one, two] = [parcelWith(1), parcelWith(2)]
      await store.keep([one, two])
      expect(await store.read([two.key, 'nothing', one.key])).toEqual([two.text, undefined, one.text])
      expect(await store.read([])).toEqual([])
    })

    it('are gone once they are removed, also twice, and also those that never were there', async () => {
      const { store } = await openWith()
      const [one, two] = [parcelWith(1), parcelWith(1)]
      await store.keep([one, two])
      await store.remove([one.key, 'nothing'])
      await store.remove([one.key])
      expect(await store.keys(undefined, 10)).toEqual([two.key])
    })

    it('are kept a thousand at a time', async () => {
      const { store } = await openWith()
      await store.keep(Array.from({ length: 1000 }, () => parcelWith(1)))
      expect(await store.keys(undefined, 2000)).toHaveLength(1000)
    })
  })

  describe(`${name}: settled parcels`, () => {
    it('are there for local queries, and are not owed', async () => {
      const { store } = await openWith()
      const [settled, owed] = [parcelWith(1), parcelWith(2)]
      await store.keepSettled([{ ...settled, sessionID: 's' }])
      await store.keep([owed])
      expect(await store.all()).toEqual([[settled.text], [owed.text]])
      expect(await store.keys(undefined, 10)).toEqual([owed.key])
    })

    it('are seen by who reads all, also if they are settled meanwhile', async () => {
      const { store } = await openWith()
      const parcel = parcelWith(1)
      await store.keep([parcel])
      const reading = store.all()
      const moves = [store.keepSettled([{ ...parcel, sessionID: 's' }]), store.remove([parcel.key])]
      expect((await reading).flat()).toContain(parcel.text)
      await Promise.all(moves)
    })

    it('are swept with every session but the open one', async () => {
      const { store } = await openWith()
      const sessions = ['s', 'r', 'sa', 't', 's!', 'S']
      for (const sessionID of sessions) {
        await store.keepSettled([{ ...parcelWith(1), text: sessionID, sessionID }])
        await store.keepSettled([{ ...parcelWith(1), text: sessionID, sessionID }])
      }
      await store.sweepSettled('s')
      expect((await store.all()).flat()).toEqual(['s', 's'])
    })

    it('are all swept when no session is open, and nothing that is owed', async () => {
      const { store } = await openWith()
      const owed = parcelWith(1)
      await store.keep([owed])
      await store.keepSettled([{ ...parcelWith(1), sessionID: 's' }])
      await store.sweepSettled('')
      expect((await store.all()).flat()).toEqual([owed.text])
    })
  })

  describe(`${name}: what one page has written of a visitor who is forgotten`, () => {
    it('is deleted: its parcels, and what was settled of its session. Nothing else is', async () => {
      const { store } = await openWith()
      const [mine, other] = [parcelWith(1), parcelWith(2)]
      await store.keep([mine, other])
      for (const sessionID of ['s', 's-1', 'r'])
        await store.keepSettled([{ ...parcelWith(1), text: sessionID, sessionID }])
      await store.forget([mine.key, 'unknown'], 's')
      expect(new Set((await store.all()).flat())).toEqual(new Set([other.text, 's-1', 'r']))
      await store.forget([], '')
      expect(new Set((await store.all()).flat())).toEqual(new Set([other.text, 's-1', 'r']))
    })
  })

  describe(`${name}: the open state`, () => {
    it('is nothing at first, and then what was decided', async () => {
      const { store } = await openWith()
      const seen: (OpenState | undefined)[] = []
      for (const rev of [1, 2])
        await store.change('load', function (state) {
          seen.push(state)
          return decided({ ...stateOf(rev), globalVisitID: 'g', visit: null })
        })
      expect(seen).toMatchObject([undefined, { rev: 1, globalVisitID: 'g' }])
      expect(seen).toHaveLength(2)
    })

    it('counts all of several changes at once', async () => {
      const { store } = await openWith()
      const more = (state: OpenState | undefined): Decided => decided(stateOf((state?.rev ?? 0) + 1))
      await Promise.all(['a', 'b', 'c'].map(pageLoad => store.change(pageLoad, more)))
      expect((await readState(store))?.rev).toBe(3)
    })

    it('is what a page has noted', async () => {
      const { store } = await openWith()
      const state = stateOf(7)
      await store.note(state, true, 'load', null)
      expect(await readState(store)).toEqual(state)
    })

    it('keeps everything but the activity where a page has noted activity alone', async () => {
      const { store } = await openWith()
      const [known, stale] = [stateOf(7), { ...stateOf(3), active: start + 9000 }]
      await store.change('load', () => decided(known))
      await store.note(stale, false, 'load', null)
      expect(await readState(store)).toEqual({ ...known, active: start + 9000 })
    })

    it('never loses activity to an older note', async () => {
      const { store } = await openWith()
      const known = { ...stateOf(7), active: start + 9000 }
      await store.change('load', () => decided(known))
      await store.note({ ...known, active: start }, false, 'load', null)
      expect(await readState(store)).toEqual(known)
    })

    it('never gets back activity that a change has found too late', async () => {
      const { store } = await openWith()
      await store.note({ ...stateOf(7), active: start + 1e12 }, true, 'load', null)
      await store.change('load', () => decided({ ...stateOf(8), active: start }))
      expect((await readState(store))?.active).toBe(start)
    })
  })

  describe(`${name}: orphan exits`, () => {
    const exitOf = (): Run => tabWith().page(0).writer.orphanExit() as Run
    const plain = (run: Run | null | undefined): string[] | null => run?.map(String) ?? null

    it('are there for every page but their own until they are removed', async () => {
      const { store } = await openWith()
      const [one, two] = [exitOf(), exitOf()]
      await store.note(stateOf(1), true, 'a', { exit: one, at: start, isFrozen: false })
      await store.note(stateOf(1), false, 'b', { exit: two, at: start + 5, isFrozen: true })
      const orphans = await store.orphans('reader')
      expect([...orphans.keys()]).toEqual(['a', 'b'])
      expect(orphans.get('a')).toMatchObject({ at: start, isFrozen: false })
      expect(orphans.get('b')).toMatchObject({ at: start + 5, isFrozen: true })
      expect(plain(orphans.get('a')?.exit)).toEqual(plain(one))
      expect([...(await store.orphans('a')).keys()]).toEqual(['b'])
      await store.removeOrphans(['a', 'nobody'])
      expect([...(await store.orphans('reader')).keys()]).toEqual(['b'])
    })

    it('are replaced by the newest of their page, and gone when it has none', async () => {
      const { store } = await openWith()
      const newest = exitOf()
      for (const exit of [exitOf(), newest])
        await store.note(stateOf(1), false, 'a', { exit, at: start, isFrozen: false })
      expect(plain((await store.orphans('reader')).get('a')?.exit)).toEqual(plain(newest))
      await store.note(stateOf(1), false, 'a', null)
      expect((await store.orphans('reader')).size).toBe(0)
    })

    it('are written with a change of the open state, and gone with one that has none', async () => {
      const { store } = await openWith()
      const exit = exitOf()
      await store.change('a', () => decided(stateOf(1), { exit, at: start, isFrozen: false }))
      expect(plain((await store.orphans('reader')).get('a')?.exit)).toEqual(plain(exit))
      await store.change('a', () => decided(stateOf(2)))
      expect((await store.orphans('reader')).size).toBe(0)
    })

    it('are no parcels', async () => {
      const { store } = await openWith()
      await store.note(stateOf(1), true, 'a', { exit: exitOf(), at: start, isFrozen: false })
      expect((await store.all()).flat()).toEqual([])
    })
  })

  describe(`${name}: the age of what is owed`, () => {
    it('counts once it has been too much for a day', async () => {
      const { store, clock } = await openWith()
      expect(await store.isAged(true)).toBe(false)
      clock.advance(agedMs - 1)
      expect(await store.isAged(true)).toBe(false)
      clock.advance(1)
      expect(await store.isAged(true)).toBe(true)
    })

    it('begins anew when nothing was too old in between', async () => {
      const { store, clock } = await openWith()
      await store.isAged(true)
      clock.advance(agedMs)
      expect(await store.isAged(false)).toBe(false)
      expect(await store.isAged(true)).toBe(false)
      clock.advance(agedMs - 1)
      expect(await store.isAged(true)).toBe(false)
    })

    it('begins anew when it was noted by a clock ahead of this one', async () => {
      const { store, clock } = await openWith()
      clock.advance(1e12)
      await store.isAged(true)
      clock.advance(-1e12)
      expect(await store.isAged(true)).toBe(false)
      clock.advance(agedMs)
      expect(await store.isAged(true)).toBe(true)
    })
  })

  describe(`${name}: the lease`, () => {
    it('is had by one at a time, until it runs out', async () => {
      const { store } = await openWith()
      expect(await store.lease('a', start, start + 1000)).toBe(true)
      expect(await store.lease('b', start + 1000, start + 2000)).toBe(false)
      expect(await store.lease('b', start + 1001, start + 2001)).toBe(true)
      expect(await store.lease('a', start + 1002, start + 2002)).toBe(false)
    })

    it('is had by one of two that ask at once', async () => {
      const { store } = await openWith()
      const all = await Promise.all(['a', 'b', 'c'].map(holder => store.lease(holder, start, start + 1000)))
      expect(all).toEqual([true, false, false])
    })

    it('can be held longer, and given back', async () => {
      const { store } = await openWith()
      await store.lease('a', start, start + 1000)
      expect(await store.lease('a', start + 500, start + 1500)).toBe(true)
      expect(await store.lease('b', start + 1200, start + 2200)).toBe(false)
      await store.lease('a', start + 1200, start + 1200)
      expect(await store.lease('b', start + 1201, start + 2201)).toBe(true)
    })

    it('is had by nobody who took it by a clock ahead of this one', async () => {
      const { store } = await openWith()
      await store.lease('a', start + 1e9, start + 1e9 + 1000)
      expect(await store.lease('b', start, start + 1000)).toBe(true)
    })
  })

  it(`${name}: keeps parcels of many page loads apart`, async () => {
    const { store } = await openWith()
    const makeIds = Array.from({ length: 5 }, (_, hour) => timedIds(() => start + hour * 3_600_000))
    const parcels = makeIds.map(makeId => parcelWith(recordsWith(1).length, { makeId }))
    await store.keep(parcels)
    expect(await store.keys(undefined, 10)).toEqual(parcels.map(({ key }) => key).sort())
  })
}
