import { afterEach, describe, expect, it } from 'vitest'
import type { KeptRecord } from '../../src/record/event.js'
import { openTimeoutMs, storeRetryMs } from '../../src/record/limits.js'
import { createOriginStore, type OriginStore } from '../../src/store/origin.js'
import { rest } from '../contracts/store.js'
import { type FakeClock, fakeClock } from '../helpers/clock.js'
import { contentOf, databaseNamed, emptyBrowser } from '../helpers/database.js'
import { recordsWith, tabWith } from '../helpers/tab.js'
import { listedTail } from '../helpers/tail.js'

const never = (): boolean => false
const open: OriginStore[] = []
afterEach(() => {
  for (const store of open.splice(0)) store.close()
})

/** One page’s store in the browser as it stands; the time limit runs out when told. */
function originWith(
  onLate = (): void => {},
  onLost = (): void => {},
): {
  store: OriginStore
  clock: FakeClock
  troubles: unknown[]
  runOut: () => void
  waited: number[]
  tail: ReturnType<typeof listedTail>
} {
  const clock = fakeClock()
  const troubles: unknown[] = []
  const waited: number[] = []
  let runOut = (): void => {}
  const limit = new Promise<void>(resolve => {
    runOut = resolve
  })
  const wait = (ms: number): Promise<void> => {
    waited.push(ms)
    return waited.length === 1 ? limit : clock.wait(ms)
  }
  const tail = listedTail()
  const store = createOriginStore(
    { name: databaseNamed, now: clock.now, wait, tail },
    cause => void troubles.push(cause),
    onLate,
    onLost,
  )
  open.push(store)
  void store.open()
  return { store, clock, troubles, runOut, waited, tail }
}

const opened = async (store: OriginStore): Promise<void> => {
  for (let i = 0; i < 200 && store.kind() !== 'indexeddb'; i++) await new Promise(resolve => setImmediate(resolve))
  expect(store.kind()).toBe('indexeddb')
}

const seqs = (records: readonly KeptRecord[]): number[] => records.map(record => record.seq).sort((a, b) => a - b)

/** All that lies in the database as owed. */
async function onDisk(): Promise<number> {
  return (await contentOf('owed0')).size + (await contentOf('owed1')).size
}

describe('where the database opens', () => {
  it('keeps records in it', async () => {
    emptyBrowser()
    const house = originWith()
    expect(house.store.kind()).toBe('opening')
    await house.store.open()
    expect(house.store.kind()).toBe('indexeddb')
    recordsWith(3).forEach(house.store.keep)
    expect(await onDisk()).toBe(3)
    rest(house)
    expect(await house.store.owed()).toHaveLength(3)
    expect(house.troubles).toEqual([])
  })

  it('gives it openTimeoutMs', async () => {
    emptyBrowser()
    const { store, waited } = originWith()
    await store.open()
    expect(waited[0]).toBe(openTimeoutMs)
  })

  it('owes nothing twice, whichever keeps it', async () => {
    emptyBrowser()
    const house = originWith()
    recordsWith(2).forEach(house.store.keep)
    await opened(house.store)
    recordsWith(2).forEach(house.store.keep)
    rest(house)
    expect(await house.store.owed()).toHaveLength(4)
    expect(await house.store.count()).toBe(4)
    expect(await house.store.all()).toHaveLength(4)
  })
})

describe('where there is no database', () => {
  const withoutDatabase = () => {
    Object.defineProperty(globalThis, 'indexedDB', { value: undefined, configurable: true, writable: true })
    return originWith()
  }

  it('keeps records in memory, by the same promise, and tells once', async () => {
    const { store, troubles } = withoutDatabase()
    await store.open()
    expect(store.kind()).toBe('memory')
    const records = recordsWith(3)
    records.forEach(store.keep)
    expect(await store.owed()).toEqual(records)
    await store.settle(records.slice(0, 2), never)
    expect(await store.owed()).toEqual(records.slice(2))
    expect(await store.count()).toBe(1)
    expect(troubles).toHaveLength(1)
  })

  it('decides the presence all the same', async () => {
    const { store } = withoutDatabase()
    await store.open()
    const presence = tabWith().signIn(0, 'anna').writer.presence()
    const seen: unknown[] = []
    for (let i = 0; i < 2; i++)
      await store.change(before => {
        seen.push(before)
        return presence
      })
    expect(seen).toEqual([undefined, presence])
  })

  it('keeps records in memory where opening is denied', async () => {
    const factory = emptyBrowser()
    factory.open = () => {
      throw new DOMException('denied', 'SecurityError')
    }
    const { store, troubles } = originWith()
    await store.open()
    expect(store.kind()).toBe('memory')
    expect(troubles).toMatchObject([{ name: 'SecurityError' }])
  })
})

