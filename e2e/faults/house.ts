import type { BrowserContext, Page } from '@playwright/test'
import Database from 'better-sqlite3'
import { type CollectorProcess, type RunningCollector, startCollectorProcess } from '../helpers/collector.js'
import { type Site, startSite } from '../helpers/site.js'
import { upTo } from '../helpers/tracker.js'
import { type Browser, makeProfile, openBrowser, removeProfile } from './browser.js'
import { type Proxy, startProxy } from './proxy.js'
import { type FaultSite, type PageWish, startFaultSite } from './site.js'

declare global {
  interface Window {
    /** Makes numbered events in one task. */
    make(from: number, to: number): void
    /** Resolves when the storage process has done all earlier transactions. */
    settled(): Promise<void>
    /** Asks the site, in this task, to kill the whole browser after this many ms. */
    kill(after: number): void
    bareMake(from: number, to: number): void
    bareCount(): Promise<number>
    /** The longest task after the events were made, ms. */
    longest: number
    /** Whether the page came from the back/forward cache when it was last shown. */
    isReturned: boolean
    /** What is added to the clock, ms. Only pages with `moveClock` have it. */
    shiftMs: number
  }
}

/** Which of the events that were made the collector has. */
export interface Ledger {
  /** Numbers in the database. */
  readonly found: readonly number[]
  /** Numbers that were made and are not in the database. */
  readonly lost: readonly number[]
  /** Numbers that are more than once in the database. */
  readonly doubled: readonly number[]
  /** How many records reached the collector again although it had them. */
  readonly copies: number
  /** How many batches the browser sent. */
  readonly requests: number
}

/** The set-up of one case: browser, site, proxy and collector. */
export interface House {
  /** How many numbered events the case makes, from 0. */
  readonly n: number
  readonly collector: CollectorProcess
  readonly proxy: Proxy
  readonly site: FaultSite
  /** Another origin, without a tracker. */
  readonly elsewhere: Site
  readonly context: BrowserContext
  /**
   * Console lines and uncaught errors of the pages, without the lines that the browser writes about failed requests.
   */
  readonly heard: readonly string[]
  /** The longest task of a page, ms. A page that was killed does not count. */
  longest: number
  /** Opens a page. With `isReady` it waits until the page can keep records. */
  open(wish?: PageWish, isReady?: boolean): Promise<Page>
  /** Kills the whole browser. */
  kill(): void
  /** Kills only the processes of the pages. */
  killRenderers(): Promise<void>
  /** Starts the browser again, with the same profile. */
  relaunch(flags?: readonly string[]): Promise<void>
  closeBrowser(): Promise<void>
  readonly profile: string
  ledger(): Ledger
  /** What the tracker says in the page that was opened last, and which keys lie in its database. For who looks into a red case. */
  describe(): Promise<string>
  /**
   * Makes everything work again, opens a page and flushes until at most `left` events are missing, or `maxMs` are over.
   */
  revisit(wish?: PageWish, maxMs?: number, left?: number): Promise<void>
  stop(): Promise<void>
}

/** Moves the clock of every new page. `window.shiftMs` moves it further. */
export async function moveClock(context: BrowserContext, ms: number): Promise<void> {
  await context.addInitScript(shift => {
    window.shiftMs = shift
    const now = Date.now
    const origin = performance.timeOrigin + shift
    Date.now = () => now() + window.shiftMs
    Object.defineProperty(performance, 'timeOrigin', { get: () => origin, configurable: true })
  }, ms)
}

/** Whether the browser wrote the line because a request failed. No page can prevent that. */
export const isNetworkLine = (text: string): boolean =>
  /^Failed to load resource|blocked by CORS policy|net::ERR_|^Access to fetch/.test(text)

