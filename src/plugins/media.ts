import { onWindow, type PluginTracker, plainAddress } from './plugin.js'

/**
 * Records what becomes of video and sound in the page: `MediaStarted`, `MediaPlayed` with `percent` 25, 50, 75, and `MediaEnded`. Their data has the
 * `media`: the element's id, or its address without query. Each once for an element and address. Streams without an end have no
 * percent.
 *
 * @returns the undo.
 * @example const undo = media(tracker)
 */
export function media(tracker: PluginTracker): () => void {
  const told = new WeakMap<Element, Set<string>>()

  function tell(element: HTMLMediaElement, name: string, percent?: number): void {
    const address = plainAddress(element.currentSrc)
    const known = told.get(element) || new Set()
    told.set(element, known)
    const key = `${element.currentSrc} ${name} ${percent}`
    if (known.has(key)) return
    known.add(key)
    tracker.track(name, { media: element.id || address, ...(percent && { percent }) })
  }
  return onWindow(['play', 'timeupdate', 'ended'], function ({ type, target }) {
    if (!(target instanceof HTMLMediaElement)) return
    const { currentTime, duration } = target
    if (type === 'ended') tell(target, 'MediaEnded')
    else if (type === 'play') tell(target, 'MediaStarted')
    else if (!target.paused)
      for (const percent of [25, 50, 75])
        if (currentTime >= (duration * percent) / 100) tell(target, 'MediaPlayed', percent)
  })
}
