import { foldArrivals } from './fold.js'
import { createReads, type State } from './memory-reads.js'
import { type CollectorStore, DataError } from './store.js'
import { joinRows, type Row, tables } from './tables.js'

/** A store in memory, for tests only. It loses everything when the process ends. */
export interface MemoryStore extends CollectorStore {
  /** All rows, by table. */
  readonly state: () => State
}

/**
 * Makes a store in memory. It keeps the contract of `CollectorStore` in the simplest way: each read scans everything.
 */
export function createMemoryStore(): MemoryStore {
  const rows = tables.map(() => new Map<string, Row>())
  let current: State | null = null
  let isClosed = false

  const state = (): State =>
    (current ??= Object.fromEntries(
      tables.map(({ name, columns }, n) => [
        name,
        [...(rows[n]?.values() ?? [])].map(row => Object.fromEntries(columns.map((one, place) => [one, row[place]]))),
      ]),
    ) as unknown as State)

  return {
    lanes: 1,
    state,
    async merge(arrivals) {
      if (isClosed) throw new Error('the store is closed')
      // A database rejects a wrong type by itself. The memory store has to check it.
      for (const { batch } of arrivals)
        for (const { event } of batch.facts)
          if (!Number.isSafeInteger(event.timestamp)) throw new DataError('timestamp is not a time')
      for (const [n, some] of foldArrivals(arrivals, id => id).entries()) {
        const [table, stored] = [tables[n] as (typeof tables)[number], rows[n] as Map<string, Row>]
        for (const row of some) {
          const key = JSON.stringify(row.slice(0, table.keys))
          const before = stored.get(key)
          stored.set(key, before ? joinRows(table, before, row) : row)
        }
      }
      current = null
    },
    of: site => createReads(site, state),
    isAlive: async () => !isClosed,
    async close() {
      isClosed = true
    },
  }
}