describe('where opening never settles', () => {
  it('keeps records in memory once the time is up', async () => {
    const factory = emptyBrowser()
    factory.open = () => new (IDBOpenDBRequest as unknown as new () => IDBOpenDBRequest)()
    const { store, runOut } = originWith()
    expect(store.kind()).toBe('opening')
    runOut()
    await store.open()
    expect(store.kind()).toBe('memory')
    recordsWith(3).forEach(store.keep)
    expect(await store.owed()).toHaveLength(3)
  })
})

describe('where the database opens late', () => {
  /** A page whose time is up before the database is open. */
  const lateWith = async () => {
    emptyBrowser()
    const house = originWith()
    house.runOut()
    await house.store.open()
    expect(house.store.kind()).toBe('memory')
    return house
  }

  it('moves in what memory held, under the ids that it has', async () => {
    const house = await lateWith()
    const records = recordsWith(3)
    records.forEach(house.store.keep)
    await opened(house.store)
    rest(house)
    expect(await onDisk()).toBe(3)
    expect(seqs(await house.store.owed())).toEqual(seqs(records))
    expect(await house.store.count()).toBe(3)
  })

  it('moves in all that memory held, however much', async () => {
    const house = await lateWith()
    recordsWith(1200).forEach(house.store.keep)
    await opened(house.store)
    await new Promise(resolve => setTimeout(resolve, 20))
    expect(await onDisk()).toBe(1200)
  })

  it('moves in nothing that was settled in the meantime', async () => {
    const house = await lateWith()
    const records = recordsWith(3)
    records.forEach(house.store.keep)
    await house.store.settle(records.slice(0, 2), never)
    await opened(house.store)
    expect(await onDisk()).toBe(1)
  })

  it('moves in the presence that was decided in the meantime', async () => {
    const house = await lateWith()
    const presence = tabWith().signIn(0, 'anna').writer.presence()
    await house.store.change(() => presence)
    await opened(house.store)
    await house.store.count()
    expect(await contentOf('state')).toEqual(new Map([['presence', presence]]))
  })

  it('ends no session that the origin has open, and tells that it may have missed one', async () => {
    emptyBrowser()
    const other = originWith()
    await other.store.open()
    const signedIn = tabWith().signIn(0, 'anna').writer.presence()
    await other.store.change(() => signedIn)
    let late = 0
    const house = originWith(() => void late++)
    house.runOut()
    await house.store.open()
    await house.store.change(() => tabWith().page(5).writer.presence())
    await opened(house.store)
    await house.store.count()
    expect((await contentOf('state')).get('presence')).toMatchObject({ session: signedIn.session })
    expect(late).toBe(1)
  })
})

describe('where the database is lost', () => {
  it('keeps in memory what it refuses, and owes it', async () => {
    emptyBrowser()
    const house = originWith()
    await house.store.open()
    const raw = IDBDatabase.prototype.transaction
    IDBDatabase.prototype.transaction = () => {
      throw new DOMException('closing', 'InvalidStateError')
    }
    const records = recordsWith(3)
    records.forEach(house.store.keep)
    IDBDatabase.prototype.transaction = raw
    expect(house.troubles.length).toBeGreaterThan(0)
    rest(house)
    expect(await house.store.owed()).toEqual(records)
    await house.store.settle(records, never)
    expect(await house.store.owed()).toEqual([])
    expect(await house.store.count()).toBe(0)
  })

  it('opens it again when it was cleared away', async () => {
    emptyBrowser()
    const house = originWith()
    await house.store.open()
    await new Promise((resolve, reject) => {
      const erasing = indexedDB.deleteDatabase(databaseNamed)
      erasing.onsuccess = resolve
      erasing.onerror = reject
    })
    await opened(house.store)
    recordsWith(2).forEach(house.store.keep)
    rest(house)
    expect(await house.store.owed()).toHaveLength(2)
  })

  it('decides the presence in memory when the database does not answer, from what it last knew', async () => {
    emptyBrowser()
    const house = originWith()
    await house.store.open()
    const presence = tabWith().signIn(0, 'anna').writer.presence()
    await house.store.change(() => presence)
    const raw = IDBDatabase.prototype.transaction
    IDBDatabase.prototype.transaction = () => {
      throw new DOMException('closing', 'InvalidStateError')
    }
    const seen: unknown[] = []
    await house.store.change(before => {
      seen.push(before)
      return presence
    })
    IDBDatabase.prototype.transaction = raw
    expect(seen).toEqual([presence])
  })
})

