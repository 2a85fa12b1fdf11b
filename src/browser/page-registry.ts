import { scope } from './globals.js'

/**
 * What this page holds under that name, shared by all copies of the library that it has loaded. It stands under a symbol, so
 * that it is no global name of the page.
 */
export function pageRegistry<T>(): Map<string, T> {
  const symbol = Symbol.for('sojourn')
  const page = scope() as unknown as Record<symbol, Map<string, T> | undefined>
  const found = page[symbol]
  if (found) return found
  const made = new Map<string, T>()
  Object.defineProperty(page, symbol, { value: made })
  return made
}
