import { cut, hasPage, nothing, type PluginTracker, plainAddress } from './plugin.js'

/** Of each page load at most so many different errors are recorded. */
const mostErrors = 10
const mostChars = 300

/**
 * Records `Error` for errors that nothing caught, and for promises that were rejected and not handled: `message`, `source` (the address of the script,
 * without query), `line`, `column`, and `kind`. Addresses in the message lose their query. Each different one once, and at most 10 in a page load. Errors of scripts of
 * other origins have no message unless the script has the attribute `crossorigin`. It keeps no session open.
 *
 * @returns the undo.
 * @example const undo = errors(tracker)
 */
export function errors(tracker: PluginTracker): () => void {
  if (!hasPage()) return nothing
  const seen = new Set<string>()

  function tell(message: unknown, kind: string, source = '', line = 0, column = 0): void {
    const data = { message: textOf(message), kind, source: source && plainAddress(source), line, column }
    const key = JSON.stringify(data)
    if (seen.size >= mostErrors || seen.has(key)) return
    seen.add(key)
    tracker.track('Error', data, { activity: false })
  }
  function onError({ message, filename, lineno, colno }: ErrorEvent): void {
    // A page may send an event of this name that tells of no error.
    if (message) tell(message, 'error', filename, lineno, colno)
  }
  function onRejection({ reason }: PromiseRejectionEvent): void {
    tell(reason, 'rejection')
  }

  window.addEventListener('error', onError)
  window.addEventListener('unhandledrejection', onRejection)
  return function () {
    window.removeEventListener('error', onError)
    window.removeEventListener('unhandledrejection', onRejection)
  }
}

/** What is thrown may be anything, and may have no text. Addresses in it are plain. */
function textOf(value: unknown): string {
  try {
    const { message } = Object(value) as Error
    const text = String(value instanceof Error ? value : message || value)
    return cut(text, mostChars).replace(/https?:\/\/\S+/g, plainAddress)
  } catch {
    return typeof value
  }
}
