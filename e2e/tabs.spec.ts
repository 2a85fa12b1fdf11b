import { type BrowserContext, expect, type Page } from '@playwright/test'
import type { RunningCollector } from './helpers/collector.js'
import { modulePage, type Site, startSite } from './helpers/site.js'
import { test } from './helpers/test.js'
import { numbers, openTracker, upTo } from './helpers/tracker.js'

let collector: RunningCollector
let site: Site

test.beforeEach(async ({ shared }) => {
  collector = shared
  site = await startSite(() => modulePage({ collector: collector.url, key: 'tabs', flushEveryMs: 400 }))
})

test.afterEach(async () => {
  await site.stop()
})

const openSession = (page: Page): Promise<string | undefined> =>
  page.evaluate(async () => (await window.tracker.session())?.sessionID)

async function tabs(context: BrowserContext, count: number): Promise<Page[]> {
  const pages: Page[] = []
  for (let tab = 0; tab < count; tab++) {
    const page = await context.newPage()
    await openTracker(page, `${site.url}/${tab}`)
    pages.push(page)
  }
  return pages
}

test('a sign-in in one tab opens the session of all tabs, and a sign-out in one tab ends it for all', async ({
  context,
}) => {
  const [one, two] = (await tabs(context, 2)) as [Page, Page]
  await one.evaluate(() => window.tracker.signIn('user-42'))
  const sessionID = (await openSession(one)) as string
  await two.evaluate(() => window.tracker.track('InTwo', { n: 0 }))
  await two.evaluate(() => window.tracker.signOut())
  await one.evaluate(() => window.tracker.track('After', { n: 1 }))
  await Promise.all([one, two].map(page => page.evaluate(() => window.tracker.flush())))
  // A tab enters its page when it was seen, or with its first verb. That may be during the session.
  const events = (await collector.events(sessionID)).filter(({ eventName }) => eventName !== 'PageEntered')
  expect(events.map(event => event.eventName)).toEqual(['SignIn', 'InTwo', 'SignOut'])
  expect((await collector.session(sessionID))?.endDate).toBe(events[2]?.timestamp)
})

test('a sign-in as another identity in one tab replaces the session of all tabs', { tag: '@long' }, async ({
  context,
}) => {
  const [one, two] = (await tabs(context, 2)) as [Page, Page]
  await one.evaluate(() => window.tracker.signIn('user-42'))
  const first = (await openSession(one)) as string
  await two.evaluate(() => window.tracker.signIn('user-43'))
  const second = (await openSession(two)) as string
  await one.evaluate(() => window.tracker.track('InSecond', { n: 0 }))
  await Promise.all([one, two].map(page => page.evaluate(() => window.tracker.flush())))
  // A tab enters its page when it was seen, or with its first verb. That may be during the session.
  const events = (await collector.events(first)).filter(({ eventName }) => eventName !== 'PageEntered')
  expect(events.map(event => event.eventName)).toEqual(['SignIn', 'SessionEnded'])
  expect(events[1]?.data).toEqual({ reason: 'replaced' })
  expect(numbers(await collector.events(second), 'InSecond')).toEqual([0])
})

test('ten tabs that track at the same time send every record once', async ({ context }) => {
  const ids: string[] = []
  await context.route(`${collector.url}/v1/sessions*`, async route => {
    const answer = await route.fetch()
    ids.push(...((await answer.json()) as { stored: string[] }).stored)
    await route.fulfill({ response: answer })
  })
  const pages = await tabs(context, 10)
  await (pages[0] as Page).evaluate(() => window.tracker.signIn('user-42'))
  const sessionID = (await openSession(pages[0] as Page)) as string
  await Promise.all(
    pages.map((page, tab) =>
      page.evaluate(from => {
        for (let n = from; n < from + 10; n++) window.tracker.track('Numbered', { n })
      }, tab * 10),
    ),
  )
  await expect
    .poll(async () => numbers(await collector.events(sessionID), 'Numbered'), { timeout: 30_000 })
    .toEqual(upTo(100))
  await expect
    .poll(() => Promise.all(pages.map(page => page.evaluate(() => window.tracker.status().owed))))
    .toEqual(pages.map(() => 0))
  expect(ids.length).toBe(new Set(ids).size)
  // The pages may still send while they are closed.
  await context.unrouteAll({ behavior: 'ignoreErrors' })
})

test('local queries of a new page find at once what the page before it recorded', { tag: '@long' }, async ({
  context,
}) => {
  const [one] = (await tabs(context, 1)) as [Page]
  await one.evaluate(() => {
    window.tracker.signIn('user-42')
    window.tracker.track('Before', { n: 0 })
  })
  await one.evaluate(() => window.tracker.flush())
  await one.evaluate(() => window.tracker.track('Before', { n: 1 }))
  await one.goto(`${site.url}/next`)
  await one.waitForFunction(() => !!window.tracker)
  const found = await one.evaluate(async () => {
    const session = await window.tracker.session()
    return session && { ...session, events: await window.tracker.events(session.sessionID) }
  })
  expect(found?.identityId).toBe('user-42')
  expect(numbers(found?.events ?? [], 'Before')).toEqual([0, 1])
  await one.waitForTimeout(5000)
  const later = await one.evaluate(async id => window.tracker.events(id), found?.sessionID as string)
  expect(numbers(later, 'Before')).toEqual([0, 1])
})

test('two trackers with different keys on one origin share no data', async ({ page }) => {
  await openTracker(page, site.url)
  await page.evaluate(async collector => {
    const { createTracker } = (await import('/core.js' as string)) as typeof import('../src/index.js')
    const other = createTracker({ collector, key: 'other', automatic: false })
    window.tracker.signIn('user-42')
    other.track('InOther')
    await other.flush()
    Object.assign(window, { other })
  }, collector.url)
  const other = await page.evaluate(() => (window as unknown as { other: typeof window.tracker }).other.session())
  expect(other).toBeUndefined()
  expect((await page.evaluate(() => window.tracker.status())).made).toBe(3)
})

test('records the same without Web Locks, BroadcastChannel and the Navigation API', async ({ context }) => {
  await context.addInitScript(() => {
    Reflect.deleteProperty(Navigator.prototype, 'locks')
    Reflect.deleteProperty(window, 'BroadcastChannel')
    Reflect.deleteProperty(window, 'navigation')
  })
  const [one] = (await tabs(context, 1)) as [Page]
  await one.evaluate(() => {
    window.tracker.signIn('user-42')
    history.pushState({}, '', '/pushed')
    window.tracker.track('Pushed', { n: 0 })
  })
  const sessionID = (await openSession(one)) as string
  const two = await context.newPage()
  await openTracker(two, `${site.url}/two`)
  expect(await openSession(two)).toBe(sessionID)
  await two.evaluate(() => window.tracker.track('InTwo', { n: 0 }))
  await Promise.all([one, two].map(page => page.evaluate(() => window.tracker.flush())))
  const events = await collector.events(sessionID)
  expect(new URL(events.find(event => event.eventName === 'Pushed')?.url ?? 'x:').pathname).toBe('/pushed')
  expect(numbers(events, 'InTwo')).toEqual([0])
})
