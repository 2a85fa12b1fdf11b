import { maxEarlyChars } from '../record/limits.js'
import type { Call } from '../record/writer.js'

/** Where calls wait that cannot be bound yet: each is one item, so that adding one never rewrites another. */
export interface Tail {
  /** Writes a call down, synchronously; where localStorage is full or denied, it stays in memory alone. */
  add(call: Call): void
  /** Takes away what this page wrote. */
  clear(): void
  /** Calls that other page loads left behind longer than `ageMs` ago: their page died before its database was open. */
  left(now: number, ageMs: number): { calls: Call[]; release: () => void }
  /** Takes away all that stands here under this write key, whoever wrote it. */
  purge(): void
}

/**
 * The tail of one write key. Nothing is touched before the first call: the first access to localStorage reads all of it.
 *
 * @param storage gives `localStorage`, and may throw.
 */
export function createTail(key: string, storage: () => Storage): Tail {
  const prefix = `sojourn-${key}:`
  let mine: string[] = []
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
    add(call) {
      const text = JSON.stringify(call)
      if (chars + text.length > maxEarlyChars) return
      attempt(() => {
        storage().setItem(prefix + call.id, text)
        mine.push(prefix + call.id)
        chars += text.length
      })
    },
    clear() {
      if (mine.length) remove(mine)
      mine = []
      chars = 0
    },
    left(now, ageMs) {
      const found: string[] = []
      const calls: Call[] = []
      for (const name of names().sort()) {
        attempt(() => {
          const call = JSON.parse(storage().getItem(name) as string) as Call
          // Nothing but a call has a time and a verb.
          if (mine.includes(name) || !call.verb || !(now - call.at >= ageMs)) return
          found.push(name)
          calls.push(call)
        })
      }
      return { calls, release: () => remove(found) }
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
