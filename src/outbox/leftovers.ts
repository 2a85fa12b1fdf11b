import { maxBatchChars, maxBatchRecords } from '../record/limits.js'
import { charsAt, countAt, isKey, parseParcel } from '../record/parcel.js'
import type { Store } from '../store/store.js'
import type { Owed } from './owed.js'
import type { Item } from './sender.js'

/** So many keys are read at once. */
const keysAtOnce = 200

/** What a reader of leftovers needs. */
export interface LeftoverParts {
  readonly store: Pick<Store, 'keys' | 'read' | 'remove'>
  readonly owed: Owed
  /** Entries of the store are damaged, with so many records. They are deleted. */
  readonly onDamaged: (count: number, own: number) => void
}

/**
 * Reads what lies on the device and is not in this page's memory: what pages that are gone have left, what other tabs have
 * made, and what this page has left to the database.
 */
export interface Leftovers {
  /** Begins at the first key again. */
  rewind(): void
  /** The next parcels, at most a batch; empty at the end. */
  next(): Promise<Item[]>
  /** Notes that a parcel is settled and was deleted. Should it come back, it is not sent again. */
  settled(key: string): void
  /** Whether a settled parcel came back since the last `rewind`. */
  hasReturned(): boolean
  /** The keys that lie there and are not in this page's list, up to `limit` keys in all. */
  keys(limit?: number): Promise<string[]>
}

export function createLeftovers({ store, owed, onDamaged }: LeftoverParts): Leftovers {
  let after: unknown
  let isReturned = false
  const done = new Set<string>()
  // Parcels that were read, and hold damaged records beside good ones. Each is counted once.
  const counted = new Set<string>()

  function settled(key: string): void {
    done.add(key)
    // The oldest leave. A store that keeps what was deleted shows it at once.
    if (done.size > 2000) done.delete(done.values().next().value as string)
  }

  async function removeDamaged(keys: readonly IDBValidKey[]): Promise<void> {
    if (!keys.length) return
    for (const key of keys) onDamaged(isKey(key) ? countAt(key) : 1, owed.settle(key as string, []))
    await store.remove(keys)
  }

  /** Reads these parcels. What is no parcel is deleted. */
  async function read(keys: readonly string[]): Promise<Item[]> {
    const texts = await store.read(keys)
    const damaged: string[] = []
    const items: Item[] = []
    keys.forEach(function (key, place) {
      const text = texts[place]
      // Another tab has deleted it meanwhile.
      if (text === undefined) return
      const parsed = parseParcel(text)
      if (!parsed) damaged.push(key)
      else {
        if (parsed.damaged && !counted.has(key)) onDamaged(parsed.damaged, 0)
        if (parsed.damaged) counted.add(key)
        items.push({ key, text: text as string, runs: parsed.runs, dropped: {} })
      }
    })
    await removeDamaged(damaged)
    return items
  }

  return {
    rewind() {
      after = undefined
      isReturned = false
    },
    async next() {
      for (;;) {
        const keys = await store.keys(after, keysAtOnce)
        if (!keys.length) return []
        const wanted: string[] = []
        const damaged: IDBValidKey[] = []
        const returned: string[] = []
        let chars = 0
        let count = 0
        for (const key of keys) {
          const own = owed.get(key)
          if (!isKey(key)) damaged.push(key)
          else if (!own && done.has(key)) returned.push(key)
          else if (!own || !own.text) {
            chars += charsAt(key)
            count += countAt(key)
            if (wanted.length && (chars > maxBatchChars || count > maxBatchRecords)) break
            wanted.push(key)
          }
          after = key
        }
        isReturned = isReturned || returned.length > 0
        if (returned.length) await store.remove(returned)
        await removeDamaged(damaged)
        const items = await read(wanted)
        if (items.length) return items
      }
    },
    settled,
    hasReturned: () => isReturned,
    async keys(limit = Infinity) {
      const found: string[] = []
      const atOnce = Math.min(limit, 5000)
      let seen = 0
      for (let last: unknown; ; ) {
        const keys = await store.keys(last, atOnce)
        for (const key of keys) if (isKey(key) && !owed.get(key) && !done.has(key)) found.push(key)
        seen += keys.length
        if (keys.length < atOnce || seen >= limit) return found
        last = keys[keys.length - 1]
      }
    },
  }
}
