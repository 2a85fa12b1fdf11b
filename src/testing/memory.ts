import type { Change, KeyValueStore, Space } from '../store/key-value-store.js'

/** What lies in a store, by space. Several pages may share it. */
export type Shelf = Record<Space, Map<string, unknown>>

export const emptyShelf = (): Shelf => ({ parcels: new Map(), settled: new Map(), state: new Map() })

/** A store in memory, as small as the contract allows. */
export function memoryStore(shelf: Shelf = emptyShelf()): KeyValueStore {
  function apply({ space, key, value, from, until }: Change): void {
    const entries = shelf[space]
    if (key === undefined) {
      for (const one of entries.keys()) if (one >= from && one < until) entries.delete(one)
    } else if (value === undefined) entries.delete(key)
    else entries.set(key, value)
  }
  return {
    async keys(space, after = '', limit) {
      const found = [...shelf[space].keys()].filter(key => key > after)
      return found.sort().slice(0, limit)
    },
    read: async (space, keys = [...shelf[space].keys()]) => keys.map(key => shelf[space].get(key)),
    async write(changes) {
      changes.forEach(apply)
    },
    async change(keys, decide) {
      decide(keys.map(key => shelf.state.get(key))).forEach(apply)
    },
  }
}
