import { expect, type Page } from '@playwright/test'
import type { RunningCollector } from './helpers/collector.js'
import { modulePage, type Site, startSite } from './helpers/site.js'
import { test } from './helpers/test.js'
import { openTracker } from './helpers/tracker.js'

let collector: RunningCollector
let site: Site

test.beforeEach(async ({ shared }) => {
  collector = shared
  site = await startSite(() => modulePage({ collector: collector.url, key: 'pages', flushEveryMs: 60_000 }))
})

test.afterEach(async () => {
  await site.stop()
})

const paths = (page: Page): Promise<string[]> =>
  page.evaluate(async () => {
    const { sessionID } = (await window.tracker.session()) as { sessionID: string }
    return (await window.tracker.pages(sessionID)).map(({ url }) => url.replace(location.origin, ''))
  })

async function signedIn(page: Page): Promise<void> {
  await openTracker(page, `${site.url}/start`)
  await page.evaluate(() => window.tracker.signIn('user-42'))
}

test('an address that a router pushes and then replaces is one page view, with the title that it sets last', async ({
  page,
}) => {
  await signedIn(page)
  await page.evaluate(async () => {
    history.pushState({}, '', '/list')
    history.replaceState({ key: 1 }, '', '/list')
    history.replaceState({ key: 2 }, '', '/list?page=1')
    document.title = 'List'
    await new Promise(resolve => setTimeout(resolve, 200))
    history.pushState({}, '', '/list?page=1')
    location.hash = 'section'
    await new Promise(resolve => setTimeout(resolve, 200))
    location.hash = '#/routed'
    await new Promise(resolve => setTimeout(resolve, 200))
    history.back()
    await new Promise(resolve => setTimeout(resolve, 300))
  })
  // A busy machine may take longer than the page waited.
  await expect.poll(() => paths(page)).toEqual(['/start', '/list?page=1', '/list?page=1#/routed', '/list?page=1'])
  const titles = await page.evaluate(async () =>
    (await window.tracker.pages((await window.tracker.session())?.sessionID as string)).map(({ title }) => title),
  )
  expect(titles[1]).toBe('List')
})

test('an event tracked right after a push belongs to the new page', async ({ page }) => {
  await signedIn(page)
  await page.evaluate(() => {
    history.pushState({}, '', '/detail')
    window.tracker.track('Opened')
  })
  const events = await page.evaluate(async () =>
    window.tracker.events((await window.tracker.session())?.sessionID as string),
  )
  expect(events.map(event => event.eventName)).toEqual(['SignIn', 'PageExited', 'PageEntered', 'Opened'])
  expect(events.at(-1)?.url).toBe(`${site.url}/detail`)
})

test('going back makes a new page view, and the collector has the end of the page before it', async ({ page }) => {
  await signedIn(page)
  const sessionID = await page.evaluate(async () => (await window.tracker.session())?.sessionID as string)
  await openTracker(page, `${site.url}/next`)
  await page.goBack()
  await page.waitForFunction(() => !!window.tracker)
  await page.waitForTimeout(300)
  await page.evaluate(() => window.tracker.flush())
  await openTracker(page, `${site.url}/last`)
  await expect
    .poll(async () => {
      await page.evaluate(() => window.tracker.flush())
      const pages = await collector.pages(sessionID)
      return pages.map(({ url, endDate }) => [url.replace(site.url, ''), endDate > 0])
    })
    .toEqual([
      // The page of the sign-in.
      ['/start', true],
      ['/next', true],
      ['/start', true],
      ['/last', false],
    ])
})

test('the collector has the end of the last page of a visit without a revisit', async ({ page }) => {
  await signedIn(page)
  await openTracker(page, `${site.url}/last`)
  const sessionID = await page.evaluate(async () => (await window.tracker.session())?.sessionID as string)
  await page.waitForTimeout(1100)
  await page.close()
  await expect
    .poll(async () => {
      const last = (await collector.pages(sessionID)).find(({ url }) => url.endsWith('/last'))
      return last ? last.endDate - last.startDate : 0
    })
    .toBeGreaterThan(1000)
})
