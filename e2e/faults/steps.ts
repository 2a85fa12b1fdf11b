import { expect, type Page } from '@playwright/test'
import type { House } from './house.js'

// Steps that many cases use.

export const sleep = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))

/** Makes the events from `from` to `to - 1` in one task. */
export const make = (page: Page, from: number, to: number): Promise<void> =>
  page.evaluate(([a, b]) => window.make(a as number, b as number), [from, to])

/** Waits until this many batches have reached the proxy. */
export const came = (house: House, count: number, withinMs = 20_000): Promise<void> =>
  expect.poll(() => house.proxy.log.length, { timeout: withinMs }).toBeGreaterThanOrEqual(count)

/** Waits until this many attempts of this page in a row have failed. */
export const failed = (page: Page, count: number, withinMs = 20_000): Promise<void> =>
  expect
    .poll(() => page.evaluate(() => window.tracker.status().failures), { timeout: withinMs })
    .toBeGreaterThanOrEqual(count)

/** Does everything that makes a tab flush, except a page load: `flush()`, an `online` event, and hiding the tab. */
export const urge = (page: Page): Promise<void> =>
  page.evaluate(async () => {
    await window.tracker.flush()
    window.dispatchEvent(new Event('online'))
    Object.defineProperty(document, 'visibilityState', { get: () => 'hidden', configurable: true })
    document.dispatchEvent(new Event('visibilitychange'))
    Reflect.deleteProperty(document, 'visibilityState')
    document.dispatchEvent(new Event('visibilitychange'))
  })
