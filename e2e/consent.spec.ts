import { expect, type Page } from '@playwright/test'
import type { Consent } from '../src/options.js'
import { requestTimeoutMs } from '../src/record/limits.js'
import { makeProfile, openBrowser, removeProfile } from './faults/browser.js'
import { comeBack, freeze } from './faults/tabs.js'
import type { RunningCollector } from './helpers/collector.js'
import { modulePage, type Site, startSite } from './helpers/site.js'
import { test } from './helpers/test.js'
import { makeIdentity } from './helpers/tracker.js'

let collector: RunningCollector
let site: Site

test.beforeEach(async ({ shared }) => {
  collector = shared
  site = await startSite(path =>
    modulePage({
      collector: collector.url,
      key: 'consent',
      flushEveryMs: 60_000,
      ...(path === '/forgetful'
        ? { consent: 'pending', rememberConsent: false }
        : { consent: path.slice(1) || 'granted' }),
    }),
  )
})

test.afterEach(async () => {
  await site.stop()
})

const written = (page: Page) =>
  page.evaluate(async () => ({
    databases: (await indexedDB.databases()).map(({ name }) => name),
    local: Object.fromEntries(Object.entries(localStorage)),
    session: sessionStorage.length,
    cookie: document.cookie,
  }))
const nothing = { databases: [], local: {}, session: 0, cookie: '' }
/** The word is all that stays on the device. */
const denied = { ...nothing, local: { 'sojourn-consent': 'denied' } }

const stateOf = (page: Page): Promise<string> => page.evaluate(() => window.tracker.status().consent)

async function visit(page: Page, path: string, identityId = 'user-42'): Promise<string[]> {
  const sent: string[] = []
  page.on('request', request => {
    if (request.url().startsWith(collector.url)) sent.push(request.method())
  })
  await page.goto(site.url + path)
  await page.waitForFunction(() => !!window.tracker)
  await page.evaluate(id => {
    window.tracker.signIn(id)
    window.tracker.track('Search')
  }, identityId)
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
  // No answer comes, so that there is something to delete.
  await context.route(`${collector.url}/v1/sessions*`, () => new Promise(() => {}))
  const other = await context.newPage()
  await visit(other, '/granted')
  await visit(page, '/granted')
  await page.waitForFunction(() => window.tracker.status().owed > 0)
  await page.evaluate(() => window.tracker.consent('denied'))
  await expect.poll(() => other.evaluate(() => window.tracker.status().consent)).toBe('denied')
  await expect.poll(() => written(page)).toEqual(denied)
  await page.evaluate(() => window.tracker.track('After'))
  expect(await page.evaluate(() => window.tracker.flush())).toEqual({ stored: 0, owed: 0 })
  const { made, stored, owed, dropped } = await page.evaluate(() => window.tracker.status())
  expect(made).toBe(stored + owed + (dropped.denied ?? 0))
  expect(owed).toBe(0)
  expect(await written(page)).toEqual(denied)
})

test('denied and granted in the same task delete what came before, and keep what comes after', async ({ page }) => {
  const before = makeIdentity()
  // What has arrived before the denial stays.
  await page.route(`${collector.url}/v1/sessions*`, () => new Promise(() => {}))
  await visit(page, '/granted', before)
  await page.waitForFunction(() => window.tracker.status().owed > 0)
  await page.unroute(`${collector.url}/v1/sessions*`)
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
  expect(await collector.get(`/v1/identities/${before}/visits`)).toBeNull()
})

