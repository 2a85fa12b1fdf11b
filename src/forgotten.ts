import { earlyStorage } from './browser/lifecycle.js'
import { isCounted } from './record/check.js'
import { sharedName } from './store/schema.js'

/**
 * Knows when the visitor was forgotten. One item of localStorage holds that time, because a tab that sleeps hears of
 * nothing. It is never sent. Where there is no localStorage, the time holds while the page lives.
 */
export interface Forgotten {
  /** The item of localStorage. */
  readonly item: string
  /** When the visitor was forgotten last, as far as this page knows, Unix epoch, ms; 0: never. */
  time(): number
  /** Reads the item. Another tab may have written it. */
  look(): void
  /** Takes a time that another tab has told. An earlier one than this page knows is no news. */
  learn(at: number): void
  /** Forgets now. @param now the device's clock, Unix epoch, ms. */
  begin(now: number): void
  /** Writes the item. @param isCleared whether the database is cleared. If not, who opens it next does that. */
  save(isCleared: boolean): void
  /** Whether the database that was just opened is to be cleared. Who asks clears it. */
  isStale(): boolean
}

/**
 * @param options the write key, and whether there is an own store: then nothing is kept.
 * @param onNews another tab has forgotten the visitor since this page looked last.
 */
export function createForgotten(options: Parameters<typeof sharedName>[0], onNews: () => void): Forgotten {
  const name = sharedName(options)
  const item = `${name}!`
  let at = 0
  let isRead = false
  // The item ends in `!` until the database is cleared.
  let isUncleared = false

  function read(): number {
    try {
      const text = earlyStorage(name).getItem(item)
      if (text) isUncleared = text.endsWith('!')
      const when = parseInt(text || '', 10)
      if (isCounted(when)) return when
    } catch {
      // Denied. Then the other tabs are heard, and nothing is remembered.
    }
    return 0
  }

  function learn(when: number, isNews = true): void {
    if (when <= at) return
    at = when
    if (isNews) onNews()
  }

  function look(): void {
    // A page that reads it first has nothing of the time before.
    const isNews = isRead
    isRead = true
    learn(read(), isNews)
  }

  function save(isCleared: boolean, when = at): void {
    isUncleared = !isCleared
    try {
      earlyStorage(name).setItem(item, `${when}${isCleared ? '' : '!'}`)
    } catch {
      // Denied or full. A tab that sleeps hears of it when it asks the others.
    }
  }

  return {
    item,
    time() {
      if (!isRead) look()
      return at
    },
    look,
    learn,
    begin(now) {
      isRead = true
      at = Math.max(now, at + 1, read() + 1)
    },
    save,
    isStale() {
      const when = read()
      const isStale = isUncleared
      // A later time of another tab stays for the next look.
      if (isStale) save(true, Math.max(when, at))
      return isStale
    },
  }
}
