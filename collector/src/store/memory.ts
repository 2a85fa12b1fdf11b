import { type AddedCounts, createAddedCount } from './added.js'
import { createRights } from './erase.js'
import { foldArrivals } from './fold.js'
import { createMemoryHealth } from './memory-health.js'
import { createLiveReads } from './memory-live.js'
import { createMemoryNumbers } from './memory-numbers.js'
import { createReads, type State } from './memory-reads.js'
import { createMemoryRights } from './memory-rights.js'
import { createMemoryRunning } from './running.js'
import { createMemoryScripts } from './scripts.js'
import { type CollectorStore, DataError, type SiteReads } from './store.js'
import { joinRows, type Row, tables } from './tables.js'
import { createTombstones } from './tombstones.js'

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

  const rights = createMemoryRights({
    rowsOf: table => state()[table],
    remove(name, isIt) {
      const place = tables.findIndex(one => one.name === name)
      const [stored, items] = [rows[place] as Map<string, Row>, state()[name]]
      const found = [...stored.keys()].filter((_, n) => isIt(items[n] as (typeof items)[number]))
      for (const key of found) stored.delete(key)
      current = null
      return found.length
    },
    add(name, item) {
      const place = tables.findIndex(one => one.name === name)
      const { columns, keys } = tables[place] as (typeof tables)[number]
      const row = columns.map(column => item[column] ?? null)
      rows[place]?.set(JSON.stringify(row.slice(0, keys)), row)
      current = null
    },
  })
  const tombstones = createTombstones(rights.tombstones, id => id)

  return {
    lanes: 1,
    state,
    rights: createRights(rights, tombstones),
    digest: async () => 'over',
    countChanged: async () => 0,
    health: createMemoryHealth(),
    running: createMemoryRunning(),
    scripts: createMemoryScripts(),
    async merge(arrivals, onAdded) {
      if (isClosed) throw new Error('the store is closed')
      // A database rejects a wrong type by itself. The memory store has to check it.
      for (const { batch } of arrivals)
        for (const { event } of batch.facts)
          if (!Number.isSafeInteger(event.timestamp)) throw new DataError('timestamp is not a time')
      const { arrivals: taken, gone } = tombstones.filter(arrivals)
      const added: AddedCounts = new Map()
      const folded = foldArrivals(taken, id => id)
      const countAdded = createAddedCount(added, folded)
      for (const [n, some] of folded.entries()) {
        const [table, stored] = [tables[n] as (typeof tables)[number], rows[n] as Map<string, Row>]
        for (const row of some) {
          const key = JSON.stringify(row.slice(0, table.keys))
          const before = stored.get(key)
          stored.set(key, before ? joinRows(table, before, row) : row)
          if (!before && table.name === 'events') countAdded(row)
        }
      }
      current = null
      onAdded?.(added)
      return gone
    },
    of(site) {
      const own = createReads(site, state)
      const reads: SiteReads = {
        ...own,
        ...createLiveReads(own),
        get numbers() {
          return createMemoryNumbers(site, state, reads)
        },
      }
      return reads
    },
    async close() {
      isClosed = true
    },
  }
}
