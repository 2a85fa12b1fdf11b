import { describe, expect, it } from 'vitest'
import { charsOf, type KeptRecord } from '../../src/record/event.js'
import { maxDepth, segmentGuardMs, segmentMs } from '../../src/record/limits.js'
import { openIndexedDb } from '../../src/store/indexeddb.js'
import type { Store } from '../../src/store/store.js'
import { rest } from '../contracts/store.js'
import { fakeClock, start } from '../helpers/clock.js'
import { contentOf, databaseNamed, databaseWith, emptyBrowser } from '../helpers/database.js'
import { timedIds } from '../helpers/ids.js'
import { recordsWith, tabWith } from '../helpers/tab.js'
import { listedTail } from '../helpers/tail.js'

const never = (): boolean => false
const always = (): boolean => true
const seqs = (records: readonly KeptRecord[]): number[] => records.map(record => record.seq).sort((a, b) => a - b)

describe('segments', () => {
  it('are appended to in turn', async () => {
    const house = await databaseWith()
    recordsWith(2).forEach(house.store.keep)
    rest(house)
    await Promise.resolve()
    recordsWith(3).forEach(house.store.keep)
    rest(house)
    await Promise.resolve()
    recordsWith(4).forEach(house.store.keep)
    expect([(await contentOf('owed0')).size, (await contentOf('owed1')).size]).toEqual([6, 3])
  })

  it('are read only while they are not appended to', async () => {
    const house = await databaseWith()
    recordsWith(2).forEach(house.store.keep)
    house.clock.advance(segmentMs - 1000)
    expect(await house.store.owed()).toEqual([])
    rest(house)
    expect(await house.store.owed()).toHaveLength(2)
  })

  it('are left alone in the moments before they are appended to again', async () => {
    const house = await databaseWith()
    recordsWith(2).forEach(house.store.keep)
    rest(house)
    house.clock.advance(segmentMs - segmentGuardMs + 50)
    const before = house.clock.now()
    expect(await house.store.owed()).toEqual([])
    expect(Math.floor(house.clock.now() / segmentMs)).toBe(Math.floor(before / segmentMs) + 1)
  })

  it('give the records of every tab', async () => {
    const house = await databaseWith()
    const other = await house.openTab()
    recordsWith(2).forEach(house.store.keep)
    recordsWith(3).forEach(other.keep)
    rest(house)
    expect(await house.store.owed()).toHaveLength(5)
  })
})

describe('a page that dies', () => {
  it('leaves all that it has kept', async () => {
    const house = await databaseWith()
    recordsWith(50).forEach(house.store.keep)
    const next = await house.reopen()
    rest(house)
    expect(await next.owed()).toHaveLength(50)
  })

  it('leaves the next page to count and to read what it has kept in either segment', async () => {
    const house = await databaseWith()
    recordsWith(2).forEach(house.store.keep)
    house.store.commit()
    rest(house)
    recordsWith(3).forEach(house.store.keep)
    const counting = await house.reopen()
    expect(await counting.count()).toBe(5)
    counting.close()
    const reading = await house.openTab()
    const first = await reading.owed()
    await reading.settle(first, never)
    const second = await reading.owed()
    await reading.settle(second, never)
    expect(new Set([first.length, second.length])).toEqual(new Set([2, 3]))
    expect(await reading.owed()).toEqual([])
  })

  it('never owes again what it had settled before it could delete it', async () => {
    const house = await databaseWith()
    const records = recordsWith(4)
    records.forEach(house.store.keep)
    await house.store.settle(records.slice(0, 3), never)
    const next = await house.reopen()
    rest(house)
    expect(await next.owed()).toEqual(records.slice(3))
    expect((await contentOf('owed0')).size).toBe(4)
    rest(house)
    rest(house)
    expect(await next.owed()).toEqual(records.slice(3))
    expect((await contentOf('owed0')).size).toBe(1)
    expect((await contentOf('history')).size).toBe(0)
  })

  it('leaves what lies behind a whole batch that it had settled', async () => {
    const house = await databaseWith()
    const records = recordsWith(700)
    records.forEach(house.store.keep)
    await house.store.settle(records.slice(0, 650), never)
    const next = await house.reopen()
    rest(house)
    expect(await next.owed()).toEqual(records.slice(650))
  })

  it('never owes again what it had settled, though the next page sweeps before it can read', async () => {
    const house = await databaseWith()
    const records = recordsWith(4)
    records.forEach(house.store.keep)
    await house.store.settle(records.slice(0, 3), never)
    const next = await house.reopen()
    await next.sweep(never)
    rest(house)
    expect(await next.owed()).toEqual(records.slice(3))
  })

  it('leaves its history to the next page', async () => {
    const house = await databaseWith()
    const records = recordsWith(3)
    records.forEach(house.store.keep)
    await house.store.settle(records, always)
    const next = await house.reopen()
    rest(house)
    expect(await next.owed()).toEqual([])
    rest(house)
    rest(house)
    expect(await next.owed()).toEqual([])
    expect(seqs(await next.all())).toEqual(seqs(records))
  })

  it('leaves the presence to the next page', async () => {
    const house = await databaseWith()
    house.store.remember(tabWith().signIn(0, 'anna').writer.presence())
    const next = await house.reopen()
    let identityId: string | undefined
    await next.change(before => {
      identityId = before?.session?.identityId
      return before!
    })
    expect(identityId).toBe('anna')
  })
})

