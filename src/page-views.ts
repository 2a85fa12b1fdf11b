import type { PageProperties } from './api.js'
import { evenTime } from './browser/clock.js'
import { isPage } from './browser/host.js'
import type { On } from './browser/lifecycle.js'
import { addressOf, type Navigation, onNavigation, viewPage } from './browser/navigation.js'
import { hasRested, isFrame, isFrameSeen, onRedirect, onSight, type Sight } from './browser/seen.js'
import { type TitleWatch, watchTitle } from './browser/title.js'
import type { TrackerErrorCode } from './errors.js'
import { askText } from './hooks.js'
import type { CheckedOptions } from './options.js'
import { copyFields } from './properties.js'
import { cut, toReferrer, toTitle, toUrl } from './record/address.js'
import type { NewCall, PageView } from './record/call.js'

/** What the page views of a tracker need. */
export interface PageViewParts {
  readonly options: CheckedOptions
  readonly on: On
  /**
   * Hands over the call of a page view.
   *
   * @param data what is not part of the view.
   * @param isFirst whether it comes before all calls that wait.
   * @returns false if the page wants nothing recorded of it.
   */
  readonly submit: (call: NewCall, data?: unknown, passive?: boolean, isFirst?: boolean) => unknown
  /** Wraps what happens to the page: nothing is thrown. */
  readonly guard: <Args extends unknown[]>(run: (...args: Args) => void) => (...args: Args) => void
  readonly trouble: (code: TrackerErrorCode, cause?: unknown) => void
  /** The page that was open when the tracker was stopped in this document. */
  readonly before: ShownPage | undefined
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

/** A page as it was when the tracker was stopped. */
export interface ShownPage {
  readonly url: string
  /** What was given by hand. */
  readonly given: PageProperties
}

/** The page that was entered last. */
interface OpenPage {
  view: PageView
  /** What was given by hand. It is never corrected. */
  readonly given: PageProperties
  /** {@link evenTime}. */
  readonly enteredAt: number
  /** Whether a person has done something on it. Then a change of address is no redirect any more. */
  isTouched: boolean
}

export function createPageViews(parts: PageViewParts): PageViews {
  const { options, on, submit, guard, trouble, before, isCalled, isUntouched } = parts
  const { automatic, frames, pageKey } = options
  let open: OpenPage | null = null
  let title: TitleWatch
  let navigation: Navigation | undefined
  // The address before the present one.
  let from: string | undefined
  // The automatic view of the page that is shown waits: nobody can have seen the page, or it is entered by hand.
  let isHeld = false
  // The address is already that of the next page, and so may be the title.
  let isAway = false
  // The next view goes on with the page that was open when the tracker was stopped.
  let isAgain = false
  let sight: Sight | undefined
  let isGoing: () => boolean
  let shown: ShownPage | undefined

  /** Makes a view, as it is recorded. What is not given is read from the document. */
  function toView(url?: unknown, text?: unknown, referrer?: unknown, category?: unknown): PageView {
    const shown = viewPage()
    return {
      url: toAddress(url ?? shown.url, toUrl),
      title: toTitle(textOf(text ?? (navigation ? title.read() : ''))),
      referrer: toAddress(referrer ?? from ?? shown.referrer, one => toReferrer(one, shown.origin)),
      category: cut(textOf(category ?? '')),
    }
  }

  function toAddress(address: unknown, otherwise: (url: string) => string): string {
    const url = textOf(address)
    const text = askText(options.url, url, trouble)
    return text === undefined ? otherwise(url) : cut(text)
  }

  function enter(properties: PageProperties, isFirst?: boolean): void {
    isHeld = isAway = false
    const given = isAgain && before ? { ...before.given, ...properties } : properties
    const { url, title: text, referrer, category, ...data } = given
    const view = toView(url, text, referrer, category)
    const isKept = submit({ verb: 'page', view, goesOn: isAgain }, Object.keys(data)[0] && data, false, isFirst)
    isAgain = false
    open = { view, given, enteredAt: evenTime(), isTouched: false }
    if (isKept === false) {
      open = null
      submit({ verb: 'exit' })
    }
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

  function correct(now: Partial<PageView>): void {
    if (!open || isAway) return
    const view = { ...open.view, ...now }
    if (view.url === open.view.url && view.title === open.view.title) return
    open.view = view
    submit({ verb: 'view', view })
  }

  function onTitle(text: string): void {
    if (open && open.given.title === undefined) correct({ title: toTitle(text) })
  }

  function isSame(before: string, isReplaced: boolean): boolean {
    function keyOf(url: string): string {
      return askText(pageKey, url, trouble) ?? addressOf(url, isReplaced)
    }
    return keyOf(before) === keyOf(viewPage().url)
  }

  function onChange(before: string, isReplaced: boolean): void {
    const isSamePage = isSame(before, isReplaced)
    if (open && !isSamePage) from = before
    if (isHeld) return
    const isStart = isReplaced && open && !open.isTouched && !hasRested(open.enteredAt, `${options.collector}/v1/`)
    if (isSamePage || (isStart && automatic)) {
      isAway = false
      if (isStart && open && open.given.url === undefined) correct({ url: toAddress(viewPage().url, toUrl) })
      onTitle(title.read())
    } else if (automatic) enterShown()
  }

  function onLeave(isTraversed: boolean): void {
    title.leave(isTraversed)
    isAway = true
  }

  /** A title may tell of an address that nobody has told. */
  function settle(): void {
    if (navigation) navigation.settle()
    title.settle()
  }

  function start(): void {
    // A page view is what a visitor sees. Where there is no document, only `page()` makes one.
    if (navigation || !isPage()) return
    isAgain = before !== undefined && isSame(before.url, false)
    title = watchTitle(guard(onTitle), guard(settle))
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
      if (what) onTitle(title.read())
      else title.settle()
      if (open && what === 'input') open.isTouched = true
    },
    stop() {
      if (!navigation) return
      navigation.stop()
      title.stop()
      if (sight) sight.stop()
      shown = open ? { url: viewPage().url, given: open.given } : undefined
    },
  }
}

/** What a page gives for a text may be anything. A symbol has no text, and neither has an object without a prototype. */
function textOf(value: unknown): string {
  try {
    return `${value as string}`
  } catch {
    return ''
  }
}
