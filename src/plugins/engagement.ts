import { onWindow, openPage, type PluginTracker } from './plugin.js'

/** Each of these is recorded when it is reached, seconds. A day later nobody reads the page any more. */
const seconds = [5, 10, 20, 30, 60, 120, 180, 300, 600, 900, 1800, 3600, 7200, 14_400, 28_800, 86_400]
const parts = [25, 50, 75, 100]
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
  let page = openPage()
  let active = 0
  let scrolled = 0
  let lastInput = performance.now()
  let told = ''

  function tell(): void {
    const activeSeconds = [...seconds].reverse().find(one => one <= active) || 0
    const scrolledPercent = [...parts].reverse().find(one => one <= scrolled) || 0
    const now = `${activeSeconds} ${scrolledPercent}`
    if (now === told || now === '0 0') return
    told = now
    tracker.track('Engagement', { activeSeconds, scrolledPercent }, { activity: false })
  }
  function look(): void {
    const { scrollTop, scrollHeight, clientHeight } = document.scrollingElement || document.documentElement
    // The end is reached although a part of a pixel is missing.
    if (scrollHeight) scrolled = Math.max(scrolled, ((scrollTop + clientHeight + 1) / scrollHeight) * 100)
  }
  function tick(): void {
    if (openPage() !== page) {
      page = openPage()
      active = scrolled = 0
      told = ''
    }
    if (document.visibilityState === 'visible' && performance.now() - lastInput < activeMs) active++
    look()
    tell()
  }

  const timer = setInterval(tick, 1000)
  const undo = onWindow(['scroll', 'pointerdown', 'pointermove', 'keydown', 'wheel', 'touchstart'], function () {
    lastInput = performance.now()
  })
  return function () {
    clearInterval(timer)
    undo()
  }
}