/** Compares the numbered events in the collector's database with the `n` that were made. */
export function readLedger(collector: RunningCollector, proxy: Proxy, n: number): Ledger {
  const db = new Database(collector.db, { readonly: true })
  const rows = db.prepare("SELECT data FROM events WHERE eventName = 'Numbered'").all()
  db.close()
  const counts = new Map<number, number>()
  for (const { data } of rows) {
    const { n: number } = JSON.parse(data as string) as { n: number }
    counts.set(number, (counts.get(number) ?? 0) + 1)
  }
  const arrived = proxy.log.flatMap(({ isForwarded, ids }) => (isForwarded ? ids : []))
  return {
    found: [...counts.keys()].sort((a, b) => a - b),
    lost: upTo(n).filter(number => !counts.has(number)),
    doubled: [...counts].flatMap(([number, count]) => (count > 1 ? [number] : [])),
    copies: arrived.length - new Set(arrived).size,
    requests: proxy.log.length,
  }
}

async function lookInside(): Promise<unknown> {
  const db = await new Promise<IDBDatabase>((resolve, reject) => {
    const opening = indexedDB.open('sojourn-fault')
    opening.onsuccess = () => resolve(opening.result)
    opening.onerror = () => reject(opening.error)
  })
  const stores = await Promise.all(
    [...db.objectStoreNames].map(
      name =>
        new Promise(resolve => {
          const keys = db.transaction(name).objectStore(name).getAllKeys(null, 50)
          keys.onsuccess = () => resolve([name, keys.result])
          keys.onerror = () => resolve([name, String(keys.error)])
        }),
    ),
  )
  db.close()
  const { held, pending } = await navigator.locks.query()
  return { status: window.tracker.status(), stores, localStorage: Object.keys(localStorage), held, pending }
}

export async function buildHouse(n: number, flags: readonly string[] = []): Promise<House> {
  const collector = await startCollectorProcess()
  const proxy = await startProxy(() => collector.url)
  const site = await startFaultSite({ collector: proxy.url, key: 'fault', flushEveryMs: 500 })
  const elsewhere = await startSite(() => '<!doctype html><title>Elsewhere</title><h1>Elsewhere</h1>')
  const profile = makeProfile()
  const heard: string[] = []
  let browser: Browser = await openBrowser(profile, flags)
  let isGone = false

  function listen(page: Page): void {
    page.on('pageerror', error => heard.push(`exception: ${error.message}`))
    page.on('console', message => {
      if (!isNetworkLine(message.text())) heard.push(`console: ${message.text()}`)
    })
  }

  const ledger = (): Ledger => readLedger(collector, proxy, n)

  const house: House = {
    n,
    collector,
    proxy,
    site,
    elsewhere,
    heard,
    profile,
    longest: 0,
    get context() {
      return browser.context
    },
    async open(wish = {}, isReady = true) {
      const page = await browser.context.newPage()
      listen(page)
      await page.goto(site.address(wish), { waitUntil: 'commit' })
      if (isReady) await page.waitForFunction(() => window.tracker && window.tracker.status().store !== 'opening')
      return page
    },
    kill() {
      isGone = true
      browser.kill()
    },
    killRenderers: () => browser.killRenderers(),
    async relaunch(more = flags) {
      if (!isGone) await browser.close()
      browser = await openBrowser(profile, more)
      isGone = false
    },
    async closeBrowser() {
      isGone = true
      await browser.close()
    },
    ledger,
    async describe() {
      const page = browser.context.pages().at(-1)
      return JSON.stringify(await page?.evaluate(lookInside).catch(String), null, 1)
    },
    async revisit(wish = {}, maxMs = 40_000, left = 0) {
      proxy.rule = () => 'pass'
      if (isGone) await house.relaunch()
      const page = await house.open(wish)
      // "Nothing owed" is not enough, because a page takes over what another left in localStorage only after `lateMs`.
      for (const end = Date.now() + maxMs; Date.now() < end && ledger().lost.length > left; ) {
        await page.evaluate(() => window.tracker.flush())
        await page.waitForTimeout(100)
      }
      // Anything that is sent now would be a copy. This flush gives it time to arrive.
      await page.evaluate(() => window.tracker.flush())
      house.longest = Math.max(house.longest, await page.evaluate(() => window.longest))
    },
    async stop() {
      site.onKill = () => {}
      if (!isGone) browser.kill()
      await proxy.stop()
      await site.stop()
      await elsewhere.stop()
      await collector.stop()
      removeProfile(profile)
    },
  }
  site.onKill = house.kill
  return house
}
