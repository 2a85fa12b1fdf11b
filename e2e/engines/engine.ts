import { findFirefox, findWebkit } from '../../scripts/browser.mjs'
import type { Engine } from '../faults/table.js'
import { openChromium } from './chromium.js'
import { openFirefox } from './firefox.js'
import { openWebkit } from './webkit.js'

export { type Engine, engines, titles } from '../faults/table.js'

/** How to start a browser. */
export interface BrowserWish {
  /** The folder of its profile. A browser with the same folder finds what the browser before it stored. */
  readonly profile: string
  /** Limits the storage of the origin to this many bytes, as exactly as the engine can. */
  readonly quota?: { readonly origin: string; readonly bytes: number } | undefined
  /** Whether pages may store nothing, as with "block all cookies and site data". */
  readonly isBlocked?: boolean | undefined
}

/** A tab, used as a person would. */
export interface Tab {
  /** Runs a function in the page and resolves with its result. Rejects if the page leaves meanwhile. */
  run<A, R>(step: (arg: A) => R | Promise<R>, arg: A): Promise<R>
  /** Navigates to another address. It may resolve before the new page is there. */
  load(url: string): Promise<void>
  reload(): Promise<void>
  back(): Promise<void>
  /** Hides the page, as another tab in front of it does. Resolves when `document.visibilityState` is `hidden`. */
  hide(): Promise<void>
  /** Closes the tab as a person does, so the page gets its events. Resolves when the tab is gone. */
  close(): Promise<void>
}

/** A whole browser with a profile on disk. */
export interface Browser {
  /**
   * Console lines and uncaught errors of all pages, and the lines that the browser writes about a page. Lines that no
   * page can prevent are left out: about a failed request, about blocked storage, and about a script that the browser
   * stops because it ends the process of the page.
   */
  readonly heard: readonly string[]
  /** Opens an address in a new tab. */
  open(url: string): Promise<Tab>
  /** Sends SIGKILL to all of its processes at once. */
  kill(): void
  /** Resolves when the processes of the browser are gone. */
  gone(): Promise<void>
  /** Ends the browser as a person does. Resolves when its processes are gone. */
  quit(): Promise<void>
}

const openers: Readonly<Record<Engine, (wish: BrowserWish) => Promise<Browser>>> = {
  chromium: openChromium,
  firefox: openFirefox,
  webkit: openWebkit,
}

/** Starts a browser of this engine. */
export const openBrowser = (engine: Engine, wish: BrowserWish): Promise<Browser> => openers[engine](wish)

/**
 * Whether this machine has a browser of this engine. Chromium is always there, because a run without it ends at once.
 */
export function isThere(engine: Engine): boolean {
  return engine === 'chromium' || (engine === 'firefox' ? findFirefox() : findWebkit()) !== null
}
