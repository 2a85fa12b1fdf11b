import { describe, expect, it } from 'vitest'
import { charsOf, type KeptRecord } from '../../src/record/event.js'
import { maxBatchChars, maxBatchRecords, segmentMs } from '../../src/record/limits.js'
import type { Presence } from '../../src/record/writer.js'
import type { Store } from '../../src/store/store.js'
import { type FakeClock, start } from '../helpers/clock.js'
import { timedIds } from '../helpers/ids.js'
import { recordsWith, tabWith } from '../helpers/tab.js'

/** A store and the clock that it reads, which stands at the beginning of a turn of the segments. */
export interface StoreHouse {
  readonly store: Store
  readonly clock: FakeClock
}

const never = (): boolean => false
const always = (): boolean => true

/** Until what was kept now lies at rest: the beginning of the next turn. */
export const rest = ({ clock }: { clock: FakeClock }): void => clock.advance(segmentMs - (clock.now() % segmentMs))

const namesOf = (records: readonly KeptRecord[]): string[] =>
  records.map(record => JSON.parse(record.event).eventName as string).sort()

const weigh = (records: readonly KeptRecord[]): number => records.reduce((sum, record) => sum + charsOf(record), 0)

/** Reads all that is owed, as a sender would: settling each batch. */
async function drain({ store, clock }: StoreHouse): Promise<KeptRecord[]> {
  const all: KeptRecord[] = []
  for (let turn = 0; turn < 2; turn++) {
    for (let batch = await store.owed(); batch.length; batch = await store.owed()) {
      all.push(...batch)
      await store.settle(batch, never)
    }
    rest({ clock })
  }
  return all
}

