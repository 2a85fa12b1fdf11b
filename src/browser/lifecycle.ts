/** What becomes of a page, as the hall needs to know it. */
export interface LifecycleListeners {
  /** The tab is hidden: it may be killed from here without another word. */
  readonly onHidden: () => void
  /** The page goes away, for good or into the back/forward cache. */
  readonly onLeave: () => void
  /** The page is back, and may have missed much: `isReturned` from the back/forward cache. */
  readonly onBack: (isReturned: boolean) => void
  /** The page is frozen: it must hold on to nothing that another tab waits for. */
  readonly onFreeze: () => void
  readonly onOnline: () => void
  /** A person did something. Scripts that pretend are not heard. */
  readonly onInput: () => void
}

/** Listens to the page; gives the undo. No `unload`, which would keep pages out of the back/forward cache. */
export function onLifecycle(listeners: LifecycleListeners): () => void {
  const undo: (() => void)[] = []
  const on = (target: EventTarget, type: string, listener: (event: Event) => void): void => {
    const options = { capture: true, passive: true }
    target.addEventListener(type, listener, options)
    undo.push(() => target.removeEventListener(type, listener, options))
  }
  on(window, 'pagehide', listeners.onLeave)
  on(window, 'pageshow', event => {
    if ((event as PageTransitionEvent).persisted) listeners.onBack(true)
  })
  on(document, 'visibilitychange', () => {
    if (document.visibilityState === 'hidden') listeners.onHidden()
    else listeners.onBack(false)
  })
  on(document, 'freeze', listeners.onFreeze)
  on(document, 'resume', () => listeners.onBack(false))
  on(window, 'online', listeners.onOnline)
  for (const type of ['pointerdown', 'keydown', 'scroll', 'touchstart'])
    on(window, type, event => {
      if (event.isTrusted) listeners.onInput()
    })
  return () => {
    for (const one of undo) one()
  }
}

/** Whether the browser says that this person does not want to be followed: Global Privacy Control, Do Not Track. */
export function hasPrivacySignal(): boolean {
  const { globalPrivacyControl, doNotTrack } = navigator as Navigator & { globalPrivacyControl?: boolean }
  return globalPrivacyControl === true || doNotTrack === '1'
}

/** Language and user agent of this browser, as a visit states them. */
export function describeBrowser(): { languageCode: string; userAgent: string } {
  return { languageCode: navigator.language || '', userAgent: navigator.userAgent || '' }
}

/** `localStorage`; throws where it is denied. */
export function earlyStorage(): Storage {
  return localStorage
}
