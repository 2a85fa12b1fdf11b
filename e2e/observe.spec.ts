import { type BrowserContext, expect, type Page } from '@playwright/test'
import { modulePage, type Site, startSite } from './helpers/site.js'
import { test } from './helpers/test.js'
import { makeIdentity, openTracker } from './helpers/tracker.js'

declare global {
  interface Window {
    /** What the listeners of this page were told: when, and the names of all events of the session. */
    told: { at: number; names: string[] }[]
    /** How often the page has read all parcels of the store. */
    reads: number
  }
}

let site: Site

test.beforeEach(async ({ context, shared }) => {
  site = await startSite(() => modulePage({ collector: shared.url, key: 'e2e', automatic: false, flushEveryMs: 400 }))
  await context.addInitScript(() => {
    window.reads = 0
    const { getAll } = IDBObjectStore.prototype
    IDBObjectStore.prototype.getAll = function (...how) {
      if (this.name === 'parcels') window.reads++
      return getAll.apply(this, how)
    }
  })
})

test.afterEach(async () => {
  await site.stop()
})

async function tabs(context: BrowserContext, count: number): Promise<Page[]> {
  const pages: Page[] = []
  for (let tab = 0; tab < count; tab++) {
    const page = await context.newPage()
    await openTracker(page, `${site.url}/${tab}`)
    pages.push(page)
  }
  return pages
}

const observe = (page: Page, sessionID: string): Promise<void> =>
  page.evaluate(id => {
    window.told = []
    window.tracker.observe({ events: id }, events => {
      window.told.push({ at: Date.now(), names: events.map(({ eventName }) => eventName) })
    })
  }, sessionID)

const told = (page: Page): Promise<{ names: string[] }[]> => page.evaluate(() => window.told)

for (const count of [2, 3])
  test(`each change is told once in each of ${count} tabs, and reads no store`, {
    tag: count === 2 ? '@long' : [],
  }, async ({ context }) => {
    const pages = await tabs(context, count)
    const [first] = pages as [Page]
    const identity = makeIdentity()
    await first.evaluate(id => window.tracker.signIn(id), identity)
    await expect
      .poll(() => Promise.all(pages.map(page => page.evaluate(() => window.tracker.status().identityId))))
      .toEqual(pages.map(() => identity))
    const sessionID = await first.evaluate(async () => (await window.tracker.session())?.sessionID as string)
    for (const page of pages) {
      await observe(page, sessionID)
      await expect.poll(async () => (await told(page)).length).toBe(1)
    }
    const reads = await Promise.all(pages.map(page => page.evaluate(() => window.reads)))
    for (let n = 0; n < 9; n++) {
      await (pages[n % count] as Page).evaluate(name => window.tracker.track(name), `Event${n}`)
      for (const page of pages) await expect.poll(async () => (await told(page)).length).toBe(n + 2)
    }
    const names = ['SignIn', ...Array.from({ length: 9 }, (_, n) => `Event${n}`)]
    for (const page of pages)
      expect((await told(page)).map(one => one.names)).toEqual(names.map((_, n) => names.slice(0, n + 1)))
    // That the collector has them all changes no answer.
    await expect.poll(() => first.evaluate(() => window.tracker.status().owed)).toBe(0)
    expect(await Promise.all(pages.map(page => page.evaluate(() => window.reads)))).toEqual(reads)
    for (const page of pages) expect((await told(page)).length).toBe(10)
  })

test('the records of a tab have their fate in the other, from owed to stored', async ({ context }) => {
  const [one, two] = (await tabs(context, 2)) as [Page, Page]
  await two.evaluate(() => {
    Object.assign(window, { fates: [] })
    window.tracker.observe('records', records => {
      const found = records.find(({ event }) => event.eventName === 'Search')
      if (found) (window as unknown as { fates: string[] }).fates.push(found.fate)
    })
  })
  const fates = (): Promise<string[]> =>
    two.evaluate(() => [...new Set((window as unknown as { fates: string[] }).fates)])
  // A state that is over before anybody is told of it is left out.
  await context.route(/\/v1\/sessions/, async route => {
    await expect.poll(async () => (await fates()).at(-1)).toBe('in-flight')
    await route.continue()
  })
  await one.evaluate(() => window.tracker.track('Search'))
  await expect.poll(async () => (await fates()).at(-1)).toBe('stored')
  expect(await fates()).toEqual(['owed', 'in-flight', 'stored'])
})

test('a page that comes back from the back/forward cache is told what it has missed', async ({ context }) => {
  const [one, two] = (await tabs(context, 2)) as [Page, Page]
  await one.evaluate(id => window.tracker.signIn(id), makeIdentity())
  const sessionID = await one.evaluate(async () => (await window.tracker.session())?.sessionID as string)
  await observe(one, sessionID)
  await expect.poll(async () => (await told(one)).at(-1)?.names).toEqual(['SignIn'])
  await one.goto(`${site.url}/away`)
  await two.evaluate(() => window.tracker.track('Meanwhile'))
  await one.goBack()
  await one.waitForFunction(() => !!window.tracker)
  const isKept = await one.evaluate(() => !!window.told)
  // A browser that does not keep the page loads it anew, and then it observes anew.
  if (!isKept) await observe(one, sessionID)
  await expect.poll(async () => (await told(one)).at(-1)?.names).toContain('Meanwhile')
})
