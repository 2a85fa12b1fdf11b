import type { KeptRecord } from '../record/event.js'
import { maxEarlyChars } from '../record/limits.js'
import type { Call } from '../record/writer.js'

/** What waits in the tail: a call that cannot be bound yet, or a record that the storage process has not begun to take. */
export type Waiting = Call | (KeptRecord & { readonly at: number })

/** The second chance of what is not in the database yet. Each is one item, so that adding one never rewrites another. */
export interface Tail {
  /** Writes it down, synchronously; where localStorage is full or denied, or enough stands there, nothing is written. */
  add(waiting: Waiting): void
  /** Takes these away, as far as this page wrote them. */
  clear(waiting: readonly { readonly id: string }[]): void
  /** What other page loads left behind longer than `ageMs` ago: their page died before it was in the database. */
  left(now: number, ageMs: number): { calls: Call[]; records: KeptRecord[]; release: () => void }
  /** Takes away all that stands here under this write key, whoever wrote it. */
  purge(): void
}

/**
 * The tail of one write key. Nothing is touched before it is needed: the first access to localStorage reads all of it.
 *
 * @param storage gives `localStorage`, and may throw.
 */
export function createTail(key: string, storage: () => Storage): Tail {
  const prefix = `sojourn-${key}:`
  const mine = new Map<string, number>()
  let chars = 0

  function remove(names: readonly string[]): void {
    attempt(() => {
      for (const name of names) storage().removeItem(name)
    })
  }

  function names(): string[] {
    return attempt(() => Object.keys(storage()).filter(name => name.startsWith(prefix))) || []
  }

  return {
    add(waiting) {
      if (mine.has(waiting.id)) return
      const name = prefix + waiting.id
      const text = JSON.stringify(waiting)
      const size = name.length + text.length
      if (chars + size > maxEarlyChars) return
      attempt(() => {
        storage().setItem(name, text)
        mine.set(waiting.id, size)
        chars += size
      })
    },
    clear(waiting) {
      // Mostly nothing stands here, and a burst is long.
      if (!mine.size) return
      const written = waiting.filter(({ id }) => mine.has(id))
      if (written.length) remove(written.map(({ id }) => prefix + id))
      for (const { id } of written) {
        chars -= mine.get(id) as number
        mine.delete(id)
      }
    },
    left(now, ageMs) {
      const found: string[] = []
      const calls: Call[] = []
      const records: KeptRecord[] = []
      for (const name of names().sort()) {
        attempt(() => {
          const waiting = JSON.parse(storage().getItem(name) as string) as Waiting
          if (mine.has(name.slice(prefix.length)) || !(Math.abs(now - waiting.at) >= ageMs)) return
          if ('verb' in waiting) calls.push(waiting)
          else if (waiting.event) records.push(waiting)
          else return
          found.push(name)
        })
      }
      return { calls, records, release: () => remove(found) }
    },
    purge() {
      remove(names())
    },
  }
}

// Full, denied or damaged: the tail is a second chance, and its absence is no fault of the page.
function attempt<T>(run: () => T): T | undefined {
  try {
    return run()
  } catch {
    return undefined
  }
}
