import { cancel, later, type Timer } from './clock.js'
import { globals, scope } from './globals.js'
import type { On } from './lifecycle.js'

/**
 * How long to wait after the last change of address, ms. Routers may write the new address several times, and set the
 * title after it. Scripts that run at the start may redirect.
 */
export const settleMs = 60

/** What hears of a change of address. */
export interface NavigationParts {
  /** Adds a listener. The caller undoes it. */
  readonly on: On
  /**
   * The address changes: at once, at the first change of several.
   *
   * @param isTraversed whether the browser went back or forward, and no script has heard of it yet.
   */
  readonly onLeave: (isTraversed: boolean) => void
  /**
   * The address is settled. It may be the same as before.
   *
   * @param from the address before the change.
   * @param isReplaced whether entries of the history were only replaced.
   */
  readonly onChange: (from: string, isReplaced: boolean) => void
}

/** Watches the address of a single-page app. */
export interface Navigation {
  /**
   * Reports a change that still waits, or that nobody has told, so that the next record belongs to the new page. Without one
   * nothing happens.
   */
  settle(): void
  /** Stops watching. A change that still waits is not reported. */
  stop(): void
}

/**
 * Hears of each change of address without a page load. It uses the Navigation API if the browser has it, because that
 * also sees changes that bypass a patched `pushState`. Otherwise it patches `history`; a change that bypasses the patch is then
 * reported by the next `settle()`.
 */
export function onNavigation({ on, onLeave, onChange }: NavigationParts): Navigation {
  let last = globals.location.href
  let timer: Timer | undefined
  let isReplaced = true

  function settle(): void {
    // Nobody tells of a change by a method that a script has read before it was patched.
    // `document.URL` says the same for a tenth of the time in Chromium, unless an element has that name.
    if (timer === undefined && (last === globals.document.URL || last === globals.location.href)) return
    // How the address has changed is not known then. Routers that have read the method before add an entry.
    const isTold = timer !== undefined
    cancel(timer)
    timer = undefined
    const from = last
    last = globals.location.href
    onChange(from, isTold && isReplaced)
  }
  function changed(type: string): void {
    if (timer === undefined) {
      isReplaced = true
      onLeave(type === 'traverse')
    }
    isReplaced = isReplaced && type.startsWith('replace')
    cancel(timer)
    // In two halves: if a dialog has blocked the page, the first is late, and a router has the second to go back.
    timer = later(() => (timer = later(settle, settleMs / 2)), settleMs / 2)
  }

  const undo = watch(on, changed)
  return {
    settle,
    stop() {
      cancel(timer)
      undo()
    },
  }
}

/** Describes the current document as a page view, without a title and a category. A worker has the address of its script. */
export function viewPage(): { url: string; referrer: string; origin: string } {
  const { referrer } = (globals.document || {}) as Partial<Document>
  const { href = '', origin = '' } = (globals.location || {}) as Partial<Location>
  // An element may have the name of a property of the document.
  return {
    url: href,
    referrer: typeof referrer === 'string' ? referrer : '',
    origin,
  }
}

/**
 * Which page an address is. A jump within a page is no page view, so the fragment is ignored, unless a router uses it
 * (`#/`, `#!`). An entry of the history that is only replaced is the same page whatever its query.
 */
export function addressOf(href: string, isReplaced: boolean): string {
  const address = href.replace(/#(?![/!]).*$/, '')
  return isReplaced ? address.replace(/\?[^#]*/g, '') : address
}

/** The Navigation API; `null` if the browser has none, or the page has put something else in its place. */
export function navigationOf(): EventTarget | null {
  const { navigation, Navigation } = scope() as Window & { navigation?: EventTarget; Navigation?: unknown }
  return typeof Navigation === 'function' && navigation instanceof Navigation ? navigation : null
}

/** @param changed hears how: the type of the Navigation API, or the name of the method of `history`, or nothing. */
function watch(on: On, changed: (type: string) => void): () => void {
  const navigation = navigationOf()
  if (navigation) {
    on(navigation, 'currententrychange', event => {
      const { navigationType } = event as Event & { navigationType?: string | null }
      if (navigationType) changed(navigationType)
    })
    return () => {}
  }
  const { prototype } = globals.History
  // A page that is imitated may have none.
  const { history = prototype } = scope() as Partial<Window>
  const undo = (['pushState', 'replaceState'] as const).map(name => {
    // A script may call the method of the prototype, so a patch of the instance alone would not see it. But a router that started
    // before us may have given the instance its own method, which calls what was on the prototype then.
    const place = history[name] === prototype[name] ? prototype : history
    const before = place[name]
    const patched: typeof before = function (this: History, ...args) {
      before.apply(this, args)
      changed(name)
    }
    // A page may have frozen it. Then changes of address are told by the next `settle()`.
    Reflect.set(place, name, patched)
    // A script that patched it later still calls our function. That is harmless, because `stop()` was called.
    return () => {
      if (place[name] === patched) place[name] = before
    }
  })
  on(scope(), 'popstate', () => changed(''))
  on(scope(), 'hashchange', () => changed(''))
  return () => {
    for (const one of undo) one()
  }
}
