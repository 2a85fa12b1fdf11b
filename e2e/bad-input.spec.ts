import { expect } from '@playwright/test'
import type { RunningCollector } from './helpers/collector.js'
import { isLong } from './helpers/long.js'
import { modulePage, type Site, startSite } from './helpers/site.js'
import { test } from './helpers/test.js'
import { numbers, openTracker, upTo } from './helpers/tracker.js'

let collector: RunningCollector
let site: Site

test.beforeEach(async ({ page, shared }) => {
  collector = shared
  site = await startSite(() => modulePage({ collector: collector.url, key: 'bad', flushEveryMs: 60_000, debug: false }))
  await openTracker(page, site.url)
})

test.afterEach(async () => {
  await site.stop()
})

test('a bad call is reported with a code and counted, and costs only what is bad of it', async ({ page }) => {
  const errors = await page.evaluate(() => {
    const { tracker } = window
    const loose = tracker as unknown as Record<string, (...args: unknown[]) => void>
    const cycle: Record<string, unknown> = {}
    cycle.self = cycle
    tracker.signIn('user-42')
    tracker.signIn('')
    loose.signIn?.(Number.NaN)
    tracker.track('')
    loose.track?.(undefined)
    tracker.track('Function', { n: 1, run: () => {} })
    tracker.track('Cycle', cycle)
    loose.track?.('Text', 'text')
    loose.track?.('List', [1])
    tracker.signIn('an\ud800na')
    tracker.track('N\0l')
    tracker.track('Deep', JSON.parse('{"a":'.repeat(300) + '1' + '}'.repeat(300)))
    tracker.track('Mega', { text: 'x'.repeat(1024 * 1024) })
    loose.consent?.('maybe')
    tracker.track('Good', { n: 0 })
    return window.errors
  })
  expect(errors).toEqual([
    'identity-invalid',
    'identity-invalid',
    'event-unnamed',
    'event-unnamed',
    'data-invalid',
    'data-invalid',
    'data-invalid',
    'data-invalid',
    'identity-invalid',
    'event-unnamed',
    'data-invalid',
    'record-too-large',
    'consent-invalid',
  ])
  const { sessionID } = (await page.evaluate(() => window.tracker.session())) as { sessionID: string }
  await page.evaluate(() => window.tracker.flush())
  // The look at what earlier pages have left may have sent them already.
  expect(await page.evaluate(() => window.tracker.status())).toMatchObject({ made: 10, stored: 10, owed: 0 })
  const events = await collector.events(sessionID)
  expect(events.map(({ eventName, data }) => [eventName, eventName === 'Deep' ? 200 : data])).toEqual([
    ['SignIn', null],
    ['Function', { n: 1 }],
    ['Cycle', {}],
    ['Text', null],
    ['List', null],
    ['Deep', 200],
    ['Mega', null],
    ['Good', { n: 0 }],
  ])
  expect(JSON.stringify(events.find(({ eventName }) => eventName === 'Deep')?.data).split('{')).toHaveLength(201)
  expect((await page.evaluate(() => window.tracker.status())).errors).toEqual({
    'identity-invalid': 3,
    'event-unnamed': 3,
    'data-invalid': 5,
    'record-too-large': 1,
    'consent-invalid': 1,
  })
})

const loop = isLong ? 10_000 : 2_000

test(`stores an event of 100 KB and ${loop} events that are made in one loop`, async ({ page }) => {
  const { sessionID } = (await page.evaluate(async loop => {
    window.tracker.signIn('user-42')
    window.tracker.track('Large', { n: 0, text: 'x'.repeat(100 * 1024) })
    for (let n = 0; n < loop; n++) window.tracker.track('Loop', { n })
    return window.tracker.session()
  }, loop)) as { sessionID: string }
  await expect.poll(async () => (await page.evaluate(() => window.tracker.flush())).owed, { timeout: 60_000 }).toBe(0)
  const events = await collector.events(sessionID)
  expect(numbers(events, 'Loop')).toEqual(upTo(loop))
  expect(numbers(events, 'Large')).toEqual([0])
})

test('records data as it is at the time of the call', async ({ page }) => {
  const events = await page.evaluate(async () => {
    window.tracker.signIn('user-42')
    const data = { n: 1, nested: { list: [1] } }
    window.tracker.track('Taken', data)
    data.n = 2
    data.nested.list.push(2)
    const { sessionID } = (await window.tracker.session()) as { sessionID: string }
    return window.tracker.events(sessionID)
  })
  expect(events[1]?.data).toEqual({ n: 1, nested: { list: [1] } })
})

test('an error listener that throws stops neither the verb nor the next listener', { tag: '@long' }, async ({
  page,
}) => {
  const heard = await page.evaluate(() => {
    const codes: string[] = []
    addEventListener('error', event => event.preventDefault())
    window.tracker.onError(() => {
      throw new Error('an error in the listener of the page')
    })
    const undo = window.tracker.onError(error => codes.push(error.code))
    window.tracker.track('')
    undo()
    window.tracker.track('')
    return codes
  })
  expect(heard).toEqual(['event-unnamed'])
})
