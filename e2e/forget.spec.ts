import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { expect, type Page } from '@playwright/test'
import { makeProfile, openBrowser, removeProfile } from './faults/browser.js'
import { comeBack, freeze } from './faults/tabs.js'
import { type RunningCollector, startCollector } from './helpers/collector.js'
import { modulePage, type Site, startSite } from './helpers/site.js'
import { test } from './helpers/test.js'
import { openTracker, signIn } from './helpers/tracker.js'

let collector: RunningCollector
let site: Site

test.beforeAll(async () => {
  collector = await startCollector()
  site = await startSite(() => modulePage({ collector: collector.url, key: 'forget', flushEveryMs: 60_000 }))
})

test.afterAll(async () => {
  await site.stop()
  await collector.stop()
})

/** All that lies on the device, as text. */
const onDevice = (page: Page): Promise<string> =>
  page.evaluate(async () => {
    const found: unknown[] = [Object.entries(localStorage), Object.entries(sessionStorage), document.cookie]
    for (const { name } of await indexedDB.databases()) {
      const db = await new Promise<IDBDatabase>((resolve, reject) => {
        const opening = indexedDB.open(name as string)
        opening.onsuccess = () => resolve(opening.result)
        opening.onerror = () => reject(opening.error)
      })
      for (const store of db.objectStoreNames) {
        const all = db.transaction(store).objectStore(store).getAll()
        found.push(await new Promise(resolve => all.addEventListener('success', () => resolve(all.result))))
      }
      db.close()
    }
    return JSON.stringify(found)
  })

const statusOf = (page: Page) => page.evaluate(() => window.tracker.status())

test('forget() deletes the person on the device in every tab, stops what is in flight, and a new visitor goes on', async ({
  page,
  context,
}) => {
  const other = await context.newPage()
  await openTracker(page, site.url)
  const sessionID = await signIn(page, 'ada')
  await openTracker(other, site.url)
  await expect.poll(async () => (await statusOf(other)).identityId).toBe('ada')

  // The collector does not answer, so that there is something owed and something in flight.
  let isStalled = true
  await context.route(`${collector.url}/v1/sessions*`, route => (isStalled ? undefined : route.continue()))
  const failed = page.waitForEvent('requestfailed')
  const asked = page.waitForRequest(`${collector.url}/v1/sessions*`)
  await other.evaluate(() => window.tracker.track('There'))
  await page.evaluate(() => {
    window.tracker.track('Here')
    void window.tracker.flush()
  })
  await asked
  expect(await onDevice(page)).toMatch(/ada/)

  await page.evaluate(() => window.tracker.forget())
  expect((await failed).failure()?.errorText).toContain('ERR_ABORTED')
  isStalled = false
  await expect.poll(async () => (await statusOf(other)).dropped.forgotten).toBeGreaterThan(0)
  await expect.poll(() => onDevice(page)).not.toMatch(/ada|Here|There/)

  for (const one of [page, other]) {
    await one.evaluate(() => window.tracker.track('After'))
    await one.evaluate(() => window.tracker.flush())
    const { made, stored, owed, dropped, identityId } = await statusOf(one)
    expect(Object.values(dropped).reduce((sum, count) => sum + count, stored + owed)).toBe(made)
    expect(identityId).toBeNull()
  }
  expect((await collector.events(sessionID)).map(event => event.eventName)).not.toContain('Here')
  const [before, after] = [await collector.session(sessionID), await statusOf(page)]
  expect((await statusOf(other)).visitID).toBe(after.visitID)
  const visits = await Promise.all(
    [before?.visitID, after.visitID].map(id => collector.get<{ globalVisitID: string }>(`/v1/visits/${id}`)),
  )
  expect(visits[0]?.globalVisitID).toBeTruthy()
  expect(visits[1]?.globalVisitID).toBeTruthy()
  expect(visits[1]?.globalVisitID).not.toBe(visits[0]?.globalVisitID)
})

test('a page load after forget() knows nothing of the person', async ({ page }) => {
  await openTracker(page, site.url)
  await signIn(page, 'bob')
  await page.evaluate(async () => {
    window.tracker.track('Last')
    await window.tracker.forget()
  })
  await openTracker(page, site.url)
  await page.evaluate(() => window.tracker.flush())
  expect(await statusOf(page)).toMatchObject({ identityId: null, errors: {} })
  expect(await onDevice(page)).not.toMatch(/bob|Last/)
})

