import { readFileSync } from 'node:fs'
import { expect, type Page } from '@playwright/test'
import { isNetworkLine } from './faults/house.js'
import { type RunningCollector, startCollector, startCollectorProcess } from './helpers/collector.js'
import { modulePage, type Site, startSite } from './helpers/site.js'
import { test } from './helpers/test.js'
import { openTracker } from './helpers/tracker.js'

let collector: RunningCollector
let site: Site
let lines: string[]

test.beforeEach(async ({ page, shared }) => {
  collector = shared
  const more: Record<string, object> = {
    '/silent': { debug: false },
    '/loud': { debug: true },
    '/wrong-option': { idelLimitMs: 60_000, endpoint: '/collect' },
    '/wrong-key': { key: 'another' },
  }
  site = await startSite(path => {
    const html = modulePage({
      collector: collector.url,
      key: 'shop',
      flushEveryMs: 200,
      automatic: false,
      ...more[path],
    })
    return path === '/early' ? html.replace('</script>', "tracker.signIn('ada'); tracker.signOut()</script>") : html
  })
  lines = []
  page.on('console', message => isNetworkLine(message.text()) || lines.push(message.text()))
  page.on('pageerror', error => lines.push(String(error)))
})

test.afterEach(async ({ shared }) => {
  await site.stop()
  if (collector !== shared) await collector.stop()
})

const at = (host: string, path = '/'): string => site.url.replace('127.0.0.1', host) + path
/** The codes in the lines. */
const codes = (): (string | undefined)[] => lines.map(line => /^sojourn: ([\w-]+)/.exec(line)?.[1])

/** Makes every mistake that a call can be, each twice. */
function misuse(page: Page): Promise<void> {
  return page.evaluate(() => {
    const loose = window.tracker as unknown as Record<string, (...args: unknown[]) => void>
    for (let n = 0; n < 2; n++) {
      loose.signOut?.()
      loose.signIn?.('')
      loose.signIn?.({ id: 5 })
      loose.track?.()
      loose.track?.('Click', { node: document.body, run() {} })
      loose.track?.('Mega', { text: 'x'.repeat(200_000) })
      loose.consent?.('yes')
    }
  })
}

const expected = [
  'not-signed-in',
  'identity-invalid',
  'identity-invalid',
  'event-unnamed',
  'data-invalid',
  'record-too-large',
  'consent-invalid',
]

test('each misuse is one console line at every address of a developer', async ({ page }) => {
  for (const host of ['127.0.0.1', 'localhost', 'shop.localhost', 'shop.test', 'shop.local']) {
    lines = []
    await openTracker(page, at(host))
    await misuse(page)
    expect(codes(), host).toEqual(expected)
    for (const line of lines) expect(line).toMatch(/: [a-zA-Z].*\. See https:\/\/\S+#[a-z-]+\. .*debug: false/)
    expect(lines[4], host).toContain('data.node,data.run')
  }
})

test('nothing is written elsewhere, and the listener hears all the same', async ({ page }) => {
  await openTracker(page, at('shop.example'))
  await misuse(page)
  expect(lines).toEqual([])
  // Whether somebody is signed in may not be known yet.
  expect(await page.evaluate(() => window.errors)).toEqual(expect.arrayContaining(expected.slice(1)))
})

test('debug: false writes nothing on a developer’s machine, and debug: true writes everything elsewhere', {
  tag: '@long',
}, async ({ page }) => {
  await openTracker(page, at('localhost', '/silent'))
  await misuse(page)
  expect(lines).toEqual([])
  await openTracker(page, at('shop.example', '/loud'))
  await misuse(page)
  // Whether somebody is signed in may not be known at the second sign-out.
  const all = expected.slice(1)
  expect(codes().filter(code => code !== 'not-signed-in')).toEqual([...all, ...all])
})

test('unknown options are named with the nearest one, and the tracker records', { tag: '@long' }, async ({ page }) => {
  await openTracker(page, at('localhost', '/wrong-option'))
  await expect.poll(codes).toEqual(['option-unknown', 'option-unknown'])
  expect(lines[0]).toContain('idelLimitMs (idleLimitMs?)')
  expect(lines[1]).toContain('endpoint')
  expect(await page.evaluate(() => window.errors)).toEqual(['option-unknown', 'option-unknown'])
  await page.evaluate(() => (window.tracker.track('Search'), window.tracker.flush()))
  // The tracker may have sent the start of the visit by itself before.
  expect(await page.evaluate(() => window.tracker.status())).toMatchObject({ stored: 2, owed: 0 })
})

test('a collector that does not know the key is a line', async ({ page }) => {
  collector = await startCollector('--key', 'shop')
  await openTracker(page, at('localhost', '/wrong-key'))
  await page.evaluate(() => (window.tracker.track('Search'), window.tracker.flush()))
  expect(codes()).toEqual(['collector-rejects'])
})

test('nothing is written where nothing is wrong: a sign-in and sign-out in one task, in another tab, and the network away', async ({
  page,
  context,
}) => {
  const own = await startCollectorProcess()
  collector = own
  await openTracker(page, at('localhost'))
  await page.evaluate(() => {
    window.tracker.signIn(42, { since: new Date(), tags: new Set(['a']), seats: 5n, plan: new Map([['a', 1]]) })
    window.tracker.track('AddToCart', { sku: 'tea-100', error: new Error('sold out') })
    window.tracker.signOut()
    window.tracker.signIn('ada')
  })
  await page.evaluate(() => window.tracker.flush())
  const other = await context.newPage()
  other.on('console', message => isNetworkLine(message.text()) || lines.push(message.text()))
  await openTracker(other, at('localhost'))
  await other.evaluate(() => window.tracker.signOut())
  await other.evaluate(() => window.tracker.flush())
  await own.kill()
  await page.evaluate(() => (window.tracker.track('Search'), window.tracker.flush()))
  expect(lines).toEqual([])
})

test('a sign-out in the task that starts the tracker is judged by what was called before it', { tag: '@long' }, async ({
  page,
}) => {
  await openTracker(page, at('localhost', '/early'))
  await page.evaluate(() => window.tracker.flush())
  expect(lines).toEqual([])
})

test('each line leads to an anchor of docs/errors.md', async ({ page }) => {
  await openTracker(page, at('localhost'))
  await misuse(page)
  const text = readFileSync('docs/errors.md', 'utf8')
  for (const line of lines) expect(text).toContain(`<a id="${/#([a-z-]+)/.exec(line)?.[1]}"></a>`)
})
