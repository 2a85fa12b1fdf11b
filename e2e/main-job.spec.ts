import { expect, type Page } from '@playwright/test'
import type { Event, Session } from '../src/index.js'
import { type RunningDemo, startDemo } from './helpers/demo.js'
import { type Site, startSite } from './helpers/site.js'
import { test } from './helpers/test.js'

// Uses the demo shop as a visitor would. Then asks the collector the five queries of GWE.

let demo: RunningDemo
let shop: string
let elsewhere: Site

test.beforeEach(async () => {
  demo = await startDemo()
  shop = demo.shop
  elsewhere = await startSite(() => '<title>Elsewhere</title><h1>Elsewhere</h1>')
})

test.afterEach(async () => {
  await demo.stop()
  await elsewhere.stop()
})

async function visit(page: Page, path: string): Promise<void> {
  await page.goto(shop + path)
  await page.waitForFunction(() => window.sojourn.status?.().store === 'indexeddb')
}

test('sign in, browse, sign out and leave: the collector has the whole session, with each record once', async ({
  context,
}) => {
  const noise: string[] = []
  context.on('console', message => noise.push(message.text()))
  context.on('weberror', error => noise.push(String(error.error())))
  const page = await context.newPage()

  await visit(page, '/')
  await page.getByTestId('sign-in-link').click()
  await page.getByTestId('email').fill('ada@example.com')
  await page.getByTestId('sign-in-button').click()
  await page.waitForURL('**/account*')
  await page.getByTestId('tab-addresses').click()
  await page.waitForURL('**/account/addresses')
  await page.waitForTimeout(200)
  await visit(page, '/')
  await page.getByTestId('search-input').fill('lantern')
  await page.getByTestId('search-button').click()
  await page.waitForURL('**/*q=lantern*')
  await page.locator('[data-testid^="product-"]').first().click()
  await page.waitForURL('**/product.html*')
  await page.getByTestId('add-to-cart').click()
  await page.reload()
  await page.waitForFunction(() => window.sojourn.status?.().store === 'indexeddb')

  const second = await context.newPage()
  await visit(second, '/cart.html')
  await second.getByTestId('checkout').click()
  await expect(second.getByTestId('ordered')).toBeVisible()
  await second.close()

  const session = (await page.evaluate(() => window.sojourn.session())) as Session
  expect(session.identityId).toBe('ada@example.com')
  await page.waitForTimeout(1100)
  await page.evaluate(away => {
    // The sign-out link of the shop calls `signOut()` and navigates in the same task. Here it leads to another origin.
    const link = document.getElementById('sign-out') as HTMLAnchorElement
    link.href = away
    link.click()
  }, elsewhere.url)
  await expect(page.locator('h1')).toHaveText('Elsewhere')

  // The end of the session must arrive without a revisit. The other records arrive with the next visit at the latest.
  const path = `/backend/data/sessions/${session.sessionID}`
  type GweSession = { sessionId: string; startDate: number; endDate: number; duration: number; identityId: string }
  await expect.poll(async () => (await demo.ask<GweSession>(path)).endDate).toBeGreaterThan(0)
  await visit(page, '/signed-out.html')
  await expect
    .poll(async () => {
      await page.evaluate(() => window.sojourn.flush())
      return (await demo.ask<Event[]>(`${path}/events`)).length
    })
    .toBe(19)

  // 1. Query session
  const found = await demo.ask<GweSession>(path)
  expect(found).toMatchObject({
    sessionId: session.sessionID,
    identityId: 'ada@example.com',
    startDate: session.startDate,
  })
  expect(found.duration).toBe(Math.floor((found.endDate - found.startDate) / 1000))
  expect(found.duration).toBeGreaterThanOrEqual(1)

  // 2. Query events by session: exactly these, in this order. Every page is entered before it is left.
  const events = await demo.ask<Event[]>(`${path}/events`)
  const names = events.map(event => event.eventName)
  expect(names[0]).toBe('SignIn')
  expect(names.at(-1)).toBe('SignOut')
  expect(names.filter(name => !/^Page|^Sign/.test(name))).toEqual(['Search', 'AddToCart', 'Checkout'])
  expect(new Set(events.map(event => event.eventID)).size).toBe(events.length)
  expect(events.map(event => event.timestamp)).toEqual(events.map(event => event.timestamp).toSorted((a, b) => a - b))
  for (const [at, { eventName, pageID }] of events.entries()) {
    if (eventName !== 'PageExited' || pageID === events[0]?.pageID) continue
    expect(events.findIndex(event => event.eventName === 'PageEntered' && event.pageID === pageID)).toBeLessThan(at)
  }

  // 3. Query pages by session. The first is the page on which the person signed in.
  const pages = await demo.ask<{ url: string }[]>(`${path}/pages`)
  expect(pages.map(({ url }) => url.replace(shop, '').replace(/\?.*/, ''))).toEqual([
    '/sign-in.html',
    '/account.html',
    '/account/addresses',
    '/',
    '/',
    '/product.html',
    '/product.html',
    '/cart.html',
  ])

  // 4. Query sessions by visit, and 5. visits by identity
  const sessions = await demo.ask<GweSession[]>(`/backend/data/visits/${session.visitID}/sessions`)
  expect(sessions.map(one => one.sessionId)).toEqual([session.sessionID])
  const visits = await demo.ask<{ visitId: string }[]>('/backend/data/identities/ada%40example.com/visits')
  expect(visits.map(one => one.visitId)).toEqual([session.visitID])
  expect(noise).toEqual([])
})
