import type { Parcel } from '../record/parcel.js'
import type { Database } from './database.js'
import { createShared, type Shared } from './shared.js'

/** A parcel of the open session that the collector has. It stays for local queries. */
export interface SettledParcel extends Parcel {
  readonly sessionID: string
}

/**
 * Where parcels are kept until the collector has named their records. A method that cannot be carried out rejects, and then
 * nothing has changed. Whatever is read may have been written by anyone: the caller checks its shape.
 */
export interface Store extends Shared {
  isOpen(): boolean
  /** Hands parcels to storage before the current task ends, all in one transaction. Keeping one twice keeps it once. */
  keep(parcels: readonly Parcel[]): Promise<void>
  /** The next keys in order, at most `limit`, all of them greater than `after`. */
  keys(after: unknown, limit: number): Promise<readonly IDBValidKey[]>
  /** The values under those keys, in their order. */
  read(keys: readonly IDBValidKey[]): Promise<readonly unknown[]>
  /** Deletes what lies under those keys. It only deletes, because a full quota refuses a transaction that writes. */
  remove(keys: readonly IDBValidKey[]): Promise<void>
  /** Keeps settled parcels for local queries. */
  keepSettled(parcels: readonly SettledParcel[]): Promise<void>
  /** Deletes the settled parcels of every session but this one; for an empty id all. */
  sweepSettled(openSessionID: string): Promise<void>
  /** Deletes what one page has written of a visitor who is forgotten: those parcels, and what was settled of the session. */
  forget(keys: readonly string[], sessionID: string): Promise<void>
  /** All values of `settled`, and all of `parcels`, for local queries. */
  all(): Promise<readonly [settled: readonly unknown[], owed: readonly unknown[]]>
}

/** @param now the device's clock, Unix epoch, ms. */
export function createStore(database: Database, now: () => number): Store {
  const { read, write } = database
  return {
    ...createShared(database, now),
    isOpen: database.isOpen,
    keep: parcels =>
      write(['parcels'], function (store) {
        for (const { key, text } of parcels) store.put(text, key)
      }),
    keys: (after, limit) =>
      read('parcels', store =>
        store.getAllKeys(after === undefined ? null : IDBKeyRange.lowerBound(after, true), limit),
      ),
    read: keys => Promise.all(keys.map(key => read('parcels', store => store.get(key)))),
    remove: keys =>
      write(['parcels'], function (store) {
        for (const key of keys) store.delete(key)
      }),
    keepSettled: parcels =>
      write(['settled'], function (store) {
        for (const { key, text, sessionID } of parcels) store.put(text, `${sessionID} ${key}`)
      }),
    sweepSettled: sessionID =>
      write(['settled'], function (store) {
        store.delete(IDBKeyRange.upperBound(`${sessionID} `, true))
        store.delete(IDBKeyRange.lowerBound(`${sessionID}!`))
      }),
    forget: (keys, sessionID) =>
      write(['parcels', 'settled'], function (parcels, settled) {
        for (const key of keys) parcels.delete(key)
        settled?.delete(IDBKeyRange.bound(`${sessionID} `, `${sessionID}!`))
      }),
    all: async () => [await read('settled', store => store.getAll()), await read('parcels', store => store.getAll())],
  }
}
