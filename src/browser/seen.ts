import { isHidden, type On } from './lifecycle.js'
import { settleMs } from './navigation.js'

/** Whether this page is in a frame of another page. */
export function isFrame(): boolean {
  return window.parent !== window
}

/**
 * Whether the frame of this page can be seen: it is larger than a pixel, and displayed. Of a frame in a page of another
 * origin only the size is known. A page that is in no frame is always seen.
 */
export function isFrameSeen(): boolean {
  if (!isFrame()) return true
  const { frameElement, innerWidth, innerHeight } = window
  return (
    innerWidth > 1 &&
    innerHeight > 1 &&
    (!frameElement || (frameElement.clientWidth > 1 && getComputedStyle(frameElement).visibility === 'visible'))
  )
}

/** Whether a person can see this page: its tab is not hidden, and its frame neither. */
export function isSeen(): boolean {
  return !isHidden() && isFrameSeen()
}

/** Whether the browser has painted something of this page. */
export function isPainted(): boolean {
  return !!performance.getEntriesByType('paint')[0]
}

/**
 * Makes a gate that is shut while the browser prepares the page out of sight (prerendering).
 *
 * @returns a function that says whether the gate is shut. If it is, the call is made when the page is shown, in order,
 * with copies of the arguments. What has no copy, such as a function, is taken as it is.
 */
export function createGate(): <Args extends unknown[]>(run: (...args: Args) => void, args: Args) => boolean {
  const waiting: (() => void)[] = []
  let isShut = (document as Document & { prerendering?: boolean }).prerendering
  if (isShut)
    document.addEventListener('prerenderingchange', function () {
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

/**
 * Calls `tell` when the first of this page can have been seen, and perhaps again. A page that is in no frame was parsed
 * or painted, and does not go to another page meanwhile: then it is a redirect. A frame came into view.
 *
 * @returns the undo of what is not undone by `on`.
 */
export function onSight(on: On, isFramed: boolean, tell: () => void): () => void {
  return isFramed ? onFrame(on, tell) : onParsed(on, tell)
}

function onFrame(on: On, tell: () => void): () => void {
  const observer = new IntersectionObserver(entries => entries.some(({ isIntersecting }) => isIntersecting) && tell())
  function look(): void {
    observer.disconnect()
    observer.observe(document.documentElement)
  }
  // The observer says nothing if a frame grows that lay within the view all the time.
  on(window, 'resize', look)
  look()
  return () => observer.disconnect()
}

function onParsed(on: On, tell: () => void): () => void {
  const { navigation } = window as Window & { navigation?: EventTarget }
  let isGoing = false
  function seen(): void {
    if (!isGoing) tell()
  }
  if (navigation)
    on(navigation, 'navigate', event => {
      if (!(event as Event & { destination: { sameDocument: boolean } }).destination.sameDocument) isGoing = true
    })
  let timer: ReturnType<typeof setTimeout> | undefined
  function parsed(): void {
    timer = setTimeout(seen, settleMs)
  }
  let observer: PerformanceObserver | undefined
  if (document.readyState !== 'loading') parsed()
  else {
    on(document, 'DOMContentLoaded', parsed)
    if ('PerformanceObserver' in window) {
      observer = new PerformanceObserver(seen)
      observer.observe({ type: 'paint' })
    }
  }
  return function () {
    clearTimeout(timer)
    if (observer) observer.disconnect()
  }
}
