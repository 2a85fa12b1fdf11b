/**
 * How long to wait after the last change of address, ms. Routers may write the new address several times, and set the
 * title after it.
 */
const settleMs = 60

/** Watches the address of a single-page app. */
export interface Navigation {
  /**
   * Reports a change that still waits, so that the next record belongs to the new page. Without one nothing happens.
   */
  settle(): void
  /** Stops watching. A change that still waits is not reported. */
  stop(): void
}

/**
 * Calls `onPage` after each change of address without a page load. It uses the Navigation API if the browser has it,
 * because that also sees changes that bypass a patched `pushState`. Otherwise it patches `history`.
 *
 * @param onPage gets the address before the change, as the referrer.
 */
export function onNavigation(onPage: (referrer: string) => void): Navigation {
  let last = addressOf(location.href)
  let timer: ReturnType<typeof setTimeout> | undefined

  function settle(): void {
    if (timer === undefined) return
    clearTimeout(timer)
    timer = undefined
    const address = addressOf(location.href)
    if (address === last) return
    const referrer = last
    last = address
    onPage(referrer)
  }
  const changed = (): void => {
    clearTimeout(timer)
    timer = setTimeout(settle, settleMs)
  }

  const undo = watch(changed)
  return {
    settle,
    stop() {
      clearTimeout(timer)
      undo()
    },
  }
}

/** Describes the current document as a page view, without a category. */
export function viewPage(): { url: string; title: string; referrer: string; category: string } {
  return { url: location.href, title: document.title, referrer: document.referrer, category: '' }
}

/**
 * Removes the fragment of an address, because a jump within a page is no page view. A fragment that a router uses
 * (`#/`, `#!`) stays.
 */
function addressOf(href: string): string {
  return href.replace(/#(?![/!]).*$/, '')
}

function watch(changed: () => void): () => void {
  const { navigation } = window as Window & { navigation?: EventTarget }
  if (navigation) {
    const heard = (event: Event & { navigationType?: string | null }): void => {
      if (event.navigationType) changed()
    }
    navigation.addEventListener('currententrychange', heard)
    return () => navigation.removeEventListener('currententrychange', heard)
  }
  const undo = (['pushState', 'replaceState'] as const).map(name => {
    const before = history[name]
    const patched: typeof before = function (this: History, ...args) {
      before.apply(this, args)
      changed()
    }
    history[name] = patched
    // A script that patched it later still calls our function. That is harmless, because `stop()` was called.
    return () => {
      if (history[name] === patched) history[name] = before
    }
  })
  addEventListener('popstate', changed)
  addEventListener('hashchange', changed)
  return () => {
    for (const one of undo) one()
    removeEventListener('popstate', changed)
    removeEventListener('hashchange', changed)
  }
}
