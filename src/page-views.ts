import type { PageProperties } from './api.js'
import { type Navigation, onNavigation, viewPage } from './browser/navigation.js'
import type { CheckedOptions } from './options.js'
import type { NewCall } from './record/call.js'
import { maxTextLength } from './record/limits.js'

/** What the page views of a tracker need. */
export interface PageViewParts {
  readonly options: CheckedOptions
  /** Hands over the call of a page view. @param data what is not part of the view. */
  readonly submit: (call: NewCall, data?: unknown) => void
  /** Wraps what happens to the page: nothing is thrown. */
  readonly guard: <Args extends unknown[]>(run: (...args: Args) => void) => (...args: Args) => void
}

/** Knows which page the visitor sees, and says when it is another one. */
export interface PageViews {
  /** Begins to watch, and enters the page that is shown. Does nothing unless page views are automatic. */
  start(): void
  /** Enters a page. What is left out is read from the document. */
  enter(properties?: PageProperties): void
  /** The page is back from the back/forward cache, or recording is allowed again: it is entered anew. */
  enterAgain(): void
  /** What the router of the page has just done comes first. */
  settle(): void
  stop(): void
}

export function createPageViews(parts: PageViewParts): PageViews {
  const { options, submit, guard } = parts
  let navigation: Navigation | undefined

  function enter(properties: PageProperties = {}): void {
    const shown = viewPage()
    const { url = shown.url, title = shown.title, referrer = shown.referrer, category = '', ...data } = properties
    const view = { url: cut(url), title: cut(title), referrer: cut(referrer), category: cut(category) }
    submit({ verb: 'page', view }, Object.keys(data)[0] && data)
  }

  return {
    start() {
      if (!options.automatic) return
      guard(enter)({})
      navigation = onNavigation(referrer => enter({ referrer }))
    },
    enter,
    enterAgain() {
      if (options.automatic) enter()
    },
    settle() {
      if (navigation) navigation.settle()
    },
    stop() {
      if (navigation) navigation.stop()
    },
  }
}

function cut(text: unknown): string {
  return `${text as string}`.slice(0, maxTextLength)
}
