import { earlyStorage } from './browser/lifecycle.js'
import { type Consent, isConsent } from './options.js'

/** What the visitor has decided, as far as this page and the device know. `pending`: nothing. */
export interface Word {
  /** What this page knows. */
  known(): Consent
  /** What the device remembers. Where it keeps nothing, what this page knows. */
  remembered(): Consent
  /** The page knows it now. */
  learn(word: Consent): void
  /** The page knows it now, and the device remembers it. */
  keep(word: Consent): void
}

/**
 * @param name of the item in localStorage.
 * @param isKept whether the device may remember. Where localStorage is denied or full, the word holds while the page lives.
 */
export function createWord(name: string, isKept: boolean): Word {
  let word: Consent = 'pending'
  let isRemembered = isKept

  function attempt(run: (storage: Storage) => void): void {
    try {
      if (isRemembered) run(earlyStorage(name))
    } catch {
      isRemembered = false
    }
  }

  return {
    known: () => word,
    remembered() {
      let found = word
      attempt(function (storage) {
        const item = storage.getItem(name)
        found = isConsent(item) ? item : 'pending'
        // Another script has written it.
        if (item && found === 'pending') storage.removeItem(name)
      })
      return found
    },
    learn(to) {
      word = to
    },
    keep(to) {
      word = to
      attempt(function (storage) {
        try {
          // In one step: another tab that reads between two of them would find nothing.
          if (to !== 'pending') return storage.setItem(name, to)
        } catch {
          isRemembered = false
        }
        storage.removeItem(name)
      })
    },
  }
}
