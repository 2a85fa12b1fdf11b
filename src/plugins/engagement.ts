import { nothing, onWindow, openPage, type PluginTracker } from './plugin.js'

/** Each of these is recorded when it is reached, seconds. A day later nobody reads the page any more. */
const seconds = [5, 10, 20, 30, 60, 120, 180, 300, 600, 900, 1800, 3600, 7200, 14_400, 28_800, 86_400]
/** Somebody who has done nothing for so long is not counted as active, ms. */
const activeMs = 10_000

/**
 * Records `Engagement` of each page as it happens, so that no ending loses it: when the time that a person was active on it
 * reaches 5, 10, 20, 30, 60 … seconds (`activeSeconds`), and when it was scrolled down to a quarter, the half, three quarters
 * and its end (`scrolledPercent`). Both stand in each event. The greatest of a page holds. It keeps no session open.
 *
 * @returns the undo.
 * @example const undo = engagement(tracker)
 */
export function engagement(tracker: PluginTracker): () => void {
  // As `hasPage`, whose second use would cost more bytes than there are.
  if (typeof document !== 'object') return nothing
  let page = openPage()
  let active = 0
  let scrolled = 0
  let lastInput = performance.now()
  let told = 0

  function tick(): void {
    if (openPage() !== page) {
      page = openPage()
      active = scrolled = told = 0
      // A router changes the address before it shows the page.
      return
    }
    if (document.visibilityState === 'visible' && performance.now() - lastInput < activeMs) active++
    const { scrollTop, scrollHeight, clientHeight } = scroller()
    // The end is reached although a part of a pixel is missing.
    if (scrollHeight) scrolled = Math.max(scrolled, ((scrollTop + clientHeight + 1) / scrollHeight) * 100)
    const activeSeconds = seconds.filter(one => one <= active).pop() || 0
    const scrolledPercent = Math.min(100, scrolled - (scrolled % 25))
    // Both only grow.
    const now = activeSeconds + scrolledPercent
    if (now !== told) tracker.track('Engagement', { activeSeconds, scrolledPercent }, { activity: false })
    told = now
  }

  const timer = setInterval(tick, 1000)
  const undo = onWindow(
    ['scroll', 'pointerdown', 'pointermove', 'keydown', 'wheel', 'pageshow' as 'scroll'],
    function (event) {
      lastInput = performance.now()
      // A page that comes back as it was left is another view.
      if ((event as PageTransitionEvent).persisted) page = ''
    },
  )
  return function () {
    clearInterval(timer)
    undo()
  }
}

/** What scrolls the page: the window, or else the element that an application shows in it. */
function scroller(): Element {
  const root = document.scrollingElement || document.body
  if (root.scrollHeight > root.clientHeight) return root
  let one = document.elementFromPoint(innerWidth / 2, innerHeight / 2)
  while (one && !(one.scrollHeight > one.clientHeight && /auto|scroll/.test(getComputedStyle(one).overflowY)))
    one = one.parentElement
  return one || root
}