describe('what is too much', () => {
  it('is dropped at one look from both segments, until the rest fits', async () => {
    const house = await databaseWith()
    const [old, young] = [recordsWith(10), recordsWith(10)]
    old.forEach(house.store.keep)
    house.store.commit()
    rest(house)
    young.forEach(house.store.keep)
    house.store.commit()
    const room = young.slice(0, 6).reduce((sum, record) => sum + charsOf(record), 0)
    const dropped = await house.store.trim(room, 0)
    expect(await house.store.count()).toBe(20 - dropped.length)
    expect(20 - dropped.length).toBeLessThanOrEqual(6)
  })
})

describe('what is too old', () => {
  const since = start - 60_000
  const idsAt = (at: number) => timedIds(() => start - at)
  const agedWith = async () => {
    const house = await databaseWith()
    const old = recordsWith(10, { makeId: idsAt(90_000) })
    const young = recordsWith(2, { makeId: idsAt(10_000), identityId: '' })
    for (const record of [...old, ...young]) house.store.keep(record)
    house.store.commit()
    rest(house)
    return { ...house, old, young }
  }
  /** A whole number of turns, so that the same segment is at rest. */
  const day = (house: { clock: { advance(ms: number): void } }, days = 1): void =>
    house.clock.advance(days * 24 * 3_600_000)

  it('is dropped once it has been so for a day, and no younger one with it', async () => {
    const house = await agedWith()
    expect(await house.store.trim(1e6, since)).toEqual([])
    day(house)
    expect(seqs(await house.store.trim(1e6, since))).toEqual(seqs(house.old))
    expect(await house.store.owed()).toHaveLength(2)
  })

  it('makes room: what fits without it is kept', async () => {
    const house = await agedWith()
    const room = 2 * house.young.reduce((sum, record) => sum + charsOf(record), 0)
    await house.store.trim(1e6, since)
    day(house)
    expect(await house.store.trim(room, since)).toHaveLength(house.old.length)
  })

  it('is not dropped where the clock was a year ahead for a while', async () => {
    const house = await databaseWith()
    recordsWith(3).forEach(house.store.keep)
    house.store.commit()
    rest(house)
    day(house, 365)
    expect(await house.store.trim(1e6, house.clock.now() - 60_000)).toEqual([])
    day(house, -365)
    expect(await house.store.trim(1e6, house.clock.now() - 60_000)).toEqual([])
    day(house, 366)
    expect(await house.store.trim(1e6, house.clock.now() - 60_000)).toEqual([])
    expect(await house.store.count()).toBe(3)
  })

  it('is never what a clock of 1970 has made, for nobody knows when', async () => {
    const house = await databaseWith()
    recordsWith(3, { makeId: timedIds(() => 1000) }).forEach(house.store.keep)
    house.store.commit()
    rest(house)
    expect(await house.store.trim(1e6, since)).toEqual([])
    day(house, 2)
    expect(await house.store.trim(1e6, since)).toEqual([])
  })
})

