import { expect } from '@playwright/test'
import type { RunningCollector } from './helpers/collector.js'
import { modulePage, type Site, startSite } from './helpers/site.js'
import { test } from './helpers/test.js'
import { killRenderer, numbers, openTracker, upTo } from './helpers/tracker.js'

// Only a real browser can show that its storage process has a record before the task that made the record ends.

let collector: RunningCollector
let site: Site

test.beforeEach(async ({ shared }) => {
  collector = shared
  site = await startSite(() => modulePage({ collector: collector.url, key: 'killed', flushEveryMs: 60_000 }))
})

test.afterEach(async () => {
  await site.stop()
})

test('keeps 2,000 events of one task if the renderer is killed right after that task', async ({ context }) => {
  const page = await context.newPage()
  await openTracker(page, site.url)
  const sessionID = await page.evaluate(async () => {
    window.tracker.signIn('user-42')
    await window.tracker.flush()
    return (await window.tracker.session())?.sessionID as string
  })
  await page.evaluate(() => {
    for (let n = 0; n < 2000; n++) window.tracker.track('Burst', { n })
  })
  await killRenderer(page)
  const next = await context.newPage()
  await openTracker(next, site.url)
  await expect
    .poll(
      async () => {
        await next.evaluate(() => window.tracker.flush())
        return (await collector.events(sessionID)).length
      },
      { timeout: 30_000 },
    )
    .toBeGreaterThanOrEqual(2000)
  expect(numbers(await collector.events(sessionID), 'Burst')).toEqual(upTo(2000))
})

test('keeps all events of a tab that is killed while it records and another tab sends 10,000 records', {
  tag: '@long',
}, async ({ context }) => {
  test.setTimeout(120_000)
  const drainer = await context.newPage()
  await openTracker(drainer, site.url)
  const sessionID = await drainer.evaluate(async () => {
    window.tracker.signIn('user-42')
    for (let part = 0; part < 10; part++) {
      for (let n = 0; n < 1000; n++) window.tracker.track('Backlog', { n: part * 1000 + n })
      await new Promise(resolve => setTimeout(resolve, 20))
    }
    return (await window.tracker.session())?.sessionID as string
  })
  const appender = await context.newPage()
  await openTracker(appender, site.url)
  const draining = drainer.evaluate(async () => {
    for (let left = 1; left > 0; ) left = (await window.tracker.flush()).owed
  })
  const made = await appender.evaluate(async () => {
    let n = 0
    for (const end = Date.now() + 3000; Date.now() < end; ) {
      for (let i = 0; i < 5; i++) window.tracker.track('Appended', { n: n++ })
      await new Promise(resolve => setTimeout(resolve, 5))
    }
    window.tracker.track('Appended', { n: n++ })
    return n
  })
  await killRenderer(appender)
  await draining
  await expect
    .poll(
      async () => {
        await drainer.evaluate(() => window.tracker.flush())
        return (await collector.events(sessionID)).length
      },
      { timeout: 60_000 },
    )
    .toBeGreaterThanOrEqual(10_000 + made)
  const events = await collector.events(sessionID)
  expect(numbers(events, 'Appended')).toEqual(upTo(made))
  expect(numbers(events, 'Backlog')).toEqual(upTo(10_000))
})
