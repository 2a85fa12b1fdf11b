import { chunkBytes, findsAtOnce, firstChunk, maxListMs, maxLooked, maxPageSize, restBytes } from '../limits.js'
import { type Listed, tableOf } from '../store/lists.js'
import type { Range } from '../store/store.js'
import { toCursor, toValues } from './parameters.js'
import { Written } from './written.js'

/** How a list is read and written. */
export interface ListParts<T extends object> {
  readonly listed: Listed
  readonly range: Range
  /** The most items to give. */
  readonly limit: number
  /** The most bytes to give, but always one item. */
  readonly maxBytes: number
  readonly read: (range: Range) => Promise<readonly T[]>
  /** How large the items of a range are. */
  readonly sizes: (range: Range) => Promise<readonly number[]>
  /** Whether the request has worked long enough. See `startLimit`. */
  readonly isLate: () => boolean
  /** Writes an item as JSON. `null`: the item is not wanted. */
  readonly write: (item: T) => Promise<string | null>
  readonly idOf?: (item: T) => string
}

/** What was read of a list. */
export interface Collected<W> {
  readonly items: readonly Written<W>[]
  /** The id of each item, if `idOf` makes one. */
  readonly ids: readonly string[]
  /** The cursor after the last item that was looked at; `null` at the end of the list. */
  readonly next: string | null
}

/**
 * Reads and writes a part of a list with bounded memory. It reads a chunk at a time, and a chunk contains about
 * `chunkBytes`, whatever is stored. Each item is written as soon as it was read, with pauses for other requests.
 *
 * It ends at the limit that is reached first: of items, of bytes, of items that were looked at, or of time unless they are
 * events. But it always looks at some items, so that whoever follows the cursors comes to the end.
 */
export async function collect<T extends object, W>(parts: ListParts<T>): Promise<Collected<W>> {
  const { listed, range, limit, maxBytes, read, sizes, isLate, write, idOf } = parts
  const items: Written<W>[] = []
  const ids: string[] = []
  let [bytes, sinceRest, looked] = [0, 0, 0]
  // An event includes nothing, so it is written without waiting for the store. Several at once would only block longer. For
  // the same reason, a list of events is not slow by itself, but only if the whole collector is.
  const atOnce = tableOf(listed) === 'events' ? 1 : findsAtOnce
  let known: readonly number[] = []
  let after = range.after
  let last: T | null = null
  const end = (): Collected<W> => ({ items, ids, next: last && toCursor(last, listed) })

  for (;;) {
    // One item more than asked for tells whether there is a next page.
    // If many are not wanted, more are read at a time.
    const enough = Math.max(limit - items.length + 1, looked - items.length)
    const wanted = Math.min(enough, looked ? toChunk(known) : (firstChunks[listed] ?? firstChunk))
    const chunk = await read({ ...range, ...(after && { after }), limit: wanted })
    for (let from = 0; from < chunk.length; from += atOnce) {
      const some = chunk.slice(from, from + atOnce)
      // A few at a time, so that a list of a thousand items does not block other requests to the store.
      const texts = await Promise.all(some.map(write))
      for (const [n, text] of texts.entries()) {
        const item = some[n] as T
        const size = text === null ? 0 : Buffer.byteLength(text)
        const isFull = items.length === limit || (items.length > 0 && bytes + size > maxBytes)
        if (text !== null && isFull) return end()
        last = item
        looked++
        bytes += size
        sinceRest += size
        if (text === null) continue
        items.push(new Written(text))
        if (idOf) ids.push(idOf(item))
      }
      const isLast = from + atOnce >= chunk.length && chunk.length < wanted
      if (!isLast && atOnce > 1 && isLate()) return end()
      if (sinceRest > restBytes) {
        sinceRest = 0
        await rest()
      }
    }
    if (chunk.length < wanted) return { items, ids, next: null }
    if (looked >= maxLooked) return end()
    after = toValues(last as T, listed)
    known =
      known.length > chunk.length ? known.slice(chunk.length) : await sizes({ ...range, after, limit: maxPageSize + 1 })
  }
}

let resting: Promise<void> = Promise.resolve()

/** Waits for a turn of the event loop. Each reply that is being written gets one of its own, so that they do not add up. */
function rest(): Promise<void> {
  resting = resting.then(() => new Promise(resolve => setImmediate(resolve)))
  return resting
}

/**
 * Starts the time of a request. Returns the function that tells whether `maxListMs` is over.
 *
 * @param now collector's clock, Unix epoch, ms.
 */
export function startLimit(now: () => number): () => boolean {
  const began = now()
  return () => now() - began > maxListMs
}

/** Their items are always small, so that all of them can be read at once. */
const firstChunks: Partial<Readonly<Record<Listed, number>>> = {
  sessions: maxPageSize + 1,
  identities: maxPageSize + 1,
}

/** How many of the next items contain together about `chunkBytes`, and at least one. */
function toChunk(sizes: readonly number[]): number {
  let bytes = 0
  const tooMany = sizes.findIndex(size => {
    bytes += size
    return bytes > chunkBytes
  })
  return Math.max(1, tooMany < 0 ? sizes.length : tooMany)
}
