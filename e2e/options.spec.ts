import { expect, type Page } from '@playwright/test'
import type { RunningCollector } from './helpers/collector.js'
import { modulePage, type Site, startSite } from './helpers/site.js'
import { test } from './helpers/test.js'
import { openTracker } from './helpers/tracker.js'

let collector: RunningCollector
let site: Site

test.beforeEach(async ({ shared }) => {
  collector = shared
  const options: Record<string, object> = {
    '/manual': { automatic: false },
    '/known': { anonymous: false },
    '/forgetful': { history: false },
  }
  site = await startSite(path => modulePage({ collector: collector.url, key: 'options', ...options[path] }))
})

test.afterEach(async () => {
  await site.stop()
})

const made = (page: Page): Promise<number> => page.evaluate(() => window.tracker.status().made)

test('automatic: false records only the page views that the page calls', async ({ page }) => {
  await openTracker(page, `${site.url}/manual`)
  await page.evaluate(() => history.pushState({}, '', '/elsewhere'))
  await page.waitForTimeout(300)
  expect(await made(page)).toBe(0)
  await page.evaluate(() => {
    window.tracker.signIn('user-42')
    window.tracker.page({ title: 'Called', category: 'shop;lamps', shelf: 3 })
  })
  const { pages, events } = await page.evaluate(async () => {
    const { sessionID } = (await window.tracker.session()) as { sessionID: string }
    return { pages: await window.tracker.pages(sessionID), events: await window.tracker.events(sessionID) }
  })
  expect(pages).toMatchObject([{ title: 'Called', category: 'shop;lamps', url: `${site.url}/elsewhere` }])
  expect(events.at(-1)).toMatchObject({ eventName: 'PageEntered', data: { shelf: 3 } })
})

test('anonymous: false records nothing before the sign-in', async ({ page }) => {
  await openTracker(page, `${site.url}/known`)
  await page.evaluate(() => window.tracker.track('Before'))
  expect(await made(page)).toBe(0)
  await page.evaluate(() => {
    window.tracker.signIn('user-42')
    window.tracker.track('After')
  })
  expect(await made(page)).toBe(2)
})

test('history keeps a session for local queries until it is closed and stored; history: false does not', {
  tag: '@long',
}, async ({ page }) => {
  const session = (id?: string) => page.evaluate(wanted => window.tracker.session(wanted), id)
  await openTracker(page, `${site.url}/`)
  await page.evaluate(() => window.tracker.signIn('user-42'))
  await page.evaluate(() => window.tracker.flush())
  const open = await session()
  expect(open?.identityId).toBe('user-42')
  const local = await page.evaluate(
    async visitID => [await window.tracker.sessions(visitID), await window.tracker.visits('user-42')],
    open?.visitID as string,
  )
  expect(local).toMatchObject([[{ sessionID: open?.sessionID }], [{ visitID: open?.visitID }]])
  await page.evaluate(() => window.tracker.signOut())
  await expect
    .poll(async () => {
      await page.evaluate(() => window.tracker.flush())
      return session(open?.sessionID)
    })
    .toBeUndefined()

  await openTracker(page, `${site.url}/forgetful`)
  await page.evaluate(() => window.tracker.signIn('user-43'))
  await page.evaluate(() => window.tracker.flush())
  expect(await session()).toBeUndefined()
})

test('a stopped tracker records and sends nothing more, and the next page sends what it owed', {
  tag: '@long',
}, async ({ page }) => {
  await openTracker(page, `${site.url}/`)
  const sessionID = await page.evaluate(async () => {
    window.tracker.signIn('user-42')
    const id = (await window.tracker.session())?.sessionID as string
    window.tracker.track('Owed')
    window.tracker.stop()
    window.tracker.track('After')
    history.pushState({}, '', '/pushed')
    return id
  })
  await openTracker(page, `${site.url}/next`)
  await expect
    .poll(async () => {
      await page.evaluate(() => window.tracker.flush())
      return (await collector.events(sessionID)).map(event => event.eventName)
    })
    .toEqual(['SignIn', 'Owed', 'PageExited', 'PageEntered'])
})
