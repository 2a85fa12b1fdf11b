import type { PageProperties } from './api.js'
import { evenTime } from './browser/clock.js'
import { viewPage } from './browser/navigation.js'
import { hasRested } from './browser/seen.js'
import type { TrackerErrorCode } from './errors.js'
import { askText } from './hooks.js'
import type { CheckedOptions } from './options.js'
import { toReferrer, toTitle, toUrl } from './record/address.js'
import type { NewCall, PageView } from './record/call.js'
import { cut } from './record/check.js'

/** What the page that was entered last needs. */
export interface EnteredPageParts {
  readonly options: CheckedOptions
  /**
   * Hands over the call of a page view.
   *
   * @param data what is not part of the view.
   * @param isFirst whether it comes before all calls that wait.
   * @returns false if the page wants nothing recorded of it.
   */
  readonly submit: (call: NewCall, data?: unknown, passive?: boolean, isFirst?: boolean) => unknown
  readonly trouble: (code: TrackerErrorCode, cause?: unknown) => void
  /** The page that was open when the tracker was stopped in this document. */
  readonly before: ShownPage | undefined
}

/** A page as it was when the tracker was stopped. */
export interface ShownPage {
  readonly url: string
  /** What was given by hand. */
  readonly given: PageProperties
}

/** The page that was entered last, and whether its title and address may still be corrected. */
export interface EnteredPage {
  /**
   * Enters a page. What is left out is read from the document.
   *
   * @param title of the document.
   * @param isFirst whether the view comes before all calls that wait.
   */
  enter(properties: PageProperties, title: string, isFirst?: boolean): void
  /** The next page that is entered goes on with the one that was open when the tracker was stopped. */
  again(): void
  /** The document may already have the title and the address of the next page. */
  leave(): void
  /** The address was another one before. A page that is entered has it as its referrer. */
  note(address: string): void
  /** The address has changed, and the page is still the same. @param isRedirect whether the page takes the new address. */
  stay(isRedirect: unknown): void
  /** The document has this title. */
  learn(title: string): void
  /** A person has done something on the page. Then a change of address is no redirect any more. */
  touch(): void
  /** Whether a change of address is a redirect: nobody has touched the page, and it was not at rest yet. */
  isFresh(): boolean
  /** What was given by hand, if a page is open. */
  given(): PageProperties | undefined
}

interface OpenPage {
  view: PageView
  /** What was given by hand. It is never corrected. */
  readonly given: PageProperties
  /** {@link evenTime}. */
  readonly enteredAt: number
  isTouched: boolean
}

export function createEnteredPage({ options, submit, trouble, before }: EnteredPageParts): EnteredPage {
  let open: OpenPage | null = null
  // The address before the present one.
  let from: string | undefined
  let isAway = false
  let isAgain = false

  function toAddress(address: unknown, otherwise: (url: string) => string): string {
    const url = textOf(address)
    const text = askText(options.url, url, trouble)
    return text === undefined ? otherwise(url) : cut(text)
  }

  function correct(now: Partial<PageView>): void {
    if (!open || isAway) return
    const view = { ...open.view, ...now }
    if (view.url === open.view.url && view.title === open.view.title) return
    open.view = view
    submit({ verb: 'view', view })
  }

  return {
    enter(properties, text, isFirst) {
      const shown = viewPage()
      const given = isAgain && before ? { ...before.given, ...properties } : properties
      const { url, title, referrer, category, ...data } = given
      const view = {
        url: toAddress(url ?? shown.url, toUrl),
        title: toTitle(textOf(title ?? text)),
        referrer: toAddress(referrer ?? from ?? shown.referrer, one => toReferrer(one, shown.origin)),
        category: cut(textOf(category ?? '')),
      }
      const isKept = submit({ verb: 'page', view, goesOn: isAgain }, Object.keys(data)[0] && data, false, isFirst)
      isAway = isAgain = false
      open = { view, given, enteredAt: evenTime(), isTouched: false }
      if (isKept === false) {
        open = null
        submit({ verb: 'exit', goesOn: true })
      }
    },
    again() {
      isAgain = true
    },
    leave() {
      isAway = true
    },
    note(address) {
      if (open) from = address
    },
    stay(isRedirect) {
      isAway = false
      if (isRedirect && open && open.given.url === undefined) correct({ url: toAddress(viewPage().url, toUrl) })
    },
    learn(title) {
      if (open && open.given.title === undefined) correct({ title: toTitle(title) })
    },
    touch() {
      if (open) open.isTouched = true
    },
    isFresh: () => !!open && !open.isTouched && !hasRested(open.enteredAt, `${options.collector}/v1/`),
    given: () => open?.given,
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
