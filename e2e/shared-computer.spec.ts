import { expect, type Page } from '@playwright/test'
import type { RunningCollector } from './helpers/collector.js'
import { modulePage, type Site, startSite } from './helpers/site.js'
import { test } from './helpers/test.js'
import { killRenderer, openTracker } from './helpers/tracker.js'

// One person signs out, and the next person uses the same computer.

let collector: RunningCollector
let site: Site

test.beforeEach(async ({ shared }) => {
  collector = shared
  const page = modulePage({ collector: collector.url, key: 'shared', flushEveryMs: 500 })
  const logout = page.replace('</script>', "\n  tracker.signOut()\n  location.replace('/bye')\n</script>")
  site = await startSite(path => (path === '/logout' ? logout : page))
})

test.afterEach(async () => {
  await site.stop()
})

/** Reads everything that this origin stores, as one text. */
const everything = (page: Page): Promise<string> =>
  page.evaluate(async () => {
    const found: unknown[] = [Object.entries(localStorage), Object.entries(sessionStorage), document.cookie]
    for (const { name = '' } of await indexedDB.databases()) {
      const db = await new Promise<IDBDatabase>(resolve => {
        const opening = indexedDB.open(name)
        opening.onsuccess = () => resolve(opening.result)
      })
      for (const store of db.objectStoreNames) {
        const tx = db.transaction(store)
        const keys = tx.objectStore(store).getAllKeys()
        const values = tx.objectStore(store).getAll()
        await new Promise(resolve => (tx.oncomplete = resolve))
        found.push(store, keys.result, values.result)
      }
      db.close()
    }
    return JSON.stringify(found)
  })

const names = /ada@example|Ada Lovelace|12 Ockham/

async function use(page: Page): Promise<void> {
  await page.evaluate(() => {
    window.tracker.signIn('ada@example.com', { name: 'Ada Lovelace' })
    window.tracker.track('Ordered', { to: '12 Ockham Road' })
  })
}

test('after a sign-out and a flush, no storage of the browser names the person', async ({ context }) => {
  const other = await context.newPage()
  await openTracker(other, `${site.url}/other`)
  const page = await context.newPage()
  await openTracker(page, site.url)
  await use(page)
  await page.evaluate(() => window.tracker.flush())
  await other.evaluate(() => window.tracker.track('InOther'))
  expect(await everything(page), 'the open session is kept for local queries').toMatch(names)
  await page.evaluate(() => window.tracker.signOut())
  await expect.poll(async () => (await page.evaluate(() => window.tracker.flush())).owed).toBe(0)
  await expect.poll(() => everything(page), { timeout: 5000 }).not.toMatch(names)
})

test('a page that signs out and leaves as it loads leaves nothing that names the person', async ({ page }) => {
  await openTracker(page, site.url)
  await use(page)
  await expect.poll(async () => (await page.evaluate(() => window.tracker.flush())).owed).toBe(0)
  await page.goto(`${site.url}/logout`, { waitUntil: 'commit' })
  await page.waitForURL('**/bye')
  await page.waitForFunction(() => window.tracker?.status().store === 'indexeddb')
  await expect.poll(async () => (await page.evaluate(() => window.tracker.flush())).owed).toBe(0)
  await expect.poll(() => everything(page), { timeout: 5000 }).not.toMatch(names)
})

test('a tab that was closed just before the sign-out leaves nothing that names the person', { tag: '@long' }, async ({
  context,
}) => {
  const page = await context.newPage()
  await openTracker(page, site.url)
  const other = await context.newPage()
  await openTracker(other, `${site.url}/other`)
  await use(page)
  await expect.poll(async () => (await page.evaluate(() => window.tracker.flush())).owed).toBe(0)
  await expect.poll(() => other.evaluate(() => window.tracker.status().identityId)).toBe('ada@example.com')
  await other.evaluate(() => window.tracker.track('InOther'))
  await other.close()
  await page.evaluate(() => window.tracker.signOut())
  await expect.poll(async () => (await page.evaluate(() => window.tracker.flush())).owed).toBe(0)
  await expect.poll(() => everything(page), { timeout: 5000 }).not.toMatch(names)
})

test('after the sign-out, the orphan exit of a killed tab does not name the person', { tag: '@long' }, async ({
  context,
}) => {
  const dying = await context.newPage()
  await openTracker(dying, `${site.url}/dying`)
  const page = await context.newPage()
  await openTracker(page, site.url)
  await use(page)
  await expect
    .poll(() => dying.evaluate(async () => (await window.tracker.session())?.identityId))
    .toBe('ada@example.com')
  await dying.evaluate(() => window.tracker.page({ title: 'Dying' }))
  await dying.evaluate(() => window.tracker.flush())
  await killRenderer(dying)
  await page.evaluate(() => window.tracker.signOut())
  await expect.poll(async () => (await page.evaluate(() => window.tracker.flush())).owed).toBe(0)
  await expect.poll(() => everything(page), { timeout: 5000 }).not.toMatch(names)
})

test('local queries of the next person do not show what is still owed of the person before', async ({ context }) => {
  const page = await context.newPage()
  await openTracker(page, site.url)
  await context.route(`${collector.url}/**`, route => route.abort())
  await use(page)
  const shown = await page.evaluate(async () => {
    const ada = await window.tracker.session()
    const visitID = ada?.visitID as string
    const sessionID = ada?.sessionID as string
    window.tracker.signOut()
    window.tracker.signIn('bob@example.com')
    window.tracker.track('Looked')
    const bob = await window.tracker.session()
    return {
      owed: window.tracker.status().owed,
      before: ada?.identityId,
      now: bob?.identityId,
      session: await window.tracker.session(sessionID),
      events: await window.tracker.events(sessionID),
      pages: await window.tracker.pages(sessionID),
      visits: await window.tracker.visits('ada@example.com'),
      sessions: (await window.tracker.sessions(visitID)).map(({ identityId }) => identityId),
      own: (await window.tracker.events(bob?.sessionID as string)).map(({ eventName }) => eventName),
    }
  })
  expect(shown.owed).toBeGreaterThan(4)
  expect(shown).toMatchObject({ before: 'ada@example.com', now: 'bob@example.com', events: [], pages: [], visits: [] })
  expect(shown.session).toBeUndefined()
  expect(shown.sessions).toEqual(['bob@example.com'])
  expect(shown.own).toEqual(['SignIn', 'Looked'])
})