/** What every store promises, to be run against each. */
export function describeStore(name: string, openWith: () => Promise<StoreHouse>): void {
  describe(`${name}, as a store`, () => {
    it('owes what it has kept, to the letter', async () => {
      const house = await openWith()
      const records = recordsWith(3, { data: '{"q":"größer 🍵"}' })
      records.forEach(house.store.keep)
      rest(house)
      const owed = await house.store.owed()
      expect([...owed].sort((a, b) => a.seq - b.seq)).toEqual(records)
    })

    it('owes nothing while nothing is kept', async () => {
      const { store } = await openWith()
      expect(await store.owed()).toEqual([])
      expect(await store.count()).toBe(0)
      expect(await store.all()).toEqual([])
    })

    it('keeps a record once, however often it is kept', async () => {
      const house = await openWith()
      const records = recordsWith(2)
      for (const record of [...records, ...records, ...records.map(one => ({ ...one }))]) house.store.keep(record)
      rest(house)
      expect(await house.store.owed()).toHaveLength(2)
      expect(await house.store.count()).toBe(2)
    })

    it('gives what is owed again and again until it is settled', async () => {
      const house = await openWith()
      recordsWith(2).forEach(house.store.keep)
      rest(house)
      expect(namesOf(await house.store.owed())).toEqual(['Event0', 'Event1'])
      expect(namesOf(await house.store.owed())).toEqual(['Event0', 'Event1'])
    })

    it('never gives again what was settled, and all the rest', async () => {
      const house = await openWith()
      recordsWith(5).forEach(house.store.keep)
      rest(house)
      const owed = await house.store.owed()
      await house.store.settle(
        owed.filter(record => ['Event1', 'Event3'].includes(JSON.parse(record.event).eventName)),
        never,
      )
      expect(namesOf(await house.store.owed())).toEqual(['Event0', 'Event2', 'Event4'])
      expect(await house.store.count()).toBe(3)
      expect(namesOf(await drain(house))).toEqual(['Event0', 'Event2', 'Event4'])
      expect(await house.store.owed()).toEqual([])
    })

    it('never gives what was settled from memory, right after it was kept', async () => {
      const house = await openWith()
      const records = recordsWith(4)
      records.forEach(house.store.keep)
      await house.store.settle(records.slice(1, 3), never)
      rest(house)
      expect(namesOf(await house.store.owed())).toEqual(['Event0', 'Event3'])
      expect(await house.store.count()).toBe(2)
      expect(namesOf(await house.store.all())).toEqual(['Event0', 'Event3'])
    })

    it('takes a settlement twice, and one of records that it does not have', async () => {
      const house = await openWith()
      const records = recordsWith(2)
      const others = recordsWith(2)
      records.forEach(house.store.keep)
      rest(house)
      const owed = await house.store.owed()
      await house.store.settle(owed.slice(0, 1), never)
      await house.store.settle(owed.slice(0, 1), never)
      await house.store.settle(others, never)
      expect(await house.store.owed()).toHaveLength(1)
    })

    it('keeps settled records for local queries for as long as they are history, and owes them no more', async () => {
      const house = await openWith()
      recordsWith(3).forEach(house.store.keep)
      rest(house)
      await house.store.settle(await house.store.owed(), record => !record.event.includes('Event1'))
      expect(namesOf(await house.store.all())).toEqual(['Event0', 'Event2'])
      expect(await house.store.owed()).toEqual([])
      expect(await house.store.count()).toBe(0)
      await house.store.sweep(record => record.event.includes('Event2'))
      expect(namesOf(await house.store.all())).toEqual(['Event2'])
      await house.store.sweep(never)
      expect(await house.store.all()).toEqual([])
    })

    it('keeps history of what was settled from memory, right after it was kept', async () => {
      const house = await openWith()
      const records = recordsWith(3)
      records.forEach(house.store.keep)
      await house.store.settle(records, always)
      expect(namesOf(await house.store.all())).toEqual(['Event0', 'Event1', 'Event2'])
      rest(house)
      expect(await house.store.owed()).toEqual([])
      expect(namesOf(await house.store.all())).toEqual(['Event0', 'Event1', 'Event2'])
      await house.store.sweep(never)
      expect(await house.store.all()).toEqual([])
    })

    it('sweeps nothing that is owed', async () => {
      const house = await openWith()
      recordsWith(3).forEach(house.store.keep)
      rest(house)
      await house.store.sweep(never)
      expect(await house.store.owed()).toHaveLength(3)
    })

    it('gives each record of both kinds once when asked for all', async () => {
      const house = await openWith()
      const records = recordsWith(4)
      records.forEach(house.store.keep)
      rest(house)
      const owed = await house.store.owed()
      await house.store.settle(owed.slice(0, 2), always)
      expect(namesOf(await house.store.all())).toEqual(['Event0', 'Event1', 'Event2', 'Event3'])
    })

    it('tells all that is owed whatever the moment', async () => {
      const house = await openWith()
      recordsWith(3).forEach(house.store.keep)
      for (let turn = 0; turn < 4; turn++) {
        rest(house)
        expect(namesOf(await house.store.all())).toEqual(['Event0', 'Event1', 'Event2'])
      }
    })

    it('counts all that is owed whatever the moment', async () => {
      const house = await openWith()
      recordsWith(3).forEach(house.store.keep)
      expect(await house.store.count()).toBe(3)
      for (let turn = 0; turn < 4; turn++) {
        rest(house)
        expect(await house.store.count()).toBe(3)
      }
    })

    it('tells that there is more to read until all is read and settled', async () => {
      const house = await openWith()
      recordsWith(3).forEach(house.store.keep)
      expect(house.store.isUnread()).toBe(true)
      await drain(house)
      await drain(house)
      expect(house.store.isUnread()).toBe(false)
      recordsWith(1).forEach(house.store.keep)
      expect(house.store.isUnread()).toBe(true)
    })

    it('keeps a thousand records of one task', async () => {
      const house = await openWith()
      recordsWith(1000).forEach(house.store.keep)
      house.store.commit()
      rest(house)
      expect(new Set((await drain(house)).map(record => record.id)).size).toBe(1000)
    })

    it('keeps what is kept after a commit, in the same task', async () => {
      const house = await openWith()
      const records = recordsWith(4)
      for (const record of records) {
        house.store.keep(record)
        house.store.commit()
      }
      house.store.commit()
      rest(house)
      expect(await house.store.owed()).toHaveLength(4)
    })

    it('gives a batch of so many records at the most', async () => {
      const house = await openWith()
      const tab = tabWith({ userAgent: '', languageCode: '' })
      for (let i = 0; i < maxBatchRecords + 19; i++) tab.track(0, 'E')
      tab.kept.forEach(house.store.keep)
      rest(house)
      const batch = await house.store.owed()
      expect(batch).toHaveLength(maxBatchRecords)
      await house.store.settle(batch, never)
      expect(await house.store.owed()).toHaveLength(20)
    })

    it('gives a batch of so many characters at the most, and a greater record alone', async () => {
      const house = await openWith()
      recordsWith(5, { data: JSON.stringify({ text: 'x'.repeat(100_000) }) }).forEach(house.store.keep)
      rest(house)
      const batch = await house.store.owed()
      expect(batch).toHaveLength(1)
      expect(weigh(batch)).toBeLessThanOrEqual(maxBatchChars)
      expect(await drain(house)).toHaveLength(5)
      recordsWith(1, { data: JSON.stringify({ text: 'x'.repeat(maxBatchChars) }) }).forEach(house.store.keep)
      rest(house)
      expect(await house.store.owed()).toHaveLength(1)
    })

    describe('making room', () => {
      const trimmed = async (house: StoreHouse, maxChars: number, since = 0): Promise<string[]> => {
        const names: string[] = []
        // A record lies in one of two segments; each call sees the one at rest.
        for (let turn = 0; turn < 2; turn++) {
          names.push(...namesOf(await house.store.trim(maxChars, since)))
          rest(house)
        }
        return names.sort()
      }
      const idsAt = (at: number) => timedIds(() => start - at)

      it('drops nothing within the bounds', async () => {
        const house = await openWith()
        recordsWith(4).forEach(house.store.keep)
        rest(house)
        expect(await trimmed(house, 1e6)).toEqual([])
        expect(await drain(house)).toHaveLength(4)
      })

      it('drops nothing for its age at the first look, for the clock may be wrong', async () => {
        const house = await openWith()
        recordsWith(2, { makeId: idsAt(90_000) }).forEach(house.store.keep)
        rest(house)
        expect(await trimmed(house, 1e6, start - 60_000)).toEqual([])
      })

      it('drops the oldest anonymous records first, then the oldest', async () => {
        const house = await openWith()
        const inOrder = [
          ...recordsWith(1, { makeId: idsAt(40_000), identityId: '' }),
          ...recordsWith(1, { makeId: idsAt(30_000), identityId: '' }),
          ...recordsWith(1, { makeId: idsAt(50_000) }),
          ...recordsWith(1, { makeId: idsAt(20_000) }),
        ]
        for (const record of [...inOrder].reverse()) house.store.keep(record)
        rest(house)
        const dropped: KeptRecord[] = []
        for (let room = 4 * weigh(inOrder); room >= 0; room -= 50) dropped.push(...(await house.store.trim(room, 0)))
        expect(dropped).toEqual(inOrder)
      })

      it('leaves no more than fits', async () => {
        const house = await openWith()
        const records = recordsWith(20)
        records.forEach(house.store.keep)
        rest(house)
        const room = weigh(records.slice(0, 12))
        const dropped = await house.store.trim(room, 0)
        const left = await drain(house)
        expect(dropped.length + left.length).toBe(20)
        expect(weigh(left)).toBeLessThanOrEqual(room)
        expect(left.length).toBeGreaterThan(0)
      })

      it('drops nothing while all segments together are within the bound', async () => {
        const house = await openWith()
        const records = recordsWith(20)
        records.forEach(house.store.keep)
        rest(house)
        expect(await trimmed(house, weigh(records) + 1)).toEqual([])
      })

      it('drops none that was settled', async () => {
        const house = await openWith()
        const records = recordsWith(4)
        records.forEach(house.store.keep)
        await house.store.settle(records.slice(0, 3), never)
        rest(house)
        expect(namesOf(await house.store.trim(0, 0))).toEqual(['Event3'])
      })
    })

    describe('the presence', () => {
      const presence = (rev: number): Presence => ({
        rev,
        globalVisitID: 'g',
        visit: { visitID: 'v', globalVisitID: 'g', startDate: start, languageCode: 'de', userAgent: 'a browser' },
        session: null,
        active: start,
        left: false,
      })

      it('is nothing at first, and then what was decided', async () => {
        const { store } = await openWith()
        const seen: (Presence | undefined)[] = []
        for (const rev of [1, 2])
          await store.change(before => {
            seen.push(before)
            return presence(rev)
          })
        expect(seen).toEqual([undefined, presence(1)])
      })

      it('counts both of two changes at once', async () => {
        const { store } = await openWith()
        const more = (before: Presence | undefined): Presence => presence((before?.rev ?? 0) + 1)
        await Promise.all([store.change(more), store.change(more), store.change(more)])
        let last = 0
        await store.change(before => {
          last = before?.rev ?? 0
          return presence(0)
        })
        expect(last).toBe(3)
      })

      it('is what was remembered last', async () => {
        const { store } = await openWith()
        store.remember(presence(5))
        store.remember(presence(7))
        let rev = 0
        await store.change(before => {
          rev = before?.rev ?? 0
          return presence(8)
        })
        expect(rev).toBe(7)
      })

      it('knows the last activity that was noted, and nothing else of it changes', async () => {
        const { store } = await openWith()
        await store.change(() => presence(5))
        store.touch(start + 9000, 'tab', null)
        const seen: (Presence | undefined)[] = []
        await store.change(before => {
          seen.push(before)
          return presence(7)
        })
        expect(seen).toEqual([{ ...presence(5), active: start + 9000 }])
      })

      it('takes a will and takes it back, and the presence knows nothing of either', async () => {
        const { store } = await openWith()
        const [will] = recordsWith(1) as [KeptRecord]
        await store.change(() => presence(5))
        store.touch(start, 'tab', will)
        store.touch(start, 'tab', null)
        expect(await store.wills(start + 10_000, 1000)).toEqual([])
        expect(await store.count()).toBe(0)
      })

      it('keeps what is kept while it is decided', async () => {
        const house = await openWith()
        await house.store.change(() => {
          recordsWith(3).forEach(house.store.keep)
          house.store.commit()
          return presence(1)
        })
        rest(house)
        expect(await house.store.owed()).toHaveLength(3)
      })
    })

    it('leases the right to send to its holder, and again while it lasts', async () => {
      const { store } = await openWith()
      expect(await store.lease('a', start, start + 1000)).toBe(true)
      expect(await store.lease('a', start + 500, start + 1500)).toBe(true)
    })

    it('forgets everything', async () => {
      const house = await openWith()
      recordsWith(3).forEach(house.store.keep)
      rest(house)
      await house.store.settle((await house.store.owed()).slice(0, 1), always)
      house.store.remember({ rev: 1, globalVisitID: 'g', visit: null, session: null, active: 0, left: false })
      recordsWith(3).forEach(house.store.keep)
      await house.store.purge()
      const seen: unknown[] = []
      await house.store.change(before => {
        seen.push(before)
        return { rev: 1, globalVisitID: 'g', visit: null, session: null, active: 0, left: false }
      })
      expect(seen).toEqual([undefined])
      for (let turn = 0; turn < 2; turn++) {
        rest(house)
        expect(await house.store.owed()).toEqual([])
        expect(await house.store.all()).toEqual([])
        expect(await house.store.count()).toBe(0)
      }
    })

    it('keeps what is kept after it has forgotten', async () => {
      const house = await openWith()
      recordsWith(3).forEach(house.store.keep)
      await house.store.purge()
      recordsWith(1).forEach(house.store.keep)
      rest(house)
      expect(await house.store.owed()).toHaveLength(1)
    })
  })
}
