import { globals, scope } from './globals.js'
import { isPage } from './host.js'

/** Adds a listener. */
export type On = (target: EventTarget, type: string, listener: (event: Event) => unknown) => void

/** Listeners of one page. */
export interface Listeners {
  readonly on: On
  /** Adds those again that the page has removed: `document.open()` removes all of the window and the document. */
  again(): void
  /** Removes them all. */
  off(): void
}

export function createListeners(): Listeners {
  const options = { capture: true, passive: true }
  const all: Parameters<On>[] = []

  function add([target, type, listener]: Parameters<On>): void {
    target.addEventListener(type, listener, options)
  }

  return {
    on(...one) {
      // In Node nothing of the global scope can be heard.
      if (!one[0].addEventListener) return
      all.push(one)
      add(one)
    },
    again: () => all.forEach(add),
    off() {
      for (const [target, type, listener] of all.splice(0)) target.removeEventListener(type, listener, options)
    },
  }
}

/**
 * What happens to a page.
 *
 * - `hidden`: the tab is hidden. It may be killed from here without another word.
 * - `leave`: the page goes away, for good or into the back/forward cache. `return`: it is back from there.
 * - `back`: the tab is visible again, or thawed. The page may have missed much. `freeze`: it is frozen.
 * - `online`: the network is back.
 * - `input`: a person did something. Events that scripts make are left out.
 */
export type PageEvent = 'hidden' | 'leave' | 'back' | 'return' | 'freeze' | 'online' | 'input'

/** Listens to the page going away. There is no `unload` listener, which would keep the page out of the back/forward cache. */
export function onLeaving(on: On, tell: (what: PageEvent) => void): void {
  if (!isPage()) return
  on(scope(), 'pagehide', () => tell('leave'))
  on(globals.document, 'visibilitychange', () => tell(isHidden() ? 'hidden' : 'back'))
}

/** Listens to everything else. Where there is no document, that is the network alone. */
export function onLifecycle(on: On, tell: (what: PageEvent) => void): void {
  on(scope(), 'online', () => tell('online'))
  if (!isPage()) return
  on(scope(), 'pageshow', event => (event as PageTransitionEvent).persisted && tell('return'))
  on(globals.document, 'freeze', () => tell('freeze'))
  on(globals.document, 'resume', () => tell('back'))
}

/** Calls `again` when the page was written anew with `document.open()`, which removes listeners. @returns the undo. */
export function onRewrite(again: () => void): () => void {
  const observer = new globals.MutationObserver(again)
  observer.observe(globals.document, { childList: true })
  return () => observer.disconnect()
}

export function isHidden(): boolean {
  return globals.document?.visibilityState === 'hidden'
}

/** Whether the browser says that the visitor does not want to be tracked: Global Privacy Control, Do Not Track. */
export function hasPrivacySignal(): boolean {
  const { globalPrivacyControl, doNotTrack } = (globals.navigator || {}) as Partial<Navigator> & {
    globalPrivacyControl?: boolean
  }
  return globalPrivacyControl === true || doNotTrack === '1'
}

/** Language and user agent of this browser, and whether a program drives it, as a visit tells them. */
export function describeBrowser(): { languageCode: string; userAgent: string; automated?: true } {
  const { language, userAgent, webdriver } = (globals.navigator || {}) as Partial<Navigator>
  return { languageCode: language || '', userAgent: userAgent || '', ...(webdriver && { automated: true }) }
}

/** Calls `tell` when another tab has changed that item of localStorage. */
export function onStored(on: On, name: string, tell: () => void): void {
  on(scope(), 'storage', event => (event as StorageEvent).key === name && tell())
}

/** Gives `localStorage`. @throws where it is denied, and if the pages share no name. */
export function earlyStorage(name: string): Storage {
  if (!name) throw new Error('no name')
  return globals.localStorage
}
