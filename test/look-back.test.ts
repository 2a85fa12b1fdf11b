import { describe, expect, it } from 'vitest'
import { createLookBack } from '../src/look-back.js'
import type { Call } from '../src/record/call.js'
import { idleLimitMs, lateMs } from '../src/record/limits.js'
import { idsOf, type Parcel, type Run } from '../src/record/parcel.js'
import { createSpill } from '../src/store/spill.js'
import { createStorage } from '../src/testing/storage.js'
import { start } from './helpers/clock.js'
import { type Content, databaseWith, writeEntries } from './helpers/database.js'
import { legacyKey, legacyRecord } from './helpers/legacy.js'
import { parcelWith } from './helpers/parcels.js'
import { namesOf, recordsWith, type Tab, tabWith } from './helpers/tab.js'

/** A page that looks for what earlier pages left. Of other pages those in `alive` answer that they live; `null`: nobody can. */
async function lookBackWith({ alive = new Set(), old }: { alive?: ReadonlySet<string> | null; old?: Content } = {}) {
  const { connection: database, store } = await databaseWith(old)
  const storage = createStorage()
  const records: Run[] = []
  const tab: Tab = tabWith({ keep: record => void records.push(record) })
  const house = { adopted: [] as Parcel[], taken: 0, damaged: 0, hasLeftovers: false }
  const lookBack = createLookBack({
    pageLoad: 'here',
    idleLimitMs,
    database,
    store,
    spill: createSpill('k', 'here', () => storage),
    keeper: {
      add: record => void records.push(record),
      ship() {},
      adopt: parcels => void house.adopted.push(...parcels),
      fail: () => expect.unreachable(),
    } as never,
    writer: tab.writer,
    makeWriter: () => tabWith({ keep: record => void records.push(record) }).writer,
    findAlive: async () => alive,
    outbox: { hasLeftovers: async () => house.hasLeftovers } as never,
    deviceTime: () => start + lateMs,
    onAdopt(count) {
      house.taken += count
    },
    onDrop(count, own, reason) {
      expect([own, reason]).toEqual([0, 'damaged'])
      house.damaged += count
    },
  })
  /** The spill of another page load. */
  const spillOf = (pageLoad: string) => createSpill('k', pageLoad, () => storage)
  const leaveOrphan = (from: string, exit: Run, at: number, isFrozen = false): Promise<void> =>
    store.note(tab.writer.openState(), false, from, { exit, at, isFrozen })
  return Object.assign(house, { lookBack, store, storage, records, tab, spillOf, leaveOrphan })
}

const exitOf = (): Run => tabWith().page(0).signIn(1, 'anna').writer.orphanExit() as Run
const call = (id: string, name: string): Call => ({ id, at: start, data: '', verb: 'track', name })

describe('looking back', () => {
  it('finds nothing on a device where nothing was left', async () => {
    const house = await lookBackWith()
    expect(await house.lookBack.run()).toBe(false)
    expect([house.records, house.adopted, house.taken, house.damaged]).toEqual([[], [], 0, 0])
  })

  it('tells whether parcels of other pages lie there', async () => {
    const house = await lookBackWith()
    house.hasLeftovers = true
    expect(await house.lookBack.run()).toBe(true)
  })

  it('takes over what pages that are gone have spilled, once', async () => {
    const house = await lookBackWith()
    const parcel = parcelWith(3)
    house.spillOf('gone').save([call('a', 'Search')], [parcel], start, start)
    await house.lookBack.run()
    await house.lookBack.run()
    expect(house.adopted).toEqual([parcel])
    expect(namesOf(house.records)).toEqual(['VisitStarted', 'Search'])
    expect(idsOf(house.records)).toContain('a')
    expect([house.taken, house.damaged]).toEqual([3, 0])
  })

  it('knows the last activity of a page that went away, although nothing tells of it any more', async () => {
    const house = await lookBackWith()
    house.tab.page(0)
    house.spillOf('gone').save([], [parcelWith(1)], 0, start + 9000)
    await house.lookBack.run()
    expect(Object.keys(house.storage).length).toBe(0)
    expect(house.tab.writer.openState().active).toBe(start + 9000)
  })

  it('loses no other page’s calls because those of one page are damaged', async () => {
    const house = await lookBackWith()
    house.storage.setItem('sojourn-k:a', JSON.stringify({ at: 0, calls: [{ verb: 'track' }], text: '' }))
    house.spillOf('gone').save([call('a', 'Search')], [], 0, start)
    await house.lookBack.run()
    expect(namesOf(house.records)).toContain('Search')
    expect(house.damaged).toBe(1)
  })

  it('moves records of version 1 into parcels', async () => {
    const records = recordsWith(3).map(legacyRecord)
    const house = await lookBackWith({
      old: { owed0: [...records.map(one => [legacyKey(one), one] as [string, unknown]), ['junk', 5]] },
    })
    await house.lookBack.run()
    expect(await house.store.keys(undefined, 10)).toHaveLength(1)
    expect(house.damaged).toBe(1)
  })
})