describe('a clock that stands still', () => {
  it('hangs no reader, whatever it stands at', async () => {
    for (const at of [0, segmentMs - segmentGuardMs, segmentMs - 1]) {
      emptyBrowser()
      const parts = {
        name: databaseNamed,
        wait: async () => {},
        tail: listedTail(),
        onSpill() {},
        onKept() {},
        onClose() {},
      }
      const before = await openIndexedDb({ ...parts, now: () => start + at })
      recordsWith(2).forEach(before.keep)
      before.close()
      const store = await openIndexedDb({ ...parts, now: () => start + at })
      expect(await store.owed(true)).toEqual([])
      expect(await store.count()).toBe(0)
      expect(await store.all()).toEqual([])
    }
  })
})

describe('the will of a page', () => {
  it('is read once it was not renewed for long, and once only', async () => {
    const house = await databaseWith()
    const [will, other] = recordsWith(2) as [KeptRecord, KeptRecord]
    house.store.touch(start, 'dead', will)
    house.clock.advance(5000)
    house.store.touch(start, 'alive', other)
    expect(await house.store.wills(start + 5000, 5000)).toEqual([])
    expect(await house.store.wills(start + 5001, 5000)).toEqual([will])
    expect(await house.store.wills(start + 5001, 5000)).toEqual([])
    expect(await house.store.wills(start + 60_000, 5000)).toEqual([other])
  })

  it('is read though the clock was set back by more than that since', async () => {
    const house = await databaseWith()
    const [will] = recordsWith(1) as [KeptRecord]
    house.store.touch(start, 'dead', will)
    expect(await house.store.wills(start - 5001, 5000)).toEqual([will])
  })

  it('is the last that it made', async () => {
    const house = await databaseWith()
    const [first, last] = recordsWith(2) as [KeptRecord, KeptRecord]
    house.store.touch(start, 'dead', first)
    house.store.touch(start, 'dead', last)
    expect(await house.store.wills(start + 60_000, 5000)).toEqual([last])
  })
})

