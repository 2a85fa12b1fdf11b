/** Routers write the new address several times, and the title after it: a page view is decided once both have settled. */
const settleMs = 60

/** The page views of a single-page app. */
export interface Navigation {
  /** Decides at once what is still settling: whatever is recorded next belongs to the new page. */
  settle(): void
  stop(): void
}

/**
 * Tells of each change of address without a page load, once it has settled: through the Navigation API where there is one
 * (it also sees what bypasses a patched `pushState`), elsewhere through patched history.
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

/** The page as it stands. */
export function viewPage(): { url: string; title: string; referrer: string; category: string } {
  return { url: location.href, title: document.title, referrer: document.referrer, category: '' }
}

/** An address without its fragment, unless a router lives in it (`#/`, `#!`): jumping within a page is no page view. */
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
    // Whoever has patched it after us keeps our call, and it does nothing any more.
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
