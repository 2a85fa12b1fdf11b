import { makeBatch } from '../record/batch.js'
import { bytesOf, charsOf, type KeptRecord } from '../record/event.js'
import { maxBatchChars, maxBatchRecords, maxExitBytes, maxTailChars, segmentMs } from '../record/limits.js'

/** This page's own records that are not known to be stored: what can be sent without reading, and what is to be counted. */
export interface Own {
  /** Takes a record that this page has kept; those that are at rest on disk leave when it grows, and only their ids stay. */
  add(record: KeptRecord): void
  /** These are stored or dropped. Gives how many were ours, each once. */
  forget(ids: readonly string[]): number
  /**
   * The next to send, at most a batch: all that stands here, if there is little of it and a flush is eager; else what has been at
   * rest so long that it must be nowhere else.
   *
   * @param started what was kept after that is left out, Unix epoch, ms.
   */
  next(isFresh: boolean, started: number): KeptRecord[]
  /** Whether that record was kept after that. */
  isLater(id: string, started: number): boolean
  /** An answer has not named these: they wait as if they had just been kept, so that they keep nothing behind them. */
  delay(ids: Iterable<string>): void
  /** Makes one body of the last of it, of what was not copied yet; `isSent` tells what became of it. */
  copy(isSent: (body: string) => boolean): void
  /** As far as they are still in memory. */
  records(): readonly KeptRecord[]
  /** How many there are, in memory or not: a count of its own, not what other counts leave. */
  count(): number
  /** The site's data was cleared: gives how many were on disk alone, and counts them no more. */
  lose(): number
}

interface Entry {
  readonly record: KeptRecord
  at: number
  isCopied: boolean
}

export function createOwn(now: () => number): Own {
  const tail = new Map<string, Entry>()
  const evicted = new Set<string>()
  let tailChars = 0

  function remove(id: string): boolean {
    const entry = tail.get(id)
    if (entry) tailChars -= charsOf(entry.record)
    return tail.delete(id)
  }

  return {
    add(record) {
      tail.set(record.id, { record, at: now(), isCopied: false })
      tailChars += charsOf(record)
      if (tailChars <= maxTailChars) return
      for (const [id, { at }] of tail) {
        if (tailChars <= maxTailChars || now() - at < segmentMs) break
        remove(id)
        evicted.add(id)
      }
    },
    forget: ids => ids.filter(id => remove(id) || evicted.delete(id)).length,
    next(isFresh, started) {
      const records: KeptRecord[] = []
      let chars = 0
      for (const { record, at } of tail.values()) {
        // What has been at rest for a whole turn and was not found there is settled already, or the site's data was cleared.
        if (at > started || (!isFresh && now() - at < 3 * segmentMs)) continue
        chars += charsOf(record)
        if (records.length && (chars > maxBatchChars || records.length >= maxBatchRecords)) break
        records.push(record)
      }
      return records
    },
    isLater(id, started) {
      const entry = tail.get(id)
      return !!entry && entry.at > started
    },
    delay(ids) {
      for (const id of ids) {
        const entry = tail.get(id)
        if (entry) entry.at = now()
      }
    },
    copy(isSent) {
      const entries: Entry[] = []
      let chars = 0
      for (const entry of [...tail.values()].reverse()) {
        chars += entry.record.event.length
        if (chars > maxExitBytes) break
        if (!entry.isCopied) entries.unshift(entry)
      }
      for (let from = 0; from < entries.length; from += Math.ceil((entries.length - from) / 4)) {
        const some = entries.slice(from)
        const body = makeBatch(
          some.map(entry => entry.record),
          now(),
        )
        if (bytesOf(body, maxExitBytes) <= maxExitBytes) {
          if (isSent(body)) for (const entry of some) entry.isCopied = true
          return
        }
      }
    },
    records: () => [...tail.values()].map(entry => entry.record),
    count: () => tail.size + evicted.size,
    lose() {
      const { size } = evicted
      evicted.clear()
      return size
    },
  }
}
