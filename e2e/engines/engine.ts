import { findFirefox, findWebkit } from '../../scripts/browser.mjs'
import type { Engine } from '../faults/table.js'
import { openChromium } from './chromium.js'
import { openFirefox } from './firefox.js'
import { openWebkit } from './webkit.js'

export { type Engine, engines, titles } from '../faults/table.js'

/** What a browser is started with. */
export interface BrowserWish {
  /** The folder of its profile. A browser that is started on the same folder finds what the one before it stored. */
  readonly profile: string
  /** Bounds what the origin may store, in bytes, as closely as the engine can. */
  readonly quota?: { readonly origin: string; readonly bytes: number } | undefined
  /** Pages may store nothing, as with "block all cookies and site data". */
  readonly isBlocked?: boolean | undefined
}

/** A tab, driven as a person would. */
export interface Tab {
  /** Runs a function in the page and gives what it returns. Rejects if the page leaves meanwhile. */
  run<A, R>(step: (arg: A) => R | Promise<R>, arg: A): Promise<R>
  /** Asks for another address; whoever must know when the new page is there polls it. */
  load(url: string): Promise<void>
  reload(): Promise<void>
  back(): Promise<void>
  /** Hides the page as another tab in front of it does. Resolves when `document.visibilityState` is `hidden`. */
  hide(): Promise<void>
  /** Closes the tab as a person does: the page hears of it. Resolves when the tab is gone. */
  close(): Promise<void>
}

/** A whole browser with a profile on disk. */
export interface Browser {
  /**
   * Console lines and uncaught errors of all pages, with those that the browser itself writes about a page. Left out is
   * what no page can keep it from: a line for a request that fails, for storage that is blocked, and for a script that the
   * browser stops because it ends the page's process.
   */
  readonly heard: readonly string[]
  /** Opens an address in a new tab. */
  open(url: string): Promise<Tab>
  /** SIGKILL to all of its processes, at once. */
  kill(): void
  /** Resolves when the browser's processes are gone. */
  gone(): Promise<void>
  /** Ends it as a person does. Resolves when its processes are gone. */
  quit(): Promise<void>
}

const openers: Readonly<Record<Engine, (wish: BrowserWish) => Promise<Browser>>> = {
  chromium: openChromium,
  firefox: openFirefox,
  webkit: openWebkit,
}

/** Starts a browser of that engine. */
export const openBrowser = (engine: Engine, wish: BrowserWish): Promise<Browser> => openers[engine](wish)

/** Whether this machine has a browser of that engine. Chromium is always there: the run ends without it. */
export function isThere(engine: Engine): boolean {
  return engine === 'chromium' || (engine === 'firefox' ? findFirefox() : findWebkit()) !== null
}
