import { expect, type Page, test } from '@playwright/test'
import { type RunningCollector, startCollector } from './helpers/collector.js'
import { modulePage, type Site, startSite } from './helpers/site.js'

let collector: RunningCollector
let site: Site

test.beforeEach(async () => {
  collector = await startCollector()
  site = await startSite(path =>
    modulePage({ collector: collector.url, key: 'consent', consent: path.slice(1) || 'granted', flushEveryMs: 60_000 }),
  )
})

test.afterEach(async () => {
  await site.stop()
  await collector.stop()
})

const written = (page: Page) =>
  page.evaluate(async () => ({
    databases: (await indexedDB.databases()).map(({ name }) => name),
    local: localStorage.length,
    session: sessionStorage.length,
    cookie: document.cookie,
  }))
const nothing = { databases: [], local: 0, session: 0, cookie: '' }

async function visit(page: Page, path: string): Promise<string[]> {
  const sent: string[] = []
  page.on('request', request => {
    if (request.url().startsWith(collector.url)) sent.push(request.method())
  })
  await page.goto(site.url + path)
  await page.waitForFunction(() => !!window.tracker)
  await page.evaluate(() => {
    window.tracker.signIn('user-42')
    window.tracker.track('Search')
  })
  return sent
}

test('pending writes and sends nothing; granted then stores every call with the time at which it was made', async ({
  page,
}) => {
  const sent = await visit(page, '/pending')
  await page.waitForTimeout(300)
  expect(await written(page)).toEqual(nothing)
  expect(sent).toEqual([])
  expect((await page.evaluate(() => window.tracker.status())).waiting).toBe(3)
  const before = await page.evaluate(() => Date.now())
  await page.evaluate(() => window.tracker.consent('granted'))
  await page.evaluate(() => window.tracker.flush())
  const sessionID = await page.evaluate(async () => (await window.tracker.session())?.sessionID as string)
  const events = await collector.events(sessionID)
  expect(events.map(event => event.eventName)).toEqual(['SignIn', 'Search'])
  for (const event of events) expect(event.timestamp).toBeLessThan(before)
})

test('denied deletes everything on the device and stops recording, in every tab', async ({ page, context }) => {
  const other = await context.newPage()
  await visit(other, '/granted')
  await visit(page, '/granted')
  await page.waitForFunction(() => window.tracker.status().owed > 0)
  await page.evaluate(() => window.tracker.consent('denied'))
  await expect.poll(() => other.evaluate(() => window.tracker.status().consent)).toBe('denied')
  await expect.poll(() => written(page)).toEqual(nothing)
  await page.evaluate(() => window.tracker.track('After'))
  expect(await page.evaluate(() => window.tracker.flush())).toEqual({ stored: 0, owed: 0 })
  const { made, stored, owed, dropped } = await page.evaluate(() => window.tracker.status())
  expect(made).toBe(stored + owed + (dropped.denied ?? 0))
  expect(owed).toBe(0)
  expect(await written(page)).toEqual(nothing)
})

test('denied and granted in the same task delete what came before, and keep what comes after', async ({ page }) => {
  await visit(page, '/granted')
  await page.waitForFunction(() => window.tracker.status().owed > 0)
  await page.evaluate(() => {
    window.tracker.consent('denied')
    window.tracker.consent('granted')
    window.tracker.signIn('user-43')
    window.tracker.track('After')
  })
  await page.waitForFunction(() => window.tracker.status().store === 'indexeddb')
  const sessionID = await page.evaluate(async () => (await window.tracker.session())?.sessionID as string)
  await expect.poll(() => page.evaluate(async id => (await window.tracker.events(id)).length, sessionID)).toBe(2)
  await page.evaluate(() => window.tracker.flush())
  expect((await collector.events(sessionID)).map(event => event.eventName)).toEqual(['SignIn', 'After'])
  expect(await collector.get('/v1/identities/user-42/visits')).toBeNull()
})

test('denied aborts a request in flight', async ({ page }) => {
  await visit(page, '/granted')
  const failed = page.waitForEvent('requestfailed')
  await page.route(`${collector.url}/v1/sessions*`, () => new Promise(() => {}))
  const asked = page.waitForRequest(`${collector.url}/v1/sessions*`)
  await page.evaluate(() => void window.tracker.flush())
  await asked
  await page.evaluate(() => window.tracker.consent('denied'))
  expect((await failed).failure()?.errorText).toContain('ERR_ABORTED')
})

test('Global Privacy Control counts as denied, even if the page calls consent("granted")', async ({ page }) => {
  await page.addInitScript(() => {
    Object.defineProperty(Navigator.prototype, 'globalPrivacyControl', { get: () => true })
  })
  const sent = await visit(page, '/granted')
  await page.evaluate(() => window.tracker.consent('granted'))
  expect((await page.evaluate(() => window.tracker.status())).consent).toBe('denied')
  await page.waitForTimeout(300)
  expect(await written(page)).toEqual(nothing)
  expect(sent).toEqual([])
})
