import type { Tracker } from '../api.js'

/** What a plugin needs of a tracker: it records events, and nothing else. */
export type PluginTracker = Pick<Tracker, 'track'>

/** Whether there is a page. On a server and in a worker there is none, and plugins do nothing, as the tracker does. */
export function hasPage(): boolean {
  return typeof document === 'object'
}

/** The undo of a plugin that has nothing to end. */
export function nothing(): void {}

/** Listens on the window as the event comes in, before listeners of the document can stop it. @returns the undo. */
export function onWindow<Type extends keyof DocumentEventMap>(
  types: readonly Type[],
  listener: (event: DocumentEventMap[Type]) => void,
): () => void {
  if (!hasPage()) return nothing
  const options = { capture: true, passive: true }
  for (const type of types) window.addEventListener(type, listener as EventListener, options)
  return function () {
    for (const type of types) window.removeEventListener(type, listener as EventListener, options)
  }
}

/**
 * The element that an event is of, also inside of open shadow roots; its nearest ancestor that matches. A form may have a field
 * that is named as a method of its.
 */
export function elementOf(event: Event, selector: string): Element | null {
  for (const one of event.composedPath())
    if (one instanceof Element && Element.prototype.matches.call(one, selector)) return one
  return null
}

/** Matches the link that a click follows, also in SVG. */
export const links = 'a[*|href],area[href]'

/**
 * Tells which links are followed, also in a new tab: by a click, the middle button, or a key that the browser makes a click of. A
 * click that the page prevents follows nothing.
 *
 * @returns the undo.
 */
export function onFollow(tell: (link: Element, url: URL) => void): () => void {
  /** Clicks that a later listener may still prevent. */
  const clicks: (() => void)[] = []
  function settle(): void {
    for (const click of clicks.splice(0)) click()
  }
  return onWindow(['click', 'auxclick', 'pagehide' as 'click'], function (event) {
    // `pagehide`, the only type behind 'd': a busy page is left before the task below.
    if (event.type > 'd') return settle()
    const link = elementOf(event, links)
    // The right button opens a menu, and follows nothing.
    if (!link || event.button > 1) return
    const href = link.getAttribute('href') ?? link.getAttribute('xlink:href')
    try {
      const url = new URL(href as string, document.baseURI)
      // A listener that comes later may prevent it, or stop the event.
      clicks.push(() => event.defaultPrevented || tell(link, url))
      setTimeout(settle)
    } catch {
      // What is no address leads nowhere.
    }
  })
}

/** An address without user, query and fragment, because those may name a person. Of what is not on the web: the scheme. */
export function plainURL({ protocol, origin, pathname }: URL): string {
  return /^https?:$/.test(protocol) ? origin + pathname : protocol
}

/** The same of a text. What is no address is empty. */
export function plainAddress(href: string): string {
  try {
    return plainURL(new URL(href, document.baseURI))
  } catch {
    return ''
  }
}

/** Which page is open, as far as its address says. The fragment counts only if a router uses it. */
export function openPage(): string {
  return location.href.replace(/#(?![/!]).*$/, '')
}

/** Cuts a text to so many characters. Half of a surrogate pair at its end is left out. */
export function cut(text: string, maxLength: number): string {
  return text.slice(0, maxLength).replace(/\p{Surrogate}$/u, '')
}
