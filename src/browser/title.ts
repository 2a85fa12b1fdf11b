import { cancel, evenTime, later, type Timer } from './clock.js'
import { globals } from './globals.js'

/** A title is told so long after it changed, ms. The time doubles with each change, because some titles blink or run. */
const titleMs = 100

/** A title that was painted so shortly before the address changes is that of the next page, ms. */
const routerMs = 30

/** Watches the title of the document. */
export interface TitleWatch {
  /** Reads the title now. The next change is told soon. */
  read(): string
  /** Tells at once a change that waits. */
  settle(): void
  /**
   * The address changes. A change that waits is told at once, unless it is so new that it belongs to the next page.
   *
   * @param isTraversed whether the browser went back or forward: no router has set a title for it yet.
   */
  leave(isTraversed: boolean): void
  stop(): void
}

/**
 * Calls `onTitle` after the title has changed, with the title that was seen last.
 *
 * A router may set the next title just before it changes the address. So a change is told only after a while, and a new one
 * is dropped as the address changes: it belongs to the next page.
 *
 * @param due is called when it is time to tell a change, and calls `settle()`. So what the address says can come first.
 */
export function watchTitle(onTitle: (title: string) => void, due: () => void): TitleWatch {
  let seen = titleOf()
  let delayMs = titleMs
  let timer: Timer | undefined
  let paintedAt = 0
  let head: Node | null = null
  const observer = new globals.MutationObserver(function () {
    watch()
    const title = titleOf()
    if (seen === title) return
    seen = title
    // On a slow device a router may need long from the title to the address. Nobody has seen the title before it is painted.
    paintedAt = Infinity
    globals.requestAnimationFrame(() => (paintedAt = evenTime()))
    if (timer !== undefined) return
    timer = later(due, delayMs)
    delayMs *= 2
  })

  /** A page may replace its head, or write its whole document anew. */
  function watch(): void {
    const { documentElement } = globals.document
    const present = (documentElement && documentElement.querySelector('head')) || globals.document
    if (head === present) return
    head = present
    observer.disconnect()
    if (documentElement) observer.observe(documentElement, { childList: true })
    observer.observe(present, { childList: true, subtree: true, characterData: true })
  }
  function leave(isTraversed: boolean): void {
    if (!isTraversed && evenTime() - paintedAt < routerMs) drop()
    else settle()
  }
  function drop(): boolean {
    if (timer === undefined) return false
    cancel(timer)
    timer = undefined
    return true
  }
  function settle(): void {
    if (drop()) onTitle(seen)
  }

  watch()
  return {
    read() {
      watch()
      delayMs = titleMs
      seen = titleOf()
      return seen
    },
    settle,
    leave,
    stop() {
      observer.disconnect()
      drop()
    },
  }
}

/** The title of the document. An element of the page may have the name `title`. */
function titleOf(): string {
  const { title } = globals.document
  if (typeof title === 'string') return title
  const element = globals.document.querySelector('title')
  return (element && element.textContent) || ''
}
