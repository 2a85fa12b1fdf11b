import { deleteDB, type IDBPDatabase, openDB, unwrap } from 'idb'
import type { Connection, ConnectionParts } from './key-value-store.js'
import { legacyStores, type StoreName, schemaVersion, stores } from './schema.js'

/** What the database tells its owner. */
export interface DatabaseParts extends ConnectionParts {
  readonly name: string
  /** Whether the database is still wanted, asked before it is made. */
  readonly isWanted: () => boolean
  /** The database is gone with all that was in it: the site's data was cleared, or a script has deleted it. */
  readonly onLost: () => void
}

/**
 * The connection to the database of one write key. No transaction but `change` ever waits for the page: all requests of a
 * transaction are made in one task, and `commit()` follows at once. So a page that hangs or dies holds up no other tab.
 */
export interface Database extends Pick<Connection, 'open' | 'isOpen' | 'pause' | 'close' | 'purge'> {
  /** Whether the database has the stores of version 1. */
  isLegacy(): boolean
  /**
   * Begins a transaction, runs `run`, and commits, all before the current task ends. Settles with the transaction, and
   * rejects with the browser's error where it could not be carried out.
   */
  write(names: readonly StoreName[], run: (store: IDBObjectStore, ...more: IDBObjectStore[]) => void): Promise<void>
  /**
   * Reads. Settles with the request and not with the transaction, because Chromium delivers a large value only after the
   * transaction is complete.
   */
  read<T>(name: StoreName, ask: (store: IDBObjectStore) => IDBRequest<T>): Promise<T>
  /** Changes `state` in one transaction. `decide` is given the values under those keys, in the task that has read them. */
  change(keys: readonly string[], decide: (values: readonly unknown[], store: IDBObjectStore) => void): Promise<void>
}

/** Whether there are databases here: in a page and in a worker, and not on a server. */
export function hasDatabases(): boolean {
  return typeof indexedDB === 'object'
}

/** @param parts see {@link DatabaseParts}. Nothing is opened before `open`. */
export function createDatabase({ name, isWanted, isStale, onOpen, onFail, onLost }: DatabaseParts): Database {
  let db: IDBDatabase | null = null
  let opening: object | null = null
  let isClosed = false

  function ask(version?: number): Promise<IDBPDatabase> {
    return openDB(name, version, {
      upgrade(opened, _before, _after, tx) {
        if (!isWanted()) {
          // A database whose first upgrade is aborted is not created.
          tx.done.catch(() => {})
          return tx.abort()
        }
        for (const store of stores) if (!opened.objectStoreNames.contains(store)) opened.createObjectStore(store)
      },
      // A tab that holds on to an old version would hang the upgrade of a newer one for ever. No newer one: it is deleted.
      blocking: (_before, newer) => reopen(!newer),
      terminated: () => reopen(true),
    })
  }

  async function openOnce(mine: object): Promise<void> {
    try {
      let opened = await ask(schemaVersion).catch((cause: Error) => {
        // A newer version of the library was here. It has added to the schema, so ours is in it.
        if (cause.name === 'VersionError') return ask()
        throw cause
      })
      // Somebody else has made the database. An upgrade adds what is missing.
      if (stores.some(store => !opened.objectStoreNames.contains(store))) {
        opened.close()
        opened = await ask(opened.version + 1)
      }
      // `pause` or `close` came in between.
      if (opening !== mine) return opened.close()
      opening = null
      db = unwrap(opened) as IDBDatabase
      if (isStale()) void clear(db)
      onOpen()
    } catch (cause) {
      if (opening !== mine) return
      opening = null
      onFail(cause)
    }
  }

  function open(): void {
    if (db || opening || isClosed) return
    opening = {}
    void openOnce(opening)
  }

  function pause(): void {
    if (db) db.close()
    db = opening = null
  }

  /** @param isLost whether the database is gone with all that was in it. */
  function reopen(isLost: boolean): void {
    pause()
    if (isLost) onLost()
    open()
  }

  function begin(names: readonly StoreName[], mode?: IDBTransactionMode): IDBTransaction {
    if (!db) throw new Error('the database is not open')
    return db.transaction(names as string[], mode, { durability: 'relaxed' })
  }

  /** Deletes everything, in this task. It only deletes, because a full quota refuses a transaction that writes. */
  async function clear({ objectStoreNames }: IDBDatabase): Promise<void> {
    const all = Array.from(objectStoreNames) as StoreName[]
    await write(all, (...one) => one.forEach(store => store.clear())).catch(() => {})
  }

  async function write(
    names: readonly StoreName[],
    run: (store: IDBObjectStore, ...more: IDBObjectStore[]) => void,
  ): Promise<void> {
    const tx = begin(names, 'readwrite')
    run(...(names.map(one => tx.objectStore(one)) as [IDBObjectStore]))
    tx.commit()
    return done(tx)
  }

  return {
    open,
    isOpen: () => !!db,
    isLegacy: () => !!db && db.objectStoreNames.contains(legacyStores[0]),
    write,
    async read(one, askStore) {
      const tx = begin([one])
      const request = askStore(tx.objectStore(one))
      tx.commit()
      return new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result)
        request.onerror = () => reject(request.error)
      })
    },
    async change(keys, decide) {
      const tx = begin(['state'], 'readwrite')
      const store = tx.objectStore('state')
      const values: unknown[] = []
      for (const key of keys) {
        const reading = store.get(key)
        reading.onsuccess = () => {
          if (values.push(reading.result) < keys.length) return
          // A store that another script has made may take no such value.
          try {
            decide(values, store)
            tx.commit()
          } catch {
            tx.abort()
          }
        }
      }
      return done(tx)
    },
    pause,
    close() {
      isClosed = true
      pause()
    },
    async purge(isKept) {
      isClosed = true
      // Cleared in this task, so that nothing that opens the database later finds anything.
      const cleared = db && clear(db)
      pause()
      // Other tabs let go of the database, see `blocking`.
      await ((isKept && cleared) || deleteDB(name).catch(() => {}))
    },
  }
}

/** Settles with the transaction; rejects with its error. */
function done(tx: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    tx.oncomplete = () => resolve()
    tx.onabort = () => reject(tx.error)
  })
}
