/**
 * What is kept apart. `parcels`: what this device owes. `settled`: what the collector has of the open session, for local
 * queries. `state`: what all pages share that use the store.
 */
export type Space = 'parcels' | 'settled' | 'state'

/**
 * A change of a store: an entry to put (`key`, `value`), an entry to delete (`key` alone), or all entries to delete whose keys
 * are not before `from` and before `until`, in the order of their characters.
 */
export type Change =
  | {
      readonly space: Space
      readonly key: string
      readonly value?: unknown
      readonly from?: never
      readonly until?: never
    }
  | {
      readonly space: Space
      readonly from: string
      readonly until: string
      readonly key?: never
      readonly value?: never
    }

/**
 * Where a tracker keeps its records and what its pages share: the option `store` of `createTracker`, in place of IndexedDB.
 * Keys are texts of ASCII. Values are texts, or what JSON can hold, of at most 130,000 characters unless a record is larger.
 *
 * A method that cannot do its work rejects, and then has changed nothing. The tracker waits 10 s for each call, reports the
 * failure (`store-failed`), goes on in memory, and tries again. What was called first takes effect first: a `read` finds what a
 * `write` before it has written. Two trackers with different keys need two stores.
 *
 * `storeContract` of `sojourn/contracts` checks a store.
 *
 * @example
 * // In memory, for one page. `write` puts and deletes in the given order.
 * function memoryStore(): KeyValueStore {
 *   const spaces = { parcels: new Map(), settled: new Map(), state: new Map() }
 *   const store: KeyValueStore = {
 *     keys: async (space, after = '', limit) => [...spaces[space].keys()].filter(key => key > after).sort().slice(0, limit),
 *     read: async (space, keys = [...spaces[space].keys()]) => keys.map(key => spaces[space].get(key)),
 *     async write(changes) {
 *       for (const { space, key, value, from, until } of changes) {
 *         if (key === undefined) for (const one of spaces[space].keys()) if (one >= from && one < until) spaces[space].delete(one)
 *         if (key !== undefined && value === undefined) spaces[space].delete(key)
 *         else if (key !== undefined) spaces[space].set(key, value)
 *       }
 *     },
 *     async change(keys, decide) {
 *       await store.write(decide(keys.map(key => spaces.state.get(key))))
 *     },
 *   }
 *   return store
 * }
 */
export interface KeyValueStore {
  /**
   * The keys of a space that come after `after` (without it all), in order, at most `limit` (without it all). A shorter list
   * than `limit` says that there are no more.
   */
  keys(space: Space, after?: string, limit?: number): Promise<readonly string[]>
  /** The values under those keys, in their order, `undefined` or `null` where nothing lies. Without `keys` all values of the space. */
  read(space: Space, keys?: readonly string[]): Promise<readonly unknown[]>
  /**
   * Makes these changes in their order, all of them or none. A page may die in the next moment, so hand them over before
   * the call returns: what is handed over should be kept, whatever becomes of the page.
   */
  write(changes: readonly Change[]): Promise<void>
  /**
   * Reads values of `state`, calls `decide` with them, and writes what it gives, while nobody else writes these keys: no other
   * page, and no other call. `decide` is called once, and does not wait for anything.
   *
   * @param decide is given what lies under `keys`, in their order, and gives changes of `state`.
   */
  change(keys: readonly string[], decide: (values: readonly unknown[]) => readonly Change[]): Promise<void>
}

/** The end of a range that has none: it is after every key. It is no U+FFFF, because Chromium loads no extension with that in a script. */
export const lastKey = '\x7f'

/** An open store, and how to open it. */
export interface Connection {
  readonly values: KeyValueStore
  /** What `status()` calls it. */
  readonly kind: 'indexeddb' | 'own'
  /** Opens unless it is open or opening. `onOpen` or `onFail` follows; where the browser never answers, neither does. */
  open(): void
  isOpen(): boolean
  /** Lets go of it until the next `open`: a frozen tab that holds a database would hang the upgrade of a newer version. */
  pause(): void
  /** Lets go of it for good. */
  close(): void
  /**
   * Deletes all that is in it, and lets go of it. Rejects if an own store does not delete.
   *
   * @param isKept whether an empty database may stay. If it is open, it does, and no other tab has to let go of it.
   */
  purge(isKept: boolean): Promise<void>
  /** Moves records of version 1 into parcels. @returns how many were damaged. */
  moveLegacy(otherwise: string): Promise<number>
}

/** What a connection tells its owner. */
export interface ConnectionParts {
  /** Whether what is in it is to be deleted, asked when it was opened. */
  readonly isStale: () => boolean
  readonly onOpen: () => void
  /** It could not be opened. */
  readonly onFail: (cause: unknown) => void
}
