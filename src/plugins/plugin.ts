import type { Tracker } from '../api.js'

/** What a plugin needs of a tracker: it records events, and nothing else. */
export type PluginTracker = Pick<Tracker, 'track'>

/** Listens on the window as the event comes in, before listeners of the document can stop it. @returns the undo. */
export function onWindow<Type extends keyof DocumentEventMap>(
  types: readonly Type[],
  listener: (event: DocumentEventMap[Type]) => void,
): () => void {
  const options = { capture: true, passive: true }
  for (const type of types) window.addEventListener(type, listener as EventListener, options)
  return function () {
    for (const type of types) window.removeEventListener(type, listener as EventListener, options)
  }
}

/** The element that an event is of, also inside of open shadow roots; its nearest ancestor that matches. */
export function elementOf(event: Event, selector: string): Element | null {
  for (const one of event.composedPath()) if (one instanceof Element && one.matches(selector)) return one
  return null
}

/** An address without user, query and fragment, because those may name a person. What is no address is empty. */
export function plainAddress(href: string): string {
  try {
    const { protocol, host, pathname } = new URL(href, document.baseURI)
    return /^https?:$/.test(protocol) ? `${protocol}//${host}${pathname}` : protocol
  } catch {
    return ''
  }
}

/** Which page is open, as far as its address says. The fragment counts only if a router uses it. */
export function openPage(): string {
  return location.href.replace(/#(?![/!]).*$/, '')
}
