import 'fake-indexeddb/auto'
import { IDBFactory } from 'fake-indexeddb'
import { createDatabase, type Database } from '../../src/store/database.js'
import { createIndexed } from '../../src/store/indexed.js'
import type { Connection } from '../../src/store/key-value-store.js'
import type { StoreName } from '../../src/store/schema.js'
import { createStore } from '../../src/store/store.js'
import type { StoreHouse } from '../contracts/store.js'
import { fakeClock } from './clock.js'

export const databaseNamed = 'sojourn-test'

/** A browser of its own: no database in it. */
export function emptyBrowser(): IDBFactory {
  const factory = new IDBFactory()
  globalThis.indexedDB = factory
  return factory
}

export interface DatabaseTab {
  readonly database: Database
  /** What the database has told its owner, in order. */
  readonly told: string[]
  /** Settles when the database has told so much. */
  hasTold(count: number): Promise<void>
}

/** One tab's connection, not open yet. */
export function databaseTab(name = databaseNamed): DatabaseTab {
  const told: string[] = []
  let waiting: (() => void)[] = []
  function tell(what: string): void {
    told.push(what)
    const all = waiting
    waiting = []
    for (const check of all) check()
  }
  const database = createDatabase({
    name,
    isWanted: () => true,
    isStale: () => false,
    onOpen: () => tell('open'),
    onFail: cause => tell(`fail ${(cause as Error).name}`),
    onLost: () => tell('lost'),
  })
  return {
    database,
    told,
    async hasTold(count) {
      while (told.length < count) await new Promise<void>(resolve => waiting.push(resolve))
    },
  }
}

/** A tab whose database is open. */
export async function openTab(name?: string): Promise<DatabaseTab> {
  const tab = databaseTab(name)
  tab.database.open()
  await tab.hasTold(1)
  return tab
}

/** What lies in object stores, by their names. */
export type Content = Record<string, [IDBValidKey, unknown][]>

/** Makes a database as version 1 left it. */
export function makeVersionOne(content: Content, name = databaseNamed): Promise<void> {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open(name, 1)
    opening.onupgradeneeded = () => {
      for (const store of ['owed0', 'owed1', 'history', 'state']) opening.result.createObjectStore(store)
      const { transaction } = opening
      for (const [store, entries] of Object.entries(content))
        for (const [key, value] of entries) transaction?.objectStore(store).put(value, key)
    }
    opening.onerror = () => reject(opening.error)
    opening.onsuccess = () => {
      opening.result.close()
      resolve()
    }
  })
}

/**
 * The store of a browser of its own, in one tab, on a clock that is moved by hand.
 *
 * @param old what version 1 left in the database; without it no page of version 1 was ever here.
 */
export async function databaseWith(old?: Content): Promise<StoreHouse & DatabaseTab & { connection: Connection }> {
  emptyBrowser()
  if (old) await makeVersionOne(old)
  const clock = fakeClock()
  const tab = await openTab()
  const connection = createIndexed(tab.database)
  return { ...tab, clock, connection, store: createStore(connection, clock.now) }
}

/** What lies in one object store of the database, by key. */
export function contentOf(store: StoreName): Promise<Map<IDBValidKey, unknown>> {
  return withDatabase([store], 'readonly', function (tx, resolve) {
    const keys = tx.objectStore(store).getAllKeys()
    const values = tx.objectStore(store).getAll()
    tx.oncomplete = () => resolve(new Map(keys.result.map((key, place) => [key, values.result[place] as unknown])))
  })
}

/** Writes those entries behind the back of the library, as any script of the origin could. */
export function writeEntries(store: StoreName, entries: Iterable<readonly [IDBValidKey, unknown]>): Promise<void> {
  return withDatabase([store], 'readwrite', function (tx, resolve) {
    for (const [key, value] of entries) tx.objectStore(store).put(value, key)
    tx.oncomplete = () => resolve()
  })
}

function withDatabase<T>(
  stores: StoreName[],
  mode: IDBTransactionMode,
  run: (tx: IDBTransaction, resolve: (value: T) => void) => void,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open(databaseNamed)
    opening.onerror = () => reject(opening.error)
    opening.onsuccess = () => {
      const tx = opening.result.transaction(stores, mode)
      tx.onabort = () => reject(tx.error)
      run(tx, function (value) {
        opening.result.close()
        resolve(value)
      })
    }
  })
}
