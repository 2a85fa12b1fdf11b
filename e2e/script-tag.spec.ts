import { expect, test } from '@playwright/test'
import type { Tracker } from '../src/index.js'
import { type RunningCollector, startCollector } from './helpers/collector.js'
import { type Site, startSite } from './helpers/site.js'

type Sojourn = Tracker & ((verb: keyof Tracker, ...args: unknown[]) => unknown)

declare global {
  interface Window {
    sojourn: Sojourn
  }
}

let collector: RunningCollector
let site: Site

const stub = `window.sojourn = window.sojourn || function () { (sojourn.q = sojourn.q || []).push(arguments) }
sojourn('signIn', 'user-42', { name: 'Ada' })
sojourn('track', 'Search', { words: 'lamp' })`

test.beforeEach(async () => {
  collector = await startCollector('--key', 'shop')
  const tag = (key: string): string => `<script src="${collector.url}/sojourn.js" data-key="${key}"></script>`
  const others: Record<string, string> = {
    '/stub.js': stub,
    '/bad': `${tag('not a key')}<h1>Bad</h1>`,
    '/twice': tag('shop') + tag('shop'),
  }
  const html = (path: string): string =>
    others[path] ??
    `<!doctype html><title>Strict</title><script src="/stub.js"></script>
         <script async src="${collector.url}/sojourn.js" data-key="shop" data-flush-every-ms="300"></script><h1>Strict</h1>`
  site = await startSite(html, {
    'Content-Security-Policy': `default-src 'none'; script-src 'self' ${collector.url}; connect-src ${collector.url}; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'`,
  })
})

test.afterEach(async () => {
  await site.stop()
  await collector.stop()
})

test('one tag under a strict Content-Security-Policy records a session, with the calls made before it was loaded', async ({
  page,
}) => {
  const noise: string[] = []
  page.on('console', message => noise.push(message.text()))
  page.on('pageerror', error => noise.push(String(error)))
  await page.goto(site.url)
  await page.waitForFunction(() => !!window.sojourn.status)
  expect(await page.evaluate(() => typeof window.sojourn)).toBe('function')
  await page.evaluate(() => {
    window.sojourn('track', 'AddToCart', { sku: 'lamp-7' })
    window.sojourn.track('Checkout')
  })
  const { sessionID } = (await page.evaluate(async () => {
    await window.sojourn.flush()
    return window.sojourn.session()
  })) as { sessionID: string }
  const events = await collector.events(sessionID)
  expect(events.map(event => event.eventName)).toEqual(['SignIn', 'Search', 'AddToCart', 'Checkout'])
  expect(events[0]?.data).toEqual({ name: 'Ada' })
  await page.evaluate(() => window.sojourn('signOut'))
  await expect.poll(async () => (await collector.session(sessionID))?.endDate).toBeGreaterThan(0)
  expect(noise).toEqual([])
})

test('adds one global, no cookie, and nothing to localStorage or sessionStorage', async ({ page, context }) => {
  await page.addInitScript(() => {
    const before = new Set(Object.getOwnPropertyNames(window))
    Object.assign(window, { added: () => Object.getOwnPropertyNames(window).filter(name => !before.has(name)) })
  })
  await page.goto(site.url)
  await page.waitForFunction(() => !!window.sojourn.status)
  await page.evaluate(() => window.sojourn.flush())
  const added = await page.evaluate(() => (window as unknown as { added: () => string[] }).added())
  expect(added.filter(name => name !== 'added')).toEqual(['sojourn'])
  expect(await context.cookies()).toEqual([])
  expect(await page.evaluate(() => [localStorage.length, sessionStorage.length])).toEqual([0, 0])
})

test('a wrong attribute writes one console line, and the page still loads', async ({ page }) => {
  const noise: string[] = []
  page.on('console', message => noise.push(message.text()))
  await page.goto(`${site.url}/bad`)
  await expect(page.locator('h1')).toHaveText('Bad')
  expect(noise).toEqual(['sojourn: option-key: not a key'])
})

test('two tags on one page record every event once', async ({ page }) => {
  await page.goto(`${site.url}/twice`)
  await page.evaluate(() => window.sojourn.flush())
  expect(await page.evaluate(() => window.sojourn.status().made)).toBe(2)
})
