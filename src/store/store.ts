import type { Parcel } from '../record/parcel.js'
import { type Change, type Connection, lastKey } from './key-value-store.js'
import { createShared, type Shared } from './shared.js'

/** A parcel of the open session that the collector has. It stays for local queries. */
export interface SettledParcel extends Parcel {
  readonly sessionID: string
}

/**
 * Where parcels are kept until the collector has named their records. A method that cannot be carried out rejects, and then
 * nothing has changed. Whatever is read may have been written by anyone: the caller checks its shape, also of
 * the keys.
 */
export interface Store extends Shared {
  isOpen(): boolean
  /** Hands parcels to storage before the current task ends, all in one transaction. Keeping one twice keeps it once. */
  keep(parcels: readonly Parcel[]): Promise<void>
  /** The next keys in order, at most `limit`, all of them greater than `after`. */
  keys(after: string | undefined, limit: number): Promise<readonly string[]>
  /** The values under those keys, in their order. */
  read(keys: readonly string[]): Promise<readonly unknown[]>
  /** Deletes what lies under those keys. It only deletes, because a full quota refuses a transaction that writes. */
  remove(keys: readonly string[]): Promise<void>
  /** Keeps settled parcels for local queries. */
  keepSettled(parcels: readonly SettledParcel[]): Promise<void>
  /** Deletes the settled parcels of every session but this one; for an empty id all. */
  sweepSettled(openSessionID: string): Promise<void>
  /** Deletes what one page has written of a visitor who is forgotten: those parcels, and what was settled of the session. */
  forget(keys: readonly string[], sessionID: string): Promise<void>
  /** All values of `settled`, and all of `parcels`, for local queries. What moves meanwhile may be in both. */
  all(): Promise<readonly [settled: readonly unknown[], owed: readonly unknown[]]>
}

/** @param now the device's clock, Unix epoch, ms. */
export function createStore({ values, isOpen }: Pick<Connection, 'values' | 'isOpen'>, now: () => number): Store {
  const { keys, read, write } = values
  return {
    ...createShared(values, now),
    isOpen,
    keep: parcels => write(parcels.map(({ key, text }) => ({ space: 'parcels', key, value: text }))),
    keys: (after, limit) => keys('parcels', after, limit),
    read: some => read('parcels', some),
    remove: some => write(some.map(toRemoved)),
    keepSettled: parcels =>
      write(parcels.map(({ key, text, sessionID }) => ({ space: 'settled', key: `${sessionID} ${key}`, value: text }))),
    sweepSettled: sessionID =>
      write([
        { space: 'settled', from: '', until: `${sessionID} ` },
        { space: 'settled', from: `${sessionID}!`, until: lastKey },
      ]),
    forget: (some, sessionID) =>
      write([...some.map(toRemoved), { space: 'settled', from: `${sessionID} `, until: `${sessionID}!` }]),
    async all() {
      // A parcel is kept as settled before it is removed. Read in this order, none is missed that moves meanwhile.
      const owed = await read('parcels')
      return [await read('settled'), owed]
    },
  }
}

function toRemoved(key: string): Change {
  return { space: 'parcels', key }
}
