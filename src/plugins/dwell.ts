import { hasPage, nothing, onWindow, openPage, type PluginTracker } from './plugin.js'

/** Settings of {@link dwell}. */
export interface DwellOptions {
  /**
   * After so many seconds on a page, `TimeOnPage` is recorded.
   *
   * @default [30]
   */
  readonly seconds?: readonly number[] | undefined
  /**
   * After so many seconds without a movement, a key or a touch, `NoMovement` is recorded, once until the next movement.
   *
   * @default 60
   */
  readonly stillSeconds?: number | undefined
}

/**
 * Records that somebody stays on a page (`TimeOnPage`), or does nothing there (`NoMovement`), so that the site can offer help.
 * Their data has the `seconds`. The time while the page is hidden does not count. It keeps no session open.
 *
 * @returns the undo.
 * @example const undo = dwell(tracker, { seconds: [30, 300], stillSeconds: 120 })
 */
export function dwell(tracker: PluginTracker, { seconds = [30], stillSeconds = 60 }: DwellOptions = {}): () => void {
  if (!hasPage()) return nothing
  let page = openPage()
  let stayed = 0
  let still = 0

  function tick(): void {
    if (openPage() !== page) {
      page = openPage()
      stayed = still = 0
    }
    if (document.visibilityState !== 'visible') return
    stayed++
    still++
    if (seconds.includes(stayed)) tracker.track('TimeOnPage', { seconds: stayed }, { activity: false })
    if (still === stillSeconds) tracker.track('NoMovement', { seconds: still }, { activity: false })
  }

  const timer = setInterval(tick, 1000)
  const inputs = [
    'scroll',
    'pointerdown',
    'pointermove',
    'keydown',
    'wheel',
    'touchstart',
    'pageshow' as 'scroll',
  ] as const
  const undo = onWindow(inputs, function (event) {
    still = 0
    // A page that comes back as it was left is another view.
    if ((event as PageTransitionEvent).persisted) page = ''
  })
  return function () {
    clearInterval(timer)
    undo()
  }
}