describe('a database that fails for good', () => {
  /** Where each transaction fails at once, as in a database that is closing for ever. */
  const brokenWith = async () => {
    emptyBrowser()
    const house = originWith()
    await house.store.open()
    const raw = IDBDatabase.prototype.transaction
    let attempts = 0
    IDBDatabase.prototype.transaction = () => {
      attempts++
      throw new DOMException('broken', 'UnknownError')
    }
    const mend = (): void => {
      IDBDatabase.prototype.transaction = raw
    }
    mended.push(mend)
    return { ...house, attempts: () => attempts, mend }
  }
  const mended: (() => void)[] = []
  afterEach(() => {
    for (const mend of mended.splice(0)) mend()
  })

  it('is told once, and tried no more than every storeRetryMs', async () => {
    const { store, troubles, attempts, clock } = await brokenWith()
    recordsWith(1000).forEach(store.keep)
    expect(troubles).toHaveLength(1)
    expect(attempts()).toBe(1)
    expect(store.kind()).toBe('memory')
    expect(await store.owed()).toHaveLength(200)
    clock.advance(storeRetryMs)
    recordsWith(1000).forEach(store.keep)
    expect(troubles).toHaveLength(1)
    expect(attempts()).toBe(2)
  })

  it('is tried again after a clock was set back', async () => {
    const { store, attempts, clock } = await brokenWith()
    recordsWith(1).forEach(store.keep)
    clock.advance(-storeRetryMs)
    recordsWith(1).forEach(store.keep)
    expect(attempts()).toBe(2)
  })

  it('takes what memory held once it works again, and is told anew if it fails anew', async () => {
    const house = await brokenWith()
    const { store, troubles, clock, mend } = house
    recordsWith(300).forEach(store.keep)
    mend()
    clock.advance(storeRetryMs)
    recordsWith(1).forEach(store.keep)
    await expect.poll(onDisk).toBe(301)
    expect(store.kind()).toBe('indexeddb')
    expect(troubles).toHaveLength(1)
    IDBDatabase.prototype.transaction = () => {
      throw new DOMException('broken', 'UnknownError')
    }
    recordsWith(1).forEach(store.keep)
    expect(troubles).toHaveLength(2)
  })

  it('has what memory holds written to the tail, until it is settled', async () => {
    const { store, tail } = await brokenWith()
    const records = recordsWith(3)
    records.forEach(store.keep)
    expect([...tail.standing]).toEqual(records.map(({ id }) => id))
    await store.settle(records.slice(0, 2), never)
    expect([...tail.standing]).toEqual([records[2]?.id])
  })

  it('answers nothing, and hinders no sender', async () => {
    const { store, troubles } = await brokenWith()
    expect(await store.owed()).toEqual([])
    expect(await store.count()).toBe(0)
    await store.settle(recordsWith(1), never)
    await store.sweep(never)
    expect(troubles).toHaveLength(1)
  })

  it('is opened again where opening failed', async () => {
    const factory = emptyBrowser()
    const open = factory.open
    factory.open = () => {
      throw new DOMException('denied', 'UnknownError')
    }
    const { store, clock, troubles } = originWith()
    await store.open()
    recordsWith(2).forEach(store.keep)
    factory.open = open
    clock.advance(storeRetryMs)
    recordsWith(1).forEach(store.keep)
    await opened(store)
    await expect.poll(onDisk).toBe(3)
    expect(troubles).toHaveLength(1)
  })
})

describe('a store that lets go', () => {
  it('keeps the database from no one, and opens it again with what was recorded meanwhile', async () => {
    emptyBrowser()
    const { store } = originWith()
    await store.open()
    recordsWith(1).forEach(store.keep)
    store.pause()
    await new Promise((resolve, reject) => {
      const upgrade = indexedDB.open(databaseNamed, 99)
      upgrade.onsuccess = () => resolve(upgrade.result.close())
      upgrade.onblocked = reject
    })
    await store.open()
    recordsWith(1).forEach(store.keep)
    await opened(store)
    expect(await onDisk()).toBe(2)
  })

  it('takes over what another tab has decided meanwhile', async () => {
    emptyBrowser()
    const [frozen, other] = [originWith(), originWith()]
    await Promise.all([frozen.store.open(), other.store.open()])
    const before = tabWith().signIn(0, 'anna').writer.presence()
    await frozen.store.change(() => before)
    frozen.store.pause()
    const after = tabWith().adopt(before).signOut(100).signIn(200, 'berta').writer.presence()
    await other.store.change(() => after)
    await frozen.store.open()
    await opened(frozen.store)
    let seen: unknown
    await frozen.store.change(found => {
      seen = found
      return after
    })
    expect(seen).toEqual(after)
  })
})

describe('a store that is closed', () => {
  it('does not open again, and leaves what is on disk', async () => {
    emptyBrowser()
    const house = originWith()
    await house.store.open()
    recordsWith(2).forEach(house.store.keep)
    house.store.close()
    expect(house.store.kind()).toBe('memory')
    expect(await onDisk()).toBe(2)
  })

  it('lets go of a database that opens after it', async () => {
    emptyBrowser()
    const raw = IDBDatabase.prototype.close
    const closed: string[] = []
    IDBDatabase.prototype.close = function (this: IDBDatabase) {
      closed.push(this.name)
      raw.call(this)
    }
    const { store } = originWith()
    store.close()
    await store.open()
    IDBDatabase.prototype.close = raw
    expect(closed).toEqual([databaseNamed])
  })
})