test('denied aborts a request in flight', async ({ page }) => {
  await visit(page, '/granted')
  // Sooner than a request without an answer ends by itself.
  const failed = page.waitForEvent('requestfailed', { timeout: requestTimeoutMs / 2 })
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

test('the word outranks the option at the next page load: denied leaves no trace, granted records from the start', async ({
  page,
}) => {
  await visit(page, '/granted')
  await page.evaluate(() => window.tracker.consent('denied'))
  await expect.poll(() => written(page)).toEqual(denied)
  const sent = await visit(page, '/granted')
  expect(await stateOf(page)).toBe('denied')
  await page.waitForTimeout(300)
  expect(await written(page)).toEqual(denied)
  expect(sent).toEqual([])

  await page.evaluate(() => window.tracker.consent('granted'))
  await visit(page, '/pending')
  await page.evaluate(() => window.tracker.flush())
  const sessionID = await page.evaluate(async () => (await window.tracker.session())?.sessionID as string)
  expect((await collector.events(sessionID)).map(event => event.eventName)).toEqual(['SignIn', 'Search'])
})

test('no database is made at a page load where denied is remembered, although the option says granted', {
  tag: '@long',
}, async ({ page }) => {
  await page.addInitScript(() => {
    const made: string[] = []
    Object.assign(window, { made })
    const open = IDBFactory.prototype.open
    IDBFactory.prototype.open = function (...args) {
      const request = open.apply(this, args)
      request.addEventListener('success', () => made.push(args[0]))
      return request
    }
  })
  await visit(page, '/granted')
  await page.evaluate(() => window.tracker.consent('denied'))
  await expect.poll(() => written(page)).toEqual(denied)
  await visit(page, '/granted')
  await page.waitForTimeout(300)
  expect(await page.evaluate(() => (window as unknown as { made: string[] }).made)).toEqual([])
})

test('each word holds in every tab at once, and pending forgets it', async ({ page, context }) => {
  const other = await context.newPage()
  await visit(other, '/pending')
  await visit(page, '/pending')
  for (const word of ['granted', 'pending', 'denied', 'granted', 'denied', 'pending'] as const) {
    await page.evaluate(said => window.tracker.consent(said), word)
    await expect.poll(() => stateOf(other), word).toBe(word)
  }
  await expect.poll(() => written(page)).toEqual(nothing)
})

test('pending after granted: what was called is kept, nothing more is written or sent, and granted goes on', {
  tag: '@long',
}, async ({ page }) => {
  const sent = await visit(page, '/granted')
  await page.waitForFunction(() => window.tracker.status().owed > 0)
  await page.evaluate(() => {
    window.tracker.track('Before')
    window.tracker.consent('pending')
    window.tracker.track('After')
  })
  const kept = await written(page)
  await page.mouse.click(10, 10)
  await page.waitForTimeout(300)
  expect(sent).toEqual([])
  expect(JSON.stringify(await written(page))).not.toContain('After')
  expect(kept.databases).toEqual(['sojourn-consent'])
  expect((await page.evaluate(() => window.tracker.status())).waiting).toBeGreaterThan(0)
  await page.evaluate(() => window.tracker.consent('granted'))
  await page.waitForFunction(() => window.tracker.status().store === 'indexeddb')
  const names = async (): Promise<string[]> => {
    await page.evaluate(() => window.tracker.flush())
    const id = await page.evaluate(async () => (await window.tracker.session())?.sessionID ?? '')
    return (await collector.events(id)).map(event => event.eventName)
  }
  await expect.poll(names).toEqual(['SignIn', 'Search', 'Before', 'PageExited', 'PageEntered', 'After'])
})

test('the word is neither written nor read with rememberConsent: false, and other tabs hear it', {
  tag: '@long',
}, async ({ page, context }) => {
  const other = await context.newPage()
  await visit(other, '/forgetful')
  await visit(page, '/forgetful')
  await page.evaluate(() => window.tracker.consent('granted'))
  await expect.poll(() => stateOf(other)).toBe('granted')
  expect((await written(page)).local).not.toHaveProperty('sojourn-consent')
  await visit(page, '/forgetful')
  expect(await stateOf(page)).toBe('pending')
})

test('after denied, granted on an open page enters the page', { tag: '@long' }, async ({ page }) => {
  await visit(page, '/granted')
  await page.evaluate(() => {
    window.tracker.consent('denied')
    window.tracker.consent('granted')
    window.tracker.signIn('user-44')
    window.tracker.track('After')
  })
  await page.waitForFunction(() => window.tracker.status().store === 'indexeddb')
  const sessionID = await page.evaluate(async () => {
    await window.tracker.flush()
    return (await window.tracker.session())?.sessionID as string
  })
  const after = (await collector.events(sessionID)).find(event => event.eventName === 'After')
  expect(after).toMatchObject({ url: `${site.url}/granted`, pageID: expect.any(String) })
})

// Playwright turns the back/forward cache off, and shows all tabs. So these tests have a browser of their own.
for (const [away, word, tag] of [
  ['in the back/forward cache', 'denied', '@long'],
  ['in the back/forward cache', 'granted', '@short'],
  ['in the back/forward cache', 'pending', '@long'],
  ['frozen', 'denied', '@short'],
  ['frozen', 'granted', '@long'],
  ['frozen', 'pending', '@long'],
] as const)
  test(`a tab that was ${away} hears ${word} before it records anything`, { tag }, async () => {
    const before: Consent = word === 'granted' ? 'denied' : 'granted'
    const profile = makeProfile()
    const browser = await openBrowser(profile)
    const elsewhere = await startSite(() => '<title>Elsewhere</title>')
    try {
      const page = await browser.context.newPage()
      await visit(page, '/pending')
      await page.evaluate(said => window.tracker.consent(said), before)
      await page.evaluate(() => window.tracker.flush())
      // What the page does in the first event of its return.
      await page.evaluate(() => {
        for (const [target, type] of [
          [window, 'pageshow'],
          [document, 'resume'],
        ] as const)
          target.addEventListener(type, event => {
            window.isReturned = (event as PageTransitionEvent).persisted
            window.tracker.track('Back')
          })
      })
      const goBack = away === 'frozen' ? await freeze(page) : null
      if (!goBack) await page.goto(elsewhere.url.replace('127.0.0.1', 'localhost'))

      const other = await browser.context.newPage()
      await other.goto(`${site.url}/pending`)
      await other.waitForFunction(() => !!window.tracker)
      await other.evaluate(said => window.tracker.consent(said), word)
      // What one tab writes to localStorage takes a moment to reach the process of another.
      const item = word === 'pending' ? null : word
      if (goBack) await expect.poll(() => page.evaluate(() => localStorage.getItem('sojourn-consent'))).toBe(item)
      const sent: string[] = []
      page.on('request', request => {
        if (request.url().startsWith(collector.url)) sent.push(request.postData() ?? '')
      })
      if (goBack) await goBack()
      // Chromium throws a page away whose database is deleted while it is in the cache. So it is loaded again.
      else if (word === 'denied') await page.goBack()
      else await comeBack(page)
      // A page in the cache cannot be asked whether the item has reached its process. Until then it is silent.
      if (word === 'granted') await expect.poll(() => stateOf(page)).toBe(word)
      await page.evaluate(() => window.tracker.track('Later'))
      expect(await stateOf(page)).toBe(word)
      await page.evaluate(() => window.tracker.flush())
      if (word === 'granted') {
        await expect.poll(() => page.evaluate(() => window.tracker.status())).toMatchObject({ waiting: 0, owed: 0 })
        expect((await page.evaluate(() => window.tracker.status())).stored).toBeGreaterThan(2)
      } else {
        await page.waitForTimeout(300)
        expect(sent).toEqual([])
        expect(JSON.stringify(await written(page))).not.toMatch(/Back|Later/)
      }
    } finally {
      await browser.close()
      removeProfile(profile)
      await elsewhere.stop()
    }
  })
