import { type BrowserContext, expect, type Page } from '@playwright/test'
import type { Session } from '../src/index.js'
import type { RunningCollector } from './helpers/collector.js'
import { modulePage, type Site, startSite } from './helpers/site.js'
import { test } from './helpers/test.js'
import { makeIdentity, openTracker } from './helpers/tracker.js'

let collector: RunningCollector
let site: Site
let options: object
let ada: string

test.beforeEach(async ({ shared }) => {
  collector = shared
  ada = makeIdentity()
  options = {}
  site = await startSite(() => modulePage({ collector: collector.url, key: 'shop', flushEveryMs: 100, ...options }))
})

test.afterEach(async () => {
  await site.stop()
})

async function openTabs(context: BrowserContext, count: number): Promise<Page[]> {
  const tabs: Page[] = []
  for (let n = 0; n < count; n++) {
    const tab = await context.newPage()
    await openTracker(tab, `${site.url}/tab-${n}`)
    tabs.push(tab)
  }
  return tabs
}

/** Runs the same in all tabs at the same moment of the wall clock. */
async function inAll(tabs: readonly Page[], verb: 'signIn' | 'track', arg: string): Promise<void> {
  const at = Date.now() + 500
  await Promise.all(
    tabs.map(tab =>
      tab.evaluate(
        async ([then, name, what]) => {
          while (Date.now() < then) await new Promise(resolve => setTimeout(resolve, then - Date.now() > 20 ? 10 : 0))
          window.tracker[name](what)
        },
        [at, verb, arg] as const,
      ),
    ),
  )
}

/** All sessions of the identity, when the collector has everything. */
async function sessionsOf(tabs: readonly Page[], identityId: string): Promise<Session[]> {
  for (const tab of tabs) await expect.poll(() => tab.evaluate(async () => (await window.tracker.flush()).owed)).toBe(0)
  return (await collector.get<{ items: Session[] }>(`/v1/identities/${identityId}/sessions`))?.items ?? []
}

test('three tabs that sign in at the same moment make one session', async ({ context }) => {
  const tabs = await openTabs(context, 3)
  const rounds = [ada, makeIdentity(), makeIdentity()]
  for (const round of rounds) {
    await inAll(tabs, 'signIn', round)
    await inAll(tabs, 'track', 'Search')
    const sessions = await sessionsOf(tabs, round)
    expect(sessions.length).toBe(1)
    const events = await collector.events(sessions[0]?.sessionID as string)
    expect(events.filter(({ eventName }) => eventName === 'Search')).toHaveLength(3)
  }
  await tabs[1]?.evaluate(() => window.tracker.signOut())
  for (const round of rounds) expect((await sessionsOf(tabs, round))[0]?.endDate).toBeGreaterThan(0)
})

test('three tabs that wake at the same moment after the idle limit resume one session in one visit', {
  tag: '@long',
}, async ({ context }) => {
  options = { idleLimitMs: 5000 }
  const tabs = await openTabs(context, 3)
  await tabs[0]?.evaluate(id => window.tracker.signIn(id), ada)
  await expect.poll(() => tabs[2]?.evaluate(() => window.tracker.status().identityId)).toBe(ada)
  await tabs[0]?.waitForTimeout(7000)
  await inAll(tabs, 'track', 'Search')
  const sessions = await sessionsOf(tabs, ada)
  expect(sessions).toHaveLength(2)
  expect(new Set(sessions.map(({ visitID }) => visitID)).size).toBe(2)
  const events = await collector.events(sessions[1]?.sessionID as string)
  expect(events.filter(({ eventName }) => eventName === 'Search')).toHaveLength(3)
  expect(events.filter(({ eventName, pageID }) => eventName === 'Search' && !pageID)).toEqual([])
})

test('tabs that begin a visit at the same moment make one visit', async ({ context }) => {
  const pages = await Promise.all([context.newPage(), context.newPage(), context.newPage()])
  await Promise.all(pages.map((tab, n) => tab.goto(`${site.url}/tab-${n}`)))
  await inAll(pages, 'signIn', ada)
  const sessions = await sessionsOf(pages, ada)
  expect(sessions).toHaveLength(1)
})

test('a session has the page on which the person signed in', { tag: '@long' }, async ({ page }) => {
  await openTracker(page, `${site.url}/login`)
  await page.evaluate(id => window.tracker.signIn(id, { name: 'Ada' }), ada)
  const [session] = await sessionsOf([page], ada)
  const id = session?.sessionID as string
  expect((await collector.pages(id)).map(({ url }) => new URL(url).pathname)).toEqual(['/login'])
  const local = await page.evaluate(one => window.tracker.pages(one), id)
  expect(local.map(({ url }) => new URL(url).pathname)).toEqual(['/login'])
  const gwe = await collector.get<{ pageIds: string[] }>(`/backend/data/sessions/${id}?include_pages=true`)
  expect(gwe?.pageIds).toEqual(local.map(({ pageID }) => pageID))
  expect(await collector.get(`/v1/identities/${ada}`)).toMatchObject({ name: 'Ada' })
})

test('signIn, track and stop in one task are one session, sent by the next page load', { tag: '@long' }, async ({
  page,
}) => {
  await page.goto(`${site.url}/first`)
  await page.evaluate(id => {
    window.tracker.signIn(id)
    window.tracker.track('Search')
    window.tracker.stop()
  }, ada)
  await openTracker(page, `${site.url}/second`)
  await expect.poll(async () => (await sessionsOf([page], ada)).length).toBe(1)
  const [session] = await sessionsOf([page], ada)
  const events = await collector.events(session?.sessionID as string)
  expect(events.filter(({ eventName }) => eventName === 'Search')).toHaveLength(1)
  expect(events.filter(({ eventName }) => eventName === 'SignIn')).toHaveLength(1)
})
