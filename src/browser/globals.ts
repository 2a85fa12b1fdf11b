/** What the browser gives to the scripts of a page, as its globals. */
export type Globals = Window & typeof globalThis

/**
 * The globals that the library uses. They are those of the page, read at each use, because a page may change them. The test
 * kit puts its own in their place. In every other build nothing can.
 */
export let globals: Globals = globalThis as Globals

/** The window of the page, or what stands in its place where there is no document: the global scope of a worker. */
export function scope(): Window {
  return globals.window || globals
}

/** Uses other globals from now on. */
export function useGlobals(other: Globals): void {
  globals = other
}
