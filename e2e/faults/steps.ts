import { expect, type Page } from '@playwright/test'
import type { House } from './house.js'

/** The steps of which the bodies of cases are made. */

export const sleep = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))

/** Makes the events of these numbers, the last one excluded, in one task. */
export const make = (page: Page, from: number, to: number): Promise<void> =>
  page.evaluate(([a, b]) => window.make(a as number, b as number), [from, to])

/** Waits until so many batches have come to the proxy. */
export const came = (house: House, count: number, withinMs = 20_000): Promise<void> =>
  expect.poll(() => house.proxy.log.length, { timeout: withinMs }).toBeGreaterThanOrEqual(count)

/** Waits until so many attempts in a row have failed, as far as this page can tell. */
export const failed = (page: Page, count: number, withinMs = 20_000): Promise<void> =>
  expect
    .poll(() => page.evaluate(() => window.tracker.status().failures), { timeout: withinMs })
    .toBeGreaterThanOrEqual(count)

/** Everything that makes a tab flush, but for a new page load: a person who asks, a network that is back, a tab hidden. */
export const urge = (page: Page): Promise<void> =>
  page.evaluate(async () => {
    await window.tracker.flush()
    window.dispatchEvent(new Event('online'))
    Object.defineProperty(document, 'visibilityState', { get: () => 'hidden', configurable: true })
    document.dispatchEvent(new Event('visibilitychange'))
    Reflect.deleteProperty(document, 'visibilityState')
    document.dispatchEvent(new Event('visibilitychange'))
  })
