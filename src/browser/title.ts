import { later, type Timer } from './clock.js'

/** A title is told so long after it changed, ms. The time doubles with each change, because some titles blink or run. */
const titleMs = 100

/** Watches the title of the document. */
export interface TitleWatch {
  /** Reads the title now. The next change is told soon. */
  read(): string
  /** Tells at once a change that waits. */
  settle(): void
  stop(): void
}

/**
 * Calls `onTitle` after the title has changed, with the title that was seen last.
 *
 * A router may set the next title just before it changes the address, in one task. So a change is seen only when that
 * task is over, or by `read`: what is seen at a change of address is still the title of the page before it.
 */
export function watchTitle(onTitle: (title: string) => void): TitleWatch {
  let seen = document.title
  let delayMs = titleMs
  let timer: Timer | undefined

  function read(): string {
    delayMs = titleMs
    seen = document.title
    return seen
  }
  function settle(): void {
    if (timer === undefined) return
    clearTimeout(timer)
    timer = undefined
    onTitle(seen)
  }

  const observer = new MutationObserver(function () {
    const { title } = document
    if (seen === title) return
    seen = title
    if (timer !== undefined) return
    timer = later(settle, delayMs)
    delayMs *= 2
  })
  observer.observe(document.head || document, { childList: true, subtree: true, characterData: true })
  return {
    read,
    settle,
    stop() {
      observer.disconnect()
      clearTimeout(timer)
    },
  }
}
