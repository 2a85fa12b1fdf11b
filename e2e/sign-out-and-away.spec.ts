import { expect } from '@playwright/test'
import type { RunningCollector } from './helpers/collector.js'
import { modulePage, type Site, startSite } from './helpers/site.js'
import { test } from './helpers/test.js'
import { openTracker } from './helpers/tracker.js'

let collector: RunningCollector
let site: Site
let elsewhere: Site

test.beforeEach(async ({ shared }) => {
  collector = shared
  site = await startSite(() => modulePage({ collector: collector.url, key: 'away', flushEveryMs: 60_000 }))
  elsewhere = await startSite(() => '<title>Signed out</title><h1>Signed out</h1>')
})

test.afterEach(async () => {
  await site.stop()
  await elsewhere.stop()
})

test('sends the end of a session without a revisit if the page signs out and leaves in one task', async ({ page }) => {
  await openTracker(page, site.url)
  const sessionID = await page.evaluate(async () => {
    window.tracker.signIn('user-42')
    await window.tracker.flush()
    return (await window.tracker.session())?.sessionID as string
  })
  await page.evaluate(away => {
    window.tracker.track('Last')
    window.tracker.signOut()
    location.href = away
  }, elsewhere.url)
  await expect(page.locator('h1')).toHaveText('Signed out')
  await expect.poll(async () => (await collector.session(sessionID))?.endDate ?? 0).toBeGreaterThan(0)
  const events = (await collector.events(sessionID)).map(event => event.eventName)
  expect(events).toEqual(['SignIn', 'Last', 'SignOut'])
})

test('the next page knows who is signed in if the page before it signs in and leaves in one task', async ({ page }) => {
  await openTracker(page, site.url)
  await page.evaluate(() => {
    window.tracker.signIn('user-42')
    location.href = '/account'
  })
  await page.waitForURL('**/account')
  await page.waitForFunction(() => window.tracker?.status().store === 'indexeddb')
  expect((await page.evaluate(() => window.tracker.session()))?.identityId).toBe('user-42')
})
