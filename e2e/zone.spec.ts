import { readFileSync } from 'node:fs'
import { expect } from '@playwright/test'
import type { Session } from '../src/index.js'
import { type RunningCollector, startCollector } from './helpers/collector.js'
import { type Site, startSite } from './helpers/site.js'
import { test } from './helpers/test.js'

// Angular calls an application stable when nothing is left in its zone that it waits for. It renders again after each
// task in its zone.

let collector: RunningCollector
let site: Site

declare global {
  interface Window {
    /** Tasks that were begun in the zone of the application. */
    begun: string[]
    /** Tasks that ran in it. */
    ran: string[]
    inZone<T>(run: () => T): T
  }
}

/** The zone of an application, which notes what Angular's zone looks at. */
const angular = `window.begun = []
window.ran = []
const zone = Zone.current.fork({
  name: 'angular',
  properties: { isAngularZone: true },
  onScheduleTask(parent, _current, target, task) {
    window.begun.push(task.type + ' ' + task.source)
    return parent.scheduleTask(target, task)
  },
  onInvokeTask(parent, _current, target, task, self, args) {
    window.ran.push(task.type + ' ' + task.source)
    return parent.invokeTask(target, task, self, args)
  },
})
window.inZone = run => zone.run(run)`

test.beforeEach(async () => {
  collector = await startCollector()
  const options = JSON.stringify({ collector: collector.url, key: 'zone', flushEveryMs: 100 })
  const create = `window.errors = []
  inZone(() => { window.tracker = createTracker({ ...${options}, onError: error => errors.push(error.message) }) })`
  const pages: Record<string, string> = {
    '/zone.js': readFileSync('node_modules/zone.js/bundles/zone.umd.js', 'utf8'),
    '/angular.js': angular,
    '/': `<script src="/zone.js"></script><script src="/angular.js"></script><script type="module">
  import { createTracker } from '/core.js'
  ${create}</script>`,
    '/zone-late': `<script type="module">
  import { createTracker } from '/core.js'
  import '/zone.js'
  await import('/angular.js')
  ${create}</script>`,
  }
  site = await startSite(
    path => (path.endsWith('.js') ? '' : '<!doctype html><title>Zone</title><input>') + pages[path],
  )
})

test.afterEach(async () => {
  await site.stop()
  await collector.stop()
})

for (const [path, tag] of [
  ['/', '@short'],
  ['/zone-late', '@long'],
] as const)
  test(`an application becomes stable although its zone starts the tracker and calls its verbs (${path})`, {
    tag,
  }, async ({ page }) => {
    await page.goto(`${site.url}${path}`)
    await page.waitForFunction(() => window.tracker?.status().store === 'indexeddb')
    await page.evaluate(() =>
      window.inZone(() => {
        window.tracker.signIn('ada')
        window.tracker.track('Search', { q: 'tea' })
        window.tracker.page({ title: 'Tea' })
        history.pushState({}, '', '/next')
        void window.tracker.flush()
        void window.tracker.session()
        void window.tracker.visits('ada')
      }),
    )
    await page.locator('input').fill('tea')
    await page.keyboard.press('a')
    await page.mouse.wheel(0, 100)
    await expect
      .poll(async () => {
        const found = await collector.get<{ items: Session[] }>('/v1/identities/ada/sessions')
        const [session] = found?.items ?? []
        return session ? (await collector.events(session.sessionID)).map(({ eventName }) => eventName) : []
      })
      .toContain('Search')
    // The next timer of the tracker, and the answer to its request, have come by then.
    await page.evaluate(() => window.inZone(() => window.tracker.track('Later')))
    await expect.poll(() => page.evaluate(() => window.tracker.status().owed)).toBe(0)
    expect(await page.evaluate(() => [window.begun, window.ran, window.errors])).toEqual([[], [], []])
  })

test('what the application waits for is in its zone as before', { tag: '@long' }, async ({ page }) => {
  await page.goto(site.url)
  await page.waitForFunction(() => !!window.tracker)
  const isInZone = await page.evaluate(() =>
    window.inZone(async () => {
      const { Zone } = window as unknown as { Zone: { current: { name: string } } }
      const names = [Zone.current.name]
      window.tracker.track('Search')
      names.push(Zone.current.name)
      await new Promise<void>(
        resolve => void window.tracker.flush().then(() => resolve(void names.push(Zone.current.name))),
      )
      return names
    }),
  )
  expect(isInZone).toEqual(['angular', 'angular', 'angular'])
})
