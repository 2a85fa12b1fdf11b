import { cancel, evenTime, later, type Timer } from './clock.js'
import { globals, scope } from './globals.js'
import type { On } from './lifecycle.js'
import { navigationOf, settleMs } from './navigation.js'

/** Whether this page is in a frame of another page. A worker has no parent. */
export function isFrame(): boolean {
  return (scope().parent || scope()) !== scope()
}

/**
 * Whether the frame of this page can be seen: it is larger than a pixel, and displayed. Of a frame in a page of another
 * origin only the size is known. A page that is in no frame is always seen.
 */
export function isFrameSeen(): boolean {
  if (!isFrame()) return true
  const { frameElement, innerWidth, innerHeight } = scope()
  return (
    innerWidth > 1 &&
    innerHeight > 1 &&
    (!frameElement || (frameElement.clientWidth > 1 && globals.getComputedStyle(frameElement).visibility === 'visible'))
  )
}

/**
 * Makes a gate that is shut while the browser prepares the page out of sight (prerendering).
 *
 * @returns a function that says whether the gate is shut. If it is, the call is made when the page is shown, in order,
 * with copies of the arguments. What has no copy, such as a function, is taken as it is.
 */
export function createGate(): <Args extends unknown[]>(run: (...args: Args) => void, args: Args) => boolean {
  const waiting: (() => void)[] = []
  // An element may have the name of a property of the document.
  let isShut = (globals.document as Document & { prerendering?: boolean })?.prerendering === true
  if (isShut)
    globals.document.addEventListener('prerenderingchange', function () {
      isShut = false
      for (const call of waiting.splice(0)) call()
    })
  return function (run, args) {
    if (!isShut) return false
    let copy = args
    try {
      copy = structuredClone(args)
    } catch {
      // A function or a node of the page is among the arguments.
    }
    waiting.push(() => run(...copy))
    return true
  }
}

/** What the tracker reads of the event of the Navigation API. */
type NavigateEvent = Event & { navigationType: string; destination: { sameDocument: boolean } }

/** Knows whether a person has seen something of this page. */
export interface Sight {
  /** Whether something was painted, and the page does not go to another one on its own. */
  isPainted(): boolean
  stop(): void
}

/** A page that is painted, but not parsed for so long, counts as seen, ms. */
const paintedMs = 1000

/** A page that goes to another one on its own, and is still there after so long, has asked for a download, ms. */
const goingMs = 5000

/**
 * Listens to the page going to another one on its own. To be called in the task of the start, because the script that
 * redirects may be the next one.
 *
 * @returns a function that says whether the page goes. No event tells that it stays because the address is a download.
 */
export function onRedirect(on: On): () => boolean {
  const navigation = navigationOf()
  let until = 0
  if (navigation)
    on(navigation, 'navigate', event => {
      const { navigationType, destination } = event as NavigateEvent
      if (navigationType === 'replace' && !destination.sameDocument) until = evenTime() + goingMs
    })
  return () => evenTime() < until
}

/** A page that has loaded nothing for so long is at rest, ms. */
export const restMs = 1000

/** A page that has loaded something all the time was seen after so long, ms. */
const loadingMs = 10_000

/**
 * Whether a person has had time to look at the page: it was at rest, or has been open for long. A page that only redirects
 * may wait for seconds, but it waits for something: the router loads the next page, or asks who is signed in.
 *
 * @param since when the page was entered, {@link evenTime}.
 * @param own the beginning of addresses that the page does not load for itself.
 */
export function hasRested(since: number, own: string): boolean {
  const now = evenTime()
  let until = since
  let longestMs = 0
  function load({ name, startTime, duration }: Pick<PerformanceEntry, 'name' | 'startTime' | 'duration'>): void {
    if (name.startsWith(own)) return
    longestMs = Math.max(longestMs, startTime - until)
    until = Math.max(until, startTime + duration)
  }
  // In the order of their start. The browser keeps the first 250 of a document; after them the page seems to load nothing.
  globals.performance.getEntriesByType?.('resource').forEach(load)
  load({ name: '', startTime: now, duration: 0 })
  return now - since > loadingMs || (longestMs > restMs && globals.document.readyState === 'complete')
}

/**
 * Calls `tell` when the page was seen, and perhaps again: a frame when it comes into view, any other page when it is
 * parsed. It calls nothing while `isGoing`, because that is a redirect.
 */
export function onSight(on: On, isFramed: boolean, isGoing: () => boolean, tell: () => void): Sight {
  return isFramed ? onFrame(on, tell) : onPage(on, isGoing, tell)
}

function onFrame(on: On, tell: () => void): Sight {
  const observer = new IntersectionObserver(entries => entries.some(({ isIntersecting }) => isIntersecting) && tell())
  function look(): void {
    observer.disconnect()
    observer.observe(globals.document.documentElement)
  }
  // The observer says nothing if a frame grows that lay within the view all the time.
  on(scope(), 'resize', look)
  look()
  return { isPainted: () => false, stop: () => observer.disconnect() }
}

function onPage(on: On, isGoing: () => boolean, tell: () => void): Sight {
  let timer: Timer | undefined

  function isPainted(): boolean {
    return !isGoing() && !!globals.performance.getEntriesByType?.('paint')[0]
  }
  function look(): void {
    if (isPainted()) tell()
    else timer = later(look, paintedMs)
  }
  function parsed(): void {
    cancel(timer)
    timer = later(() => (isGoing() ? look() : tell()), settleMs)
  }

  if (globals.document.readyState === 'loading') {
    on(globals.document, 'DOMContentLoaded', parsed)
    timer = later(look, paintedMs)
  } else parsed()
  return { isPainted, stop: () => cancel(timer) }
}
