import { expect } from '@playwright/test'
import type { RunningCollector } from './helpers/collector.js'
import { modulePage, type Site, startSite } from './helpers/site.js'
import { test } from './helpers/test.js'
import { killRenderer, numbers, openTracker, upTo } from './helpers/tracker.js'

let collector: RunningCollector
let site: Site

test.beforeEach(async ({ shared }) => {
  collector = shared
  const options = { collector: collector.url, key: 'early', flushEveryMs: 500 }
  // The page /early calls everything in the task that makes the tracker, before the database is open.
  const early = `<script type="module">
    import { createTracker } from '/core.js'
    window.tracker = createTracker(${JSON.stringify(options)})
    window.tracker.signIn('user-42')
    for (let n = 0; n < 20; n++) window.tracker.track('Early', { n })
    window.touchedAtStart = [...(window.errors ?? [])]
    window.isCalled = true
  </script>`
  site = await startSite(path => (path === '/early' ? early : modulePage(options)))
})

test.afterEach(async () => {
  await site.stop()
})

test('records the calls of the task that makes the tracker, in call order and in one session', async ({ page }) => {
  await page.goto(`${site.url}/early`)
  await page.evaluate(() => window.tracker.flush())
  const sessionID = await page.evaluate(async () => (await window.tracker.session())?.sessionID as string)
  const events = await collector.events(sessionID)
  expect(events.map(event => event.eventName)).toEqual(['SignIn', ...upTo(20).map(() => 'Early')])
  expect(events.slice(1).map(event => event.data)).toEqual(upTo(20).map(n => ({ n })))
  expect(await page.evaluate(() => localStorage.length)).toBe(0)
})

test('a page that is killed before its database is open loses nothing, because a later page records its calls', async ({
  context,
}) => {
  const dying = await context.newPage()
  // The database never opens in this page.
  await dying.addInitScript(() => {
    const before = IDBFactory.prototype.open
    IDBFactory.prototype.open = function (...args) {
      const request = before.apply(this, args)
      request.addEventListener = () => {}
      return request
    }
  })
  await dying.goto(`${site.url}/early`)
  await dying.waitForFunction(() => 'isCalled' in window)
  await expect.poll(() => dying.evaluate(() => localStorage.length)).toBe(1)
  await killRenderer(dying)

  const next = await context.newPage()
  // A page takes over the calls of another page only when they are older than `lateMs`. So the clock moves forward.
  await next.addInitScript(() => {
    const before = Date.now
    Date.now = () => before() + 120_000
  })
  await openTracker(next, site.url)
  await expect.poll(() => next.evaluate(() => localStorage.length)).toBe(0)
  const sessionID = await next.evaluate(async () => (await window.tracker.session())?.sessionID as string)
  await expect
    .poll(async () => {
      await next.evaluate(() => window.tracker.flush())
      return numbers(await collector.events(sessionID), 'Early')
    })
    .toEqual(upTo(20))
})

test('does not touch localStorage in the task that starts the tracker', async ({ page }) => {
  await page.addInitScript(() => {
    window.errors = []
    for (const name of ['getItem', 'setItem', 'removeItem', 'key'] as const) {
      const before = Storage.prototype[name]
      Storage.prototype[name] = function (this: Storage, ...args: never[]) {
        window.errors.push(name)
        return (before as (...all: unknown[]) => never).apply(this, args)
      }
    }
  })
  await page.goto(`${site.url}/early`)
  await page.evaluate(() => window.tracker.flush())
  expect(await page.evaluate(() => (window as unknown as { touchedAtStart: string[] }).touchedAtStart)).toEqual([])
})