test('the button of the guide forgets the person here, and then asks the server to erase them', async ({ page }) => {
  const guide = readFileSync('docs/guide/consent-and-privacy.md', 'utf8')
  const [, sample = ''] = /<!-- sample: forget -->\s+```js\n([\s\S]*?)\n```/.exec(guide) ?? []
  await openTracker(page, site.url)
  await signIn(page, 'dora')
  await page.evaluate(code => {
    document.body.insertAdjacentHTML('beforeend', '<button id="forget-me">Forget me</button>')
    Object.assign(window, { sojourn: (verb: 'forget') => window.tracker[verb]() })
    // oxlint-disable-next-line no-eval -- the text of the guide
    window.eval(code)
  }, sample)
  let atServer: Awaited<ReturnType<typeof statusOf>> | undefined
  await page.route('**/forget-me', async route => {
    atServer = await statusOf(page)
    await route.fulfill({ status: 204 })
  })
  await page.click('#forget-me')
  await expect.poll(() => atServer).toMatchObject({ identityId: null })
  expect(await onDevice(page)).not.toContain('dora')
})

// Playwright shows all tabs. So this test has a browser of its own.
test('a tab that was frozen forgets when it wakes, and writes nothing back', { tag: '@long' }, async () => {
  const profile = makeProfile()
  const browser = await openBrowser(profile)
  try {
    const page = await browser.context.newPage()
    await openTracker(page, site.url)
    // Nothing leaves before the tab is frozen.
    await page.route(`${collector.url}/v1/sessions*`, route => route.abort())
    await page.evaluate(() => {
      window.tracker.signIn('cleo')
      window.tracker.track('Held')
    })
    await expect.poll(() => onDevice(page)).toMatch(/cleo.*Held/)
    const wake = await freeze(page)
    const other = await browser.context.newPage()
    await openTracker(other, site.url)
    await other.evaluate(() => window.tracker.forget())
    const sent: string[] = []
    page.on('request', request => sent.push(request.postData() ?? ''))
    await page.unroute(`${collector.url}/v1/sessions*`)
    await wake()
    await expect.poll(async () => (await statusOf(page)).dropped.forgotten).toBeGreaterThan(0)
    await page.evaluate(async () => {
      window.tracker.track('Back')
      await window.tracker.flush()
    })
    expect(await statusOf(page)).toMatchObject({ identityId: null, owed: 0 })
    expect(sent.join()).not.toMatch(/cleo|Held/)
    expect(await onDevice(page)).not.toMatch(/cleo|Held/)
  } finally {
    await browser.close()
    removeProfile(profile)
  }
})

test('a tab that comes back from the back/forward cache after a forget() enters its page once', async () => {
  const profile = makeProfile()
  const browser = await openBrowser(profile)
  try {
    const page = await browser.context.newPage()
    await openTracker(page, site.url)
    await page.evaluate(() => addEventListener('pageshow', event => (window.isReturned = event.persisted)))
    await page.goto(site.url.replace('127.0.0.1', 'localhost'))
    const other = await browser.context.newPage()
    await openTracker(other, site.url)
    await other.evaluate(() => window.tracker.forget())
    await comeBack(page)
    await signIn(page, 'finn')
    // That of the other tab, and one of this page.
    const { visitID } = await statusOf(page)
    await expect.poll(async () => (await statusOf(other)).visitID).toBe(visitID)
    await other.evaluate(() => window.tracker.flush())
    const path = `/v1/visits/${visitID}/events?eventName=PageEntered`
    expect((await collector.get<{ items: unknown[] }>(path))?.items).toHaveLength(2)
  } finally {
    await browser.close()
    removeProfile(profile)
  }
})

test('a browser that was offline while its person was erased brings nothing of them back, and forgets them too', async ({
  page,
  context,
}) => {
  await openTracker(page, site.url)
  const identityId = 'zoe-erased'
  const sessionID = await signIn(page, identityId)
  await page.evaluate(async () => {
    window.tracker.track('Online')
    await window.tracker.flush()
  })
  await context.setOffline(true)
  await page.evaluate(async () => {
    window.tracker.track('Offline')
    await window.tracker.flush()
  })
  expect((await statusOf(page)).owed).toBe(1)

  const erase = ['erase', identityId, '--site', 'default', '--db', collector.db]
  execFileSync(process.execPath, ['collector/bin/sojourn-collector.mjs', ...erase])
  await context.setOffline(false)
  await expect
    .poll(async () => {
      await page.evaluate(() => window.tracker.flush())
      return (await statusOf(page)).dropped.gone
    })
    .toBe(1)
  await expect.poll(async () => (await statusOf(page)).identityId).toBe(null)
  expect(await onDevice(page)).not.toContain(identityId)
  for (const path of [`identities/${identityId}`, `sessions/${sessionID}`])
    expect((await fetch(`${collector.url}/v1/${path}`)).status).toBe(404)

  // To sign in again is a new start.
  const next = await signIn(page, identityId)
  expect(next).not.toBe(sessionID)
  await page.evaluate(() => window.tracker.flush())
  await expect.poll(async () => (await fetch(`${collector.url}/v1/sessions/${next}`)).status).toBe(200)
})
