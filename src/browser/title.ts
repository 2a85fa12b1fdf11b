/** A title is told so long after it changed, ms. So one that blinks or runs is not told at each step. */
const titleMs = 1000

/** Watches the title of the document. */
export interface TitleWatch {
  /** Reads the title now. */
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
  let timer: ReturnType<typeof setTimeout> | undefined

  function read(): string {
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
    if (seen !== read() && timer === undefined) timer = setTimeout(settle, titleMs)
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
