import { maxBatchChars, maxBatchRecords } from '../record/limits.js'
import { charsAt, countAt, isKey, parseParcel, toRuns } from '../record/parcel.js'
import type { Store } from '../store/store.js'
import type { Owed } from './owed.js'
import type { Item } from './sender.js'

/** So many keys are read at once. */
const keysAtOnce = 200

/** What a supply needs. */
export interface SupplyParts {
  readonly store: Pick<Store, 'isOpen' | 'keys' | 'read' | 'remove'>
  readonly owed: Owed
  /** Entries of the store are damaged, with so many records, of which this page has made `own`. They are deleted. */
  readonly onDrop: (count: number, own: number, reason: 'damaged') => void
}

/**
 * Supplies what is to be sent next: first what this page holds in memory, then what lies on the device beyond that. Pages
 * that are gone have left it, other tabs have made it, or this page has left it to the database.
 */
export interface Supply {
  /** Begins at the first key of the store again. */
  rewind(): void
  /** The next parcels, at most a batch, of those that were owed at that time; empty at the end. */
  next(started: number): Promise<Item[]>
  /** Those parcels, as far as they can be used. What is no parcel is deleted. */
  load(keys: readonly string[]): Promise<Item[]>
  /** Notes that a parcel is settled and was deleted. Should the store give it back, it is not sent again. */
  settled(key: string): void
  /** Whether a settled parcel came back since the last `rewind`. */
  hasReturned(): boolean
  /** The keys of the store that are not in this page's list. Ends after `limit` keys of the store. */
  others(limit: number): Promise<string[]>
}

export function createSupply({ store, owed, onDrop }: SupplyParts): Supply {
  let after: string | undefined
  let isReturned = false
  const done = new Set<unknown>()
  // Parcels in which damaged records stand beside good ones. Each is counted once.
  const counted = new Set<string>()

  async function remove(keys: readonly string[]): Promise<void> {
    if (keys.length) await store.remove(keys)
  }

  function textOf(key: string): string {
    const parcel = owed.get(key)
    return parcel ? parcel.text : ''
  }

  async function load(keys: readonly string[]): Promise<Item[]> {
    const stored = keys.filter(key => !textOf(key))
    const texts = stored.length ? await store.read(stored) : []
    const useless: string[] = []
    const items: Item[] = []
    for (const key of keys) {
      const own = textOf(key)
      const text = own || texts[stored.indexOf(key)]
      const parsed = own ? { runs: toRuns(own), damaged: 0 } : parseParcel(text, key)
      if (parsed) {
        if (parsed.damaged && !counted.has(key)) onDrop(parsed.damaged, 0, 'damaged')
        if (parsed.damaged) counted.add(key)
        items.push({ key, text: text as string, runs: parsed.runs, dropped: {} })
      } else {
        useless.push(key)
        // Without a text another tab has deleted it meanwhile.
        if (text !== undefined) onDrop(countAt(key), owed.settle(key, []), 'damaged')
      }
    }
    await remove(useless)
    return items
  }

  return {
    rewind() {
      after = undefined
      isReturned = false
    },
    async next(started) {
      const own = owed.all().filter(({ text, at }) => text && at <= started)
      if (own.length || !store.isOpen()) return load(firstBatch(own.map(({ key }) => key)))
      for (;;) {
        const keys = await store.keys(after, keysAtOnce)
        const wanted = firstBatch(keys.filter(isKey).filter(key => !textOf(key) && (owed.get(key) || !done.has(key))))
        const last = wanted[wanted.length - 1]
        // The keys behind a full batch are read again.
        const seen = last ? keys.slice(0, keys.indexOf(last) + 1) : keys
        if (!keys.length) return []
        after = seen[seen.length - 1]
        const damaged = seen.filter(key => !isKey(key))
        const returned = seen.filter(key => done.has(key) && !owed.get(key))
        if (damaged.length) onDrop(damaged.length, 0, 'damaged')
        isReturned = isReturned || !!returned.length
        await remove([...damaged, ...returned])
        const items = await load(wanted)
        if (items.length) return items
      }
    },
    load,
    settled(key) {
      done.add(key)
      // The oldest leave. A store that keeps what was deleted shows it at once.
      if (done.size > 2000) done.delete(done.values().next().value)
    },
    hasReturned: () => isReturned,
    async others(limit) {
      const found: string[] = []
      const atOnce = Math.min(limit, 5000)
      for (let last: string | undefined, seen = atOnce; ; seen += atOnce) {
        const keys = await store.keys(last, atOnce)
        found.push(...keys.filter(isKey).filter(key => !owed.get(key) && !done.has(key)))
        if (keys.length < atOnce || seen >= limit) return found
        last = keys[keys.length - 1]
      }
    },
  }
}

/** The first of these keys whose parcels make a batch: at least one. */
function firstBatch(keys: readonly string[]): string[] {
  let chars = 0
  let count = 0
  return keys.slice(0, maxBatchRecords).filter(function (key, place) {
    chars += charsAt(key)
    count += countAt(key)
    return !place || (chars <= maxBatchChars && count <= maxBatchRecords)
  })
}