describe('two tabs', () => {
  it('never owe in one what the other has settled from memory', async () => {
    const house = await databaseWith()
    const other = await house.openTab()
    const records = recordsWith(4)
    records.forEach(house.store.keep)
    await house.store.settle(records.slice(0, 2), never)
    rest(house)
    expect(await other.owed()).toHaveLength(2)
  })

  it('keep what nobody has settled, though both delete what one has settled', async () => {
    const house = await databaseWith()
    const other = await house.openTab()
    // Anonymous records of a young page load and signed-in ones of an old: the others’ keys lie between.
    const mine = [
      ...recordsWith(1, { identityId: '', makeId: timedIds(() => start) }),
      ...recordsWith(1, { makeId: timedIds(() => start) }),
    ]
    mine.forEach(house.store.keep)
    await house.store.settle(mine, never)
    rest(house)
    // The other tab reads the segment first, and deletes what we have settled.
    await other.owed()
    await other.owed()
    rest(house)
    const theirs = recordsWith(2, { makeId: timedIds(() => start - 60_000) })
    theirs.forEach(other.keep)
    rest(house)
    await house.store.owed()
    expect(seqs(await other.owed())).toEqual(seqs(theirs))
  })

  it('keep history for local queries, though the other tab deletes what was settled', async () => {
    const house = await databaseWith()
    const other = await house.openTab()
    const records = recordsWith(3)
    records.forEach(house.store.keep)
    await house.store.settle(records, always)
    rest(house)
    expect(await other.owed()).toEqual([])
    expect(await other.owed()).toEqual([])
    expect(seqs(await house.store.all())).toEqual(seqs(records))
  })

  it('lease the right to send to one of them, until it lapses or is given back', async () => {
    const house = await databaseWith()
    const other = await house.openTab()
    expect(await house.store.lease('a', start, start + 1000)).toBe(true)
    expect(await other.lease('b', start + 900, start + 1900)).toBe(false)
    expect(await other.lease('b', start + 1001, start + 2000)).toBe(true)
    expect(await house.store.lease('a', start + 1500, start + 2500)).toBe(false)
    await other.lease('b', start + 1600, 0)
    expect(await house.store.lease('a', start + 1600, start + 2600)).toBe(true)
  })

  it('do not wait a year for a lease that was taken by a clock a year ahead', async () => {
    const house = await databaseWith()
    const year = 365 * 24 * 3_600_000
    await house.store.lease('a', start + year, start + year + 1000)
    expect(await house.store.lease('b', start, start + 1000)).toBe(true)
  })

  it('undo no sign-in of each other by being used', async () => {
    const house = await databaseWith()
    const other = await house.openTab()
    const signedIn = tabWith().signIn(0, 'anna').writer.presence()
    await house.store.change(() => signedIn)
    other.touch(start + 9000, 'tab', null)
    let seen: unknown
    await house.store.change(before => {
      seen = before
      return signedIn
    })
    expect(seen).toEqual({ ...signedIn, active: start + 9000 })
  })

  it('change the presence one after the other', async () => {
    const house = await databaseWith()
    const other = await house.openTab()
    const base = tabWith().writer.presence()
    await Promise.all(
      [house.store, other, house.store, other].map(store =>
        store.change(before => ({ ...base, rev: (before?.rev ?? 0) + 1 })),
      ),
    )
    let rev = 0
    await other.change(before => {
      rev = before?.rev ?? 0
      return base
    })
    expect(rev).toBe(4)
  })
})

describe('trouble', () => {
  it('gives back the records of a transaction that fails, and owes none of them', async () => {
    const house = await databaseWith()
    const records = recordsWith(3)
    await keepAndFail(house.store, records)
    expect(house.spilled).toEqual(records)
    rest(house)
    expect(await house.store.owed()).toEqual([])
  })

  it('keeps what nobody has settled, though of what is settled some never reached the disk', async () => {
    const house = await databaseWith()
    const records = recordsWith(4) as [KeptRecord, KeptRecord, KeptRecord, KeptRecord]
    const [kept, lost, unsettled, last] = records
    house.store.keep(kept)
    await contentOf('owed0')
    await keepAndFail(house.store, [lost])
    for (const record of [unsettled, last]) house.store.keep(record)
    await house.store.settle([lost, last], never)
    rest(house)
    expect(await house.store.owed()).toEqual([kept, unsettled])
  })

  it('gives back what cannot be kept any more once it is closed', async () => {
    const house = await databaseWith()
    const records = recordsWith(2)
    house.store.close()
    records.forEach(house.store.keep)
    expect(house.spilled).toEqual(records)
  })

  it('lets go of the database when a newer version wants it, and tells so', async () => {
    const house = await databaseWith()
    await new Promise((resolve, reject) => {
      const upgrade = indexedDB.open(databaseNamed, 99)
      upgrade.onsuccess = resolve
      upgrade.onerror = reject
      upgrade.onblocked = reject
    })
    expect(house.closed).toEqual(['tab 1'])
  })

  it('keeps and owes in a database of a newer version, which has added to ours', async () => {
    const house = await databaseWith()
    recordsWith(2).forEach(house.store.keep)
    house.store.close()
    await new Promise(resolve => {
      const upgrade = indexedDB.open(databaseNamed, 99)
      upgrade.onupgradeneeded = () => upgrade.result.createObjectStore('more')
      upgrade.onsuccess = () => {
        upgrade.result.close()
        resolve(undefined)
      }
    })
    const store = await house.openTab()
    recordsWith(1).forEach(store.keep)
    rest(house)
    expect(await store.owed()).toHaveLength(3)
  })

  it('rejects where the database cannot be opened', async () => {
    emptyBrowser().open = () => {
      throw new DOMException('denied', 'SecurityError')
    }
    const { clock, tail } = { clock: fakeClock(), tail: listedTail() }
    const parts = {
      name: databaseNamed,
      now: clock.now,
      wait: clock.wait,
      tail,
      onSpill() {},
      onKept() {},
      onClose() {},
    }
    await expect(openIndexedDb(parts)).rejects.toMatchObject({ name: 'SecurityError' })
  })

  it('forgets what is settled though there is no room for history, which a full store has not', async () => {
    const house = await databaseWith()
    recordsWith(3).forEach(house.store.keep)
    rest(house)
    const owed = await house.store.owed()
    await withFullStore(async () => {
      await house.store.settle(owed, () => true)
      expect(await house.store.owed()).toEqual([])
    })
    expect(await house.store.all()).toEqual([])
    expect(await house.store.count()).toBe(0)
  })
})

