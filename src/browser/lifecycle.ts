type On = (target: EventTarget, type: string, listener: (event: Event) => void) => void

/** Makes a function that adds listeners, and one that removes them all. */
export function createListeners(): { on: On; off: () => void } {
  const options = { capture: true, passive: true }
  let undo: (() => void)[] = []
  return {
    on(target, type, listener) {
      target.addEventListener(type, listener, options)
      undo.push(() => target.removeEventListener(type, listener, options))
    },
    off() {
      for (const one of undo) one()
      undo = []
    },
  }
}

/** What happens to a page that must not be missed, not even in the task that starts the tracker. */
export interface LeaveListeners {
  /** The tab is hidden. It may be killed from here without another word. */
  readonly onHidden: () => void
  /** The page goes away, for good or into the back/forward cache. */
  readonly onLeave: () => void
  /** The tab is visible again, and the page may have missed much. */
  readonly onVisible: () => void
}

/** Listens to the page going away. There is no `unload` listener, which would keep the page out of the back/forward cache. */
export function onLeaving(on: On, { onHidden, onLeave, onVisible }: LeaveListeners): void {
  on(window, 'pagehide', onLeave)
  on(document, 'visibilitychange', () => (isHidden() ? onHidden() : onVisible()))
}

/** What else happens to a page. */
export interface LifecycleListeners {
  /** The page is back from the back/forward cache. */
  readonly onReturn: () => void
  readonly onFreeze: () => void
  readonly onResume: () => void
  readonly onOnline: () => void
  /** A person did something. Events that scripts make are left out. */
  readonly onInput: () => void
}

/** Listens to everything else. */
export function onLifecycle(on: On, listeners: LifecycleListeners): void {
  on(window, 'pageshow', event => {
    if ((event as PageTransitionEvent).persisted) listeners.onReturn()
  })
  on(document, 'freeze', listeners.onFreeze)
  on(document, 'resume', listeners.onResume)
  on(window, 'online', listeners.onOnline)
  for (const type of ['pointerdown', 'keydown', 'scroll', 'touchstart'])
    on(window, type, event => {
      if (event.isTrusted) listeners.onInput()
    })
}

export function isHidden(): boolean {
  return document.visibilityState === 'hidden'
}

/** Whether the browser says that the visitor does not want to be tracked: Global Privacy Control, Do Not Track. */
export function hasPrivacySignal(): boolean {
  const { globalPrivacyControl, doNotTrack } = navigator as Navigator & { globalPrivacyControl?: boolean }
  return globalPrivacyControl === true || doNotTrack === '1'
}

/** Language and user agent of this browser, as a visit tells them. */
export function describeBrowser(): { languageCode: string; userAgent: string } {
  return { languageCode: navigator.language || '', userAgent: navigator.userAgent || '' }
}

/** Gives `localStorage`. @throws where it is denied. */
export function earlyStorage(): Storage {
  return localStorage
}
