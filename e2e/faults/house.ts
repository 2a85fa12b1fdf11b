import type { BrowserContext, Page } from '@playwright/test'
import Database from 'better-sqlite3'
import { type RunningCollector, startCollector } from '../helpers/collector.js'
import { type Site, startSite } from '../helpers/site.js'
import { upTo } from '../helpers/tracker.js'
import { type Browser, makeProfile, openBrowser, removeProfile } from './browser.js'
import { type Proxy, startProxy } from './proxy.js'
import { type FaultSite, type PageWish, startFaultSite } from './site.js'

declare global {
  interface Window {
    /** Makes numbered events in one task. */
    make(from: number, to: number): void
    /** Resolves when the storage process has done all that it was asked before. */
    settled(): Promise<void>
    /** Asks, in this task, that the whole browser be killed after so many ms. */
    kill(after: number): void
    bareMake(from: number, to: number): void
    bareCount(): Promise<number>
    /** The longest task that came after the events were made, ms. */
    longest: number
    /** Whether the page came from the back/forward cache when it was last shown. */
    isReturned: boolean
    /** Added to the clock, ms; there only where a case sets it. */
    shiftMs: number
  }
}

/** What the collector has, beside what was made. */
export interface Ledger {
  /** Numbers that are in the database. */
  readonly found: readonly number[]
  readonly lost: readonly number[]
  /** Numbers that are there more than once. */
  readonly doubled: readonly number[]
  /** Records that reached the collector again, though it had them. */
  readonly copies: number
  /** Batches that left the browser. */
  readonly requests: number
}

/** One case's browser, site, proxy and collector. */
export interface House {
  /** How many numbered events the case makes, from 0. */
  readonly n: number
  readonly collector: RunningCollector
  readonly proxy: Proxy
  readonly site: FaultSite
  /** Another origin, without a tracker. */
  readonly elsewhere: Site
  readonly context: BrowserContext
  /** What the page's console and error handlers heard that is not the browser's own word on the network. */
  readonly heard: readonly string[]
  /** The longest task of a page, ms, as far as pages could still tell. */
  longest: number
  /** Opens a page; `isReady` waits until it can keep records. */
  open(wish?: PageWish, isReady?: boolean): Promise<Page>
  /** Kills the whole browser. */
  kill(): void
  /** Kills the pages' processes and nothing else. */
  killRenderers(): Promise<void>
  /** Opens the browser again, on the same profile. */
  relaunch(flags?: readonly string[]): Promise<void>
  closeBrowser(): Promise<void>
  readonly profile: string
  ledger(): Ledger
  /** Everything works again and a person comes back: sends until no more than `left` events are missing, or for so long. */
  revisit(wish?: PageWish, maxMs?: number, left?: number): Promise<void>
  stop(): Promise<void>
}

/** Moves the page's clock from the start; `window.shiftMs` moves it further. */
export async function moveClock(context: BrowserContext, ms: number): Promise<void> {
  await context.addInitScript(shift => {
    window.shiftMs = shift
    const now = Date.now
    const origin = performance.timeOrigin + shift
    Date.now = () => now() + window.shiftMs
    Object.defineProperty(performance, 'timeOrigin', { get: () => origin, configurable: true })
  }, ms)
}

/** Whether the browser itself wrote the line because a request failed: no page can keep it from that. */
export const isNetworkLine = (text: string): boolean =>
  /^Failed to load resource|blocked by CORS policy|net::ERR_|^Access to fetch/.test(text)

/** Counts the numbered events in the collector's own database, of the `n` that were made. */
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

export async function buildHouse(n: number, flags: readonly string[] = []): Promise<House> {
  const collector = await startCollector()
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
    async revisit(wish = {}, maxMs = 40_000, left = 0) {
      proxy.rule = () => 'pass'
      if (isGone) await house.relaunch()
      const page = await house.open(wish)
      // What a page left in localStorage is taken up after `lateMs`: only then is "nothing owed" the whole truth.
      for (const end = Date.now() + maxMs; Date.now() < end && ledger().lost.length > left; ) {
        await page.evaluate(() => window.tracker.flush())
        await page.waitForTimeout(100)
      }
      // Whatever still comes would be a copy: give it the time to.
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