/** Runs while each transaction that puts something fails at its end, as it does where the quota is used up. */
async function withFullStore(run: () => Promise<void>): Promise<void> {
  const { put } = IDBObjectStore.prototype
  const { commit } = IDBTransaction.prototype
  const growing = new WeakSet<IDBTransaction>()
  IDBObjectStore.prototype.put = function (this: IDBObjectStore, ...args: Parameters<typeof put>) {
    growing.add(this.transaction)
    return put.apply(this, args)
  }
  IDBTransaction.prototype.commit = function (this: IDBTransaction) {
    if (growing.has(this)) this.abort()
    else commit.call(this)
  }
  try {
    await run()
  } finally {
    IDBObjectStore.prototype.put = put
    IDBTransaction.prototype.commit = commit
  }
}

/** Keeps records in one task, whose transaction the browser aborts: none of them is on disk. */
async function keepAndFail(store: Store, records: readonly KeptRecord[]): Promise<void> {
  const raw = IDBObjectStore.prototype.put
  let last: IDBTransaction | undefined
  IDBObjectStore.prototype.put = function (this: IDBObjectStore, ...args: Parameters<typeof raw>) {
    last = this.transaction
    return raw.apply(this, args)
  }
  records.forEach(store.keep)
  IDBObjectStore.prototype.put = raw
  store.commit()
  queueMicrotask(() => abort(last))
  await store.count()
}

/** As a browser does it when the disk is full: after the commit has been asked for. */
function abort(tx: IDBTransaction | undefined): void {
  const abortInside = Reflect.get(tx as IDBTransaction, '_abort') as (name: string) => void
  abortInside.call(tx, 'QuotaExceededError')
}

describe('a storage process that is behind', () => {
  const tasks = async (house: { store: Store }, records: readonly KeptRecord[]): Promise<void> => {
    for (const record of records) {
      house.store.keep(record)
      // The task ends, but none of its transactions is done.
      await Promise.resolve()
    }
  }

  it('has what it is given written to the tail too, until it is done with it', async () => {
    const house = await databaseWith()
    const records = recordsWith(8)
    await tasks(house, records)
    expect(house.tail.added.map(({ id }) => id)).toEqual(records.slice(maxDepth).map(({ id }) => id))
    await expect.poll(() => house.tail.standing.size).toBe(0)
    rest(house)
    expect(await house.store.owed()).toEqual(records)
  })

  it('has nothing written beside it while it keeps up', async () => {
    const house = await databaseWith()
    for (const record of recordsWith(8)) {
      house.store.keep(record)
      // A reader's turn comes when all that was asked before it is done.
      await contentOf('owed0')
    }
    recordsWith(200).forEach(house.store.keep)
    expect(house.tail.added).toEqual([])
  })
})
