import type { Globals } from '../browser/globals.js'
import { createStorage } from './storage.js'

/** Hears nothing, and is heard by nobody: a test has one tab. */
class SilentChannel extends EventTarget {
  onmessage = null
  postMessage(): void {}
  close(): void {}
}

class BlindObserver {
  observe(): void {}
  disconnect(): void {}
}

/** Goes nowhere. */
class StillHistory {
  pushState(): void {}
  replaceState(): void {}
}

/** Whether the test has a page, as in jsdom, happy-dom and a browser. */
export function hasPage(): boolean {
  return typeof document === 'object'
}

/** Globals of trackers under test. */
export type TestGlobals = Globals & {
  /** Deletes what localStorage holds of the database of that name. */
  forget(name: string): void
}

/**
 * Makes the globals of the trackers under test. Where there is a page, it is that one. Where there is none, it is one that nobody
 * sees, and no global is added for it. localStorage and the other tabs are always of its own, so that no test finds what another
 * has left.
 */
export function createTestGlobals(): TestGlobals {
  const real = globalThis as Globals
  let storage: Storage | undefined
  let page: Pick<Globals, 'document' | 'window' | 'location'> | undefined

  function seen(): Pick<Globals, 'document' | 'window' | 'location'> {
    return hasPage() ? real : (page ??= createPage())
  }

  const own = {
    get window() {
      return seen().window
    },
    get document() {
      return seen().document
    },
    get location() {
      return seen().location
    },
    get navigator() {
      // Not those of this machine, so that a test finds the same everywhere. What the visitor wants is that of the test.
      const { globalPrivacyControl, doNotTrack } = (real.navigator ?? {}) as unknown as Record<string, unknown>
      return { language: 'en', userAgent: 'sojourn/testing', globalPrivacyControl, doNotTrack }
    },
    get localStorage() {
      return (storage ??= createStorage())
    },
    get History() {
      return real.History ?? StillHistory
    },
    get MutationObserver() {
      return real.MutationObserver ?? BlindObserver
    },
    BroadcastChannel: SilentChannel,
    // A page under test is painted at once.
    requestAnimationFrame: (run: () => void) => run(),
    performance: { getEntriesByType: () => [] },
    getComputedStyle: (element: Element) => real.getComputedStyle(element),
    forget(name: string) {
      for (const item of Object.keys(storage ?? {}))
        if (item === name || item.startsWith(`${name}:`) || item === `${name}!`) storage?.removeItem(item)
    },
  }
  return own as unknown as TestGlobals
}

function createPage(): Pick<Globals, 'document' | 'window' | 'location'> {
  const document = Object.assign(new EventTarget(), {
    visibilityState: 'visible',
    readyState: 'complete',
    title: '',
    referrer: '',
    baseURI: 'https://page.invalid/',
    activeElement: null,
    documentElement: null,
    querySelector: () => null,
  })
  const window = Object.assign(new EventTarget(), { document, length: 0, history: new StillHistory() })
  Object.assign(window, { parent: window, top: window })
  const location = { href: document.baseURI, origin: new URL(document.baseURI).origin }
  return { window, document, location } as unknown as Globals
}
