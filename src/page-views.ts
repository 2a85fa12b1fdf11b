import type { PageProperties } from './api.js'
import { isPage } from './browser/host.js'
import type { On } from './browser/lifecycle.js'
import { addressOf, type Navigation, onNavigation, viewPage } from './browser/navigation.js'
import { isFrame, isFrameSeen, onRedirect, onSight, type Sight } from './browser/seen.js'
import { type TitleWatch, watchTitle } from './browser/title.js'
import { createEnteredPage, type EnteredPageParts, type ShownPage } from './entered-page.js'
import { askText } from './hooks.js'
import { copyFields } from './properties.js'

export type { ShownPage } from './entered-page.js'

/** What the page views of a tracker need. */
export interface PageViewParts extends EnteredPageParts {
  readonly on: On
  /** Wraps what happens to the page: nothing is thrown. */
  readonly guard: <Args extends unknown[]>(run: (...args: Args) => void) => (...args: Args) => void
  /** Whether calls wait that were made on the page that is shown. */
  readonly isCalled: () => boolean
  /** Whether nobody sees the page, and nobody has touched it. */
  readonly isUntouched: () => boolean
}

/** Knows which page the visitor sees, and says when it is another one, or has another title. */
export interface PageViews {
  /** Listens to the page going to another one on its own, from the task of the start on. */
  watch(): void
  /**
   * Begins to watch. If page views are automatic, the page is entered that is shown. That may be later than the task of the
   * start, so that the page need not wait for it: the view comes before the calls that were made meanwhile.
   */
  start(): void
  /** The page at the stop, if one was open; else `undefined`. */
  shown(): ShownPage | undefined
  /** Enters a page. What is left out is read from the document. A change of address that waits is this page. */
  enter(properties?: PageProperties): void
  /** The page is back from the back/forward cache, or recording is allowed again: it is entered anew. */
  enterAgain(): void
  /**
   * What the page has just done comes first: its router, its title.
   *
   * @param what happens to the page; without it a verb is called.
   */
  settle(what?: string): void
  stop(): void
}

export function createPageViews(parts: PageViewParts): PageViews {
  const { options, on, submit, guard, trouble, before, isCalled, isUntouched } = parts
  const { automatic, frames, pageKey } = options
  const page = createEnteredPage(parts)
  let title: TitleWatch
  let navigation: Navigation | undefined
  // The automatic view of the page that is shown waits: nobody can have seen the page, or it is entered by hand.
  let isHeld = false
  let sight: Sight | undefined
  let isGoing: () => boolean
  let shown: ShownPage | undefined

  function enter(properties: PageProperties, isFirst?: boolean): void {
    isHeld = false
    page.enter(properties, navigation ? title.read() : '', isFirst)
  }

  /** Enters the page that is shown, if it can be seen, and is no part of another page (`about:srcdoc`). */
  function enterShown(isFirst?: boolean): void {
    isHeld = !frames && (!isFrameSeen() || viewPage().url.startsWith('about:'))
    if (!isHeld) enter({}, isFirst)
  }

  /** The first page was seen, or it is not to wait any longer. */
  function release(): void {
    if (!isHeld) return
    if (navigation) navigation.settle()
    enterShown()
  }

  function isSame(before: string, isReplaced: boolean): boolean {
    function keyOf(url: string): string {
      return askText(pageKey, url, trouble) ?? addressOf(url, isReplaced)
    }
    return keyOf(before) === keyOf(viewPage().url)
  }

  function onChange(before: string, isReplaced: boolean): void {
    const isSamePage = isSame(before, isReplaced)
    if (!isSamePage) page.note(before)
    if (isHeld) return
    const isRedirect = isReplaced && page.isFresh()
    if (isSamePage || (isRedirect && automatic)) {
      page.stay(isRedirect)
      page.learn(title.read())
    } else if (automatic) enterShown()
  }

  function onLeave(isTraversed: boolean): void {
    title.leave(isTraversed)
    page.leave()
  }

  /** A title may tell of an address that nobody has told. */
  function settle(): void {
    if (navigation) navigation.settle()
    title.settle()
  }

  function start(): void {
    // A page view is what a visitor sees. Where there is no document, only `page()` makes one.
    if (navigation || !isPage()) return
    if (before !== undefined && isSame(before.url, false)) page.again()
    title = watchTitle(guard(page.learn), guard(settle))
    navigation = onNavigation({ on, onLeave: guard(onLeave), onChange: guard(onChange) })
    isHeld = automatic
    if (!automatic) return
    sight = onSight(on, isFrame() && !frames, isGoing, guard(release))
    if (isCalled()) enterShown(true)
    // The visit begins now, so that the first call need not wait until it is known whether another tab has begun one.
    else if (!isUntouched()) submit({ verb: 'input' })
  }

  return {
    watch() {
      isGoing = onRedirect(on)
    },
    start: guard(start),
    shown: () => shown,
    enter(given) {
      start()
      isHeld = true
      if (navigation) navigation.settle()
      enter(given === undefined ? {} : copyFields('page', given, trouble))
    },
    enterAgain() {
      if (navigation && automatic) enterShown()
    },
    settle(what) {
      if (what) start()
      if (isHeld && what !== 'stop' && (!/leave|hidden|freeze/.test(what || '') || (sight && sight.isPainted())))
        release()
      if (!navigation) return
      navigation.settle()
      if (what) page.learn(title.read())
      else title.settle()
      if (what === 'input') page.touch()
    },
    stop() {
      if (!navigation) return
      navigation.stop()
      title.stop()
      if (sight) sight.stop()
      const given = page.given()
      shown = given && { url: viewPage().url, given }
    },
  }
}
