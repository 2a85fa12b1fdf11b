import { listedTail } from './tail.js'
import 'fake-indexeddb/auto'
import { IDBFactory } from 'fake-indexeddb'
import type { KeptRecord } from '../../src/record/event.js'
import { openIndexedDb } from '../../src/store/indexeddb.js'
import type { Store } from '../../src/store/store.js'
import type { StoreHouse } from '../contracts/store.js'
import { fakeClock } from './clock.js'

export const databaseNamed = 'sojourn-test'

/** A browser of its own: no database in it. */
export function emptyBrowser(): IDBFactory {
  const factory = new IDBFactory()
  globalThis.indexedDB = factory
  return factory
}

export interface DatabaseHouse extends StoreHouse {
  /** What was written beside the database. */
  readonly tail: ReturnType<typeof listedTail>
  /** Closes the store as a dying page would, and opens another. */
  readonly reopen: () => Promise<Store>
  /** A tab more on the same database. */
  readonly openTab: () => Promise<Store>
  readonly spilled: KeptRecord[]
  readonly closed: string[]
}

/** The database of a browser of its own, in one tab, on a clock that is moved by hand. */
export async function databaseWith(): Promise<DatabaseHouse> {
  emptyBrowser()
  const clock = fakeClock()
  const spilled: KeptRecord[] = []
  const closed: string[] = []
  const tail = listedTail()
  let tabs = 0
  const openTab = (): Promise<Store> => {
    const name = `tab ${++tabs}`
    return openIndexedDb({
      name: databaseNamed,
      now: clock.now,
      wait: clock.wait,
      tail,
      onSpill: records => void spilled.push(...records),
      onKept: () => {},
      onClose: () => void closed.push(name),
    })
  }
  const store = await openTab()
  const reopen = async (): Promise<Store> => {
    store.close()
    return openTab()
  }
  return { store, clock, tail, openTab, reopen, spilled, closed }
}

/** What lies in one object store of the database, key by key. */
export function contentOf(store: string): Promise<Map<string, unknown>> {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open(databaseNamed)
    opening.onerror = () => reject(opening.error)
    opening.onsuccess = () => {
      const tx = opening.result.transaction(store)
      const keys = tx.objectStore(store).getAllKeys()
      const values = tx.objectStore(store).getAll()
      tx.oncomplete = () => {
        opening.result.close()
        resolve(new Map(keys.result.map((key, at) => [key as string, values.result[at] as unknown])))
      }
    }
  })
}