describe('the orphan exit of a page', () => {
  it('is taken over where the page does not answer, and is gone then', async () => {
    const house = await lookBackWith()
    const exit = exitOf()
    await house.leaveOrphan('dead', exit, start)
    await house.lookBack.run()
    await house.lookBack.run()
    expect(idsOf(house.records)).toEqual(idsOf([exit]))
    expect([house.taken, (await house.store.orphans('here')).size]).toEqual([1, 0])
  })

  it('stays while the page lives, or is frozen and cannot answer', async () => {
    const house = await lookBackWith({ alive: new Set(['alive']) })
    await house.leaveOrphan('alive', exitOf(), start)
    await house.leaveOrphan('frozen', exitOf(), start, true)
    await house.lookBack.run()
    expect([house.records, (await house.store.orphans('here')).size]).toEqual([[], 2])
  })

  it('is taken over after the idle limit alone where nobody can answer, or the page was frozen', async () => {
    for (const alive of [null, new Set<string>()]) {
      const house = await lookBackWith({ alive })
      await house.leaveOrphan('young', exitOf(), start + lateMs - idleLimitMs + 1, true)
      await house.leaveOrphan('old', exitOf(), start + lateMs - idleLimitMs - 1, true)
      await house.lookBack.run()
      expect([...(await house.store.orphans('here')).keys()]).toEqual(['young'])
      expect(house.records).toHaveLength(1)
    }
  })

  it('is taken over although the clock was set back far since it was written', async () => {
    const house = await lookBackWith({ alive: null })
    await house.leaveOrphan('ahead', exitOf(), start + 365 * 24 * 3_600_000)
    await house.lookBack.run()
    expect(house.records).toHaveLength(1)
  })

  it('is not taken over, but deleted, where the page said that it had left', async () => {
    const house = await lookBackWith()
    await house.leaveOrphan('departed', exitOf(), start)
    house.spillOf('departed').save([], [parcelWith(1)], 0, start)
    await house.lookBack.run()
    expect([house.records, (await house.store.orphans('here')).size]).toEqual([[], 0])
  })

  it('is counted as damaged and deleted where it is junk', async () => {
    const house = await lookBackWith({ alive: new Set(['a']) })
    await writeEntries('state', [
      ['will:a', 5],
      ['will:b', { record: {}, at: start }],
    ])
    await house.lookBack.run()
    expect([house.damaged, (await house.store.orphans('here')).size]).toEqual([2, 0])
  })

  it('is no damage where its page leaves just as another one looks', async () => {
    const house = await lookBackWith({ alive: new Set(['a']) })
    await house.leaveOrphan('a', exitOf(), start)
    const looking = house.lookBack.run()
    await house.store.removeOrphans(['a'])
    await looking
    expect([house.damaged, house.records]).toEqual([0, []])
  })

  it('is never that of this page', async () => {
    const house = await lookBackWith()
    await house.leaveOrphan('here', exitOf(), 0)
    await house.lookBack.run()
    await house.lookBack.takeStale()
    expect(house.records).toEqual([])
    expect((await house.store.orphans('other')).size).toBe(1)
  })

  it('is not taken over, but deleted, where this page goes on with that page after a stop', async () => {
    const house = await lookBackWith()
    house.tab.page(0)
    await house.leaveOrphan('stopped', house.tab.writer.orphanExit() as Run, start)
    await house.lookBack.run()
    expect(namesOf(house.records)).not.toContain('PageExited')
    expect([house.taken, (await house.store.orphans('here')).size]).toEqual([0, 0])
  })

  it('is taken over at once where it names a session that is not open any more', async () => {
    const house = await lookBackWith({ alive: new Set(['signed-in', 'anonymous']) })
    await house.leaveOrphan('signed-in', exitOf(), start + lateMs)
    await house.leaveOrphan('anonymous', tabWith().page(0).writer.orphanExit() as Run, start + lateMs)
    await house.lookBack.takeStale()
    expect([...(await house.store.orphans('here')).keys()]).toEqual(['anonymous'])
    expect(house.records).toHaveLength(1)
  })

  it('is taken over at once with all that its page had left in localStorage', async () => {
    const house = await lookBackWith()
    const [gone, alive] = [parcelWith(1), parcelWith(1)]
    house.spillOf('gone').save([], [gone], 0, start)
    house.spillOf('alive').save([], [alive], start + lateMs, start)
    await house.lookBack.takeStale()
    expect(house.adopted).toEqual([gone])
  })
})
