import type { Database } from './database.js'
import { type Change, type Connection, lastKey } from './key-value-store.js'
import { moveLegacy } from './legacy.js'

/**
 * IndexedDB as a {@link KeyValueStore}: each space is an object store. Its keys may be anything, because any script of the
 * origin may have written them.
 */
export function createIndexed(database: Database): Connection {
  const { read, write, change } = database
  return {
    ...database,
    kind: 'indexeddb',
    moveLegacy: otherwise => moveLegacy(database, otherwise),
    values: {
      keys: (space, after, limit) =>
        read(space, store =>
          store.getAllKeys(after === undefined ? null : IDBKeyRange.lowerBound(after, true), limit),
        ) as Promise<string[]>,
      read: (space, keys) =>
        keys
          ? Promise.all(keys.map(key => read(space, store => store.get(key))))
          : read(space, store => store.getAll()),
      async write(changes) {
        if (!changes.length) return
        const spaces = [...new Set(changes.map(({ space }) => space))]
        return write(spaces, function (...stores) {
          for (const one of changes) apply(stores[spaces.indexOf(one.space)] as IDBObjectStore, one)
        })
      },
      change: (keys, decide) =>
        change(keys, function (values, store) {
          for (const one of decide(values)) apply(store, one)
        }),
    },
  }
}

/** Carries out a change. A range without a beginning or an end takes keys that are no texts too. */
function apply(store: IDBObjectStore, { key, value, from, until }: Change): void {
  if (key === undefined)
    store.delete(
      !from
        ? IDBKeyRange.upperBound(until, true)
        : until === lastKey
          ? IDBKeyRange.lowerBound(from)
          : IDBKeyRange.bound(from, until, false, true),
    )
  else if (value === undefined) store.delete(key)
  else store.put(value, key)
}
