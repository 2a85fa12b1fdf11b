import { expect } from '@playwright/test'
import Database from 'better-sqlite3'
import { makeProfile, removeProfile } from '../faults/browser.js'
import { type Ledger, readLedger } from '../faults/house.js'
import { type Proxy, startProxy } from '../faults/proxy.js'
import { type FaultSite, type PageWish, startFaultSite } from '../faults/site.js'
import { type RunningCollector, startCollector } from '../helpers/collector.js'
import { startSite } from '../helpers/site.js'
import { type Browser, type BrowserWish, type Engine, openBrowser, type Tab } from './engine.js'

/** The set-up of one case in one engine: browser, site, proxy and collector. */
export interface EngineHouse {
  readonly engine: Engine
  /** How many numbered events the case makes, from 0. */
  readonly n: number
  readonly proxy: Proxy
  readonly site: FaultSite
  readonly collector: RunningCollector
  /** The address of a page of another site, without a tracker. */
  readonly elsewhere: string
  /** Opens a page of the site in a new tab, and waits until the page can keep records. */
  open(wish?: PageWish): Promise<Tab>
  /** Starts the browser, or starts it again with the same profile. Without it, the first `open` starts the browser. */
  launch(wish?: Omit<BrowserWish, 'profile'>): Promise<void>
  /** Resolves when the killed browser is gone. */
  gone(): Promise<void>
  ledger(): Ledger
  /** The addresses of pages whose exit the collector does not have. */
  unended(): string[]
  /** The console lines and uncaught errors of all pages. */
  heard(): string[]
  /**
   * Opens another page, as a person who comes back, and flushes until nothing is missing, or `maxMs` are over.
   *
   * @param count asks that page how many events were made, if it is not known before.
   * @returns the tab of that page.
   */
  revisit(wish?: PageWish, maxMs?: number, count?: (tab: Tab) => Promise<number>): Promise<Tab>
  /** Whether `revisit` was called. */
  isRevisited(): boolean
  stop(): Promise<void>
}

const revisitPath = '/revisit'

export async function buildEngineHouse(engine: Engine, n: number): Promise<EngineHouse> {
  const collector = await startCollector()
  const proxy = await startProxy(() => collector.url)
  const site = await startFaultSite({ collector: proxy.url, key: 'fault', flushEveryMs: 500 })
  const other = await startSite(() => '<!doctype html><title>Elsewhere</title><h1>Elsewhere</h1>')
  const profile = makeProfile()
  const said: string[] = []
  let isRevisited = false
  let browser: Browser | null = null

  /** Keeps the console lines of a browser that is gone or about to end. */
  function forget(ended: Browser): void {
    said.push(...ended.heard)
    browser = null
  }

  function unended(): string[] {
    const db = new Database(collector.db, { readonly: true })
    const rows = db
      .prepare('SELECT eventName, pageID, pages.url FROM events JOIN pages USING (site, visitID, pageID)')
      .all() as {
      eventName: string
      pageID: string
      url: string
    }[]
    db.close()
    const ended = new Set(rows.filter(({ eventName }) => eventName === 'PageExited').map(({ pageID }) => pageID))
    const pages = new Map(rows.filter(({ pageID }) => !ended.has(pageID)).map(({ pageID, url }) => [pageID, url]))
    return [...pages.values()].map(url => new URL(url).pathname).filter(path => path !== revisitPath)
  }

  const house: EngineHouse = {
    engine,
    n,
    proxy,
    site,
    collector,
    // Another host name of this machine. For a browser it is another site, which may run in another process.
    elsewhere: other.url.replace('127.0.0.1', 'localhost'),
    async open(wish = {}) {
      if (!browser) await house.launch()
      const tab = await (browser as Browser).open(site.address({ path: '/first', ...wish }))
      await until(
        tab,
        isBare => (!isBare || 'bareMake' in window) && (window.tracker?.status().store ?? 'opening') !== 'opening',
        wish.bare,
      )
      return tab
    },
    async launch(wish = {}) {
      const before = browser
      if (before) {
        forget(before)
        await before.quit()
      }
      const started = await openBrowser(engine, { profile, ...wish })
      browser = started
      site.onKill = started.kill
    },
    async gone() {
      const killed = browser as Browser
      await killed.gone()
      forget(killed)
    },
    ledger: () => readLedger(collector, proxy, n),
    unended,
    heard: () => [...said, ...(browser?.heard ?? [])],
    isRevisited: () => isRevisited,
    async revisit(wish = {}, maxMs = 25_000, count = async () => n) {
      isRevisited = true
      const tab = await house.open({ path: revisitPath, ...wish })
      const made = await count(tab)
      const isMissing = (): boolean => house.ledger().lost.some(number => number < made) || unended().length > 0
      for (const end = Date.now() + maxMs; Date.now() < end && isMissing(); ) {
        await tab.run(() => window.tracker.flush(), null)
        await new Promise(resolve => setTimeout(resolve, 100))
      }
      // Anything that this flush sends would be a copy.
      await tab.run(() => window.tracker.flush(), null)
      return tab
    },
    async stop() {
      site.onKill = () => {}
      const last = browser
      if (last) {
        last.kill()
        await last.gone()
      }
      await proxy.stop()
      await site.stop()
      await other.stop()
      await collector.stop()
      removeProfile(profile)
    },
  }
  return house
}

/** Waits until the function returns true in the page. While the page loads, it counts as false. */
export async function until<A>(tab: Tab, step: (arg: A) => unknown, arg: A): Promise<void> {
  await expect.poll(() => tab.run(step, arg).then(Boolean, () => false)).toBe(true)
}

/** Runs a function that navigates away. Resolves when the tab shows another document. */
export async function leave<A>(tab: Tab, step: (arg: A) => unknown, arg: A): Promise<void> {
  const before = await tab.run(nameDocument, null)
  // There may be no answer, because the page leaves while the function runs.
  tab.run(step, arg).catch(() => {})
  await arrive(tab, before)
}

/** Resolves when the tab shows another document than the one with this name. */
export async function arrive(tab: Tab, before: string): Promise<void> {
  await expect.poll(() => tab.run(nameDocument, null).catch(() => before)).not.toBe(before)
}

/** Makes a name for the document of a page: its address and its load time. */
export function nameDocument(): string {
  return `${location.href} ${performance.timeOrigin}`
}
