import { expect, type Page } from '@playwright/test'
import { isNetworkLine } from './faults/house.js'
import type { RunningCollector } from './helpers/collector.js'
import { type Site, startSite } from './helpers/site.js'
import { test } from './helpers/test.js'
import { makeIdentity, openTracker } from './helpers/tracker.js'

// What a page may do to what every script of it uses, before our script or after it.

let collector: RunningCollector
let site: Site

/** What a page changes, by the name of the case. */
const changes: Record<string, string> = {
  'toJSON of lists, texts, numbers and dates, as an old library': `
    Array.prototype.toJSON = function () { return '[' + this.join(', ') + ']' }
    String.prototype.toJSON = function () { return '"' + this + '"' }
    Number.prototype.toJSON = function () { return '#' + this }
    Date.prototype.toJSON = function () { return 'a date' }`,
  'Object.prototype.toJSON': `Object.prototype.toJSON = function () { return 'mine' }`,
  'Object.prototype and Array.prototype, with what loops find': `
    Object.prototype.each = function () {}
    Object.prototype.clone = { a: 1 }
    Array.prototype.remove = function () {}
    Array.prototype.last = 5`,
  'Object.prototype, with fields that calls have': `
    Object.assign(Object.prototype, { id: 'junk', passive: true, goesOn: true, reason: 'junk', text: 'junk', key: 'junk' })`,
  'Web Locks, by ones that are given and never used': `
    Object.defineProperty(Navigator.prototype, 'locks', { get: () => ({ request: async () => {} }) })`,
  'Web Locks, by a getter that throws': `
    Object.defineProperty(Navigator.prototype, 'locks', { get() { throw new Error('no locks') } })`,
  'properties of the document, by elements with their names': `
    for (const name of ['prerendering', 'URL']) document.head.append(Object.assign(new Image(), { name }))`,
  'Promise, by one that is none': `
    window.Promise = function () { throw new Error('no promise') }`,
  'Promise, by one that never calls back': `
    window.Promise = class { constructor() {} then() { return this } catch() { return this } static resolve() { return new this() } static all() { return new this() } static race() { return new this() } }`,
}

/** What a page changes that only a script that was there before can bear. */
const lateChanges: Record<string, string> = {
  ...changes,
  'Date, by one that stands': `
    window.Date = class extends Date { constructor() { super(0) } static now() { return 0 } }`,
  'Date.now': `Date.now = () => 5`,
  'performance and all timers, as a test with false ones': `
    window.setTimeout = window.setInterval = () => 1
    window.clearTimeout = window.clearInterval = () => {}
    window.queueMicrotask = () => {}
    Object.defineProperty(window, 'performance', { value: { now: () => 0, timeOrigin: 0 }, configurable: true })`,
  JSON: `JSON.stringify = () => '"mine"'; JSON.parse = () => ({})`,
  'JSON as a whole': `window.JSON = { stringify: () => 'mine', parse: () => 5 }`,
  'Map, Set and WeakMap': `window.Map = window.Set = window.WeakMap = function () { return {} }`,
  'functions of Object, Array and Math': `
    Object.keys = () => []
    Object.assign = () => 5
    Object.getPrototypeOf = () => null
    Array.isArray = () => false
    Array.from = () => []
    Math.max = Math.min = Math.floor = Math.round = () => 0`,
  'fetch, by one that throws': `window.fetch = () => { throw new Error('no') }`,
}

/** What a page makes of fetch before our script. The next attempt has to find another way. */
const fetches: Record<string, string> = {
  throws: `window.fetch = () => { throw new Error('no') }`,
  'answers nothing': `window.fetch = async () => undefined`,
  'answers what was parsed': `const before = fetch; window.fetch = async (...all) => (await before(...all)).json()`,
  'has read the body': `const before = fetch; window.fetch = async (...all) => { const answer = await before(...all); await answer.text(); return answer }`,
  'answers a page of its own': `window.fetch = async () => new Response('<h1>offline</h1>')`,
  'adds a header': `const before = fetch; window.fetch = (url, options) => before(url, { ...options, headers: { ...options.headers, 'X-Trace': '1' } })`,
  'goes elsewhere': `const before = fetch; window.fetch = (url, options) => before('http://127.0.0.1:1/', options)`,
  'is a proxy that throws': `window.fetch = new Proxy(fetch, { apply() { throw new Error('no') } })`,
}

test.beforeEach(async ({ shared }) => {
  collector = shared
  // Each page has a key of its own, so that it finds nothing of the page before it.
  const module = (key: string): string => `<script type="module">
  import { createTracker } from '/core.js'
  window.errors = []
  window.tracker = createTracker({ collector: '${collector.url}', key: '${key}', flushEveryMs: 200, onError: error => window.errors.push(error.message) })
</script>`
  site = await startSite(path => {
    const [, when = '', name = '', identityId = 'ada'] = decodeURIComponent(path).split('/')
    const change = { before: changes, after: lateChanges, fetch: fetches }[when]?.[name]
    if (when === 'calls')
      return `tracker.signIn('${name.slice(0, -3)}', { name: 'Ada' }); tracker.track('Search', ${JSON.stringify(data)})`
    const script = change ? `<script>{${change}}</script>` : ''
    return `<!doctype html><title>Hostile</title>${when === 'after' ? '' : script}${module(identityId)}${when === 'after' ? `<script type="module">${change}</script>` : ''}<script type="module" src="/calls/${identityId}.js"></script>`
  })
})

test.afterEach(async () => {
  await site.stop()
})

const data = { text: 'tea', list: ['a', 1, { b: [true, null] }], n: 5, deep: { note: 'ä"\n' } }

/**
 * Opens a page that records a session. Nothing is evaluated in it, because Playwright itself needs what the page changes.
 *
 * @returns what the collector has of it.
 */
async function record(page: Page, when: string, name: string) {
  const identityId = makeIdentity()
  const sessions = `/v1/identities/${identityId}/sessions`
  const problems: string[] = []
  page.on('pageerror', error => problems.push(error.message))
  page.on('console', message => {
    if (!isNetworkLine(message.text())) problems.push(message.text())
  })
  const startedAt = Date.now()
  await page.goto(`${site.url}/${when}/${encodeURIComponent(name)}/${identityId}`)
  const often = { timeout: 20_000, intervals: [100], message: name }
  await expect.poll(async () => (await collector.get<{ items: unknown[] }>(sessions))?.items.length, often).toBe(1)
  const found = await collector.get<{ items: { sessionID: string; startDate: number }[] }>(sessions)
  const session = found?.items[0] as { sessionID: string; startDate: number }
  await expect.poll(async () => (await collector.events(session.sessionID)).length, often).toBe(2)
  const events = await collector.events(session.sessionID)
  return { events, session, startedAt, problems }
}

/** Opens the page with this change. The collector must have its whole session. */
async function expectWhole(page: Page, when: string, name: string): Promise<void> {
  const { events, session, startedAt, problems } = await record(page, when, name)
  expect(
    events.map(event => [event.eventName, event.data]),
    name,
  ).toEqual([
    ['SignIn', { name: 'Ada' }],
    ['Search', data],
  ])
  expect(session.startDate, name).toBeGreaterThan(startedAt - 1000)
  expect(session.startDate, name).toBeLessThan(Date.now() + 1000)
  expect(problems, name).toEqual([])
}

test('records the same whatever the page has changed of the language before', { tag: '@long' }, async ({ page }) => {
  for (const name of Object.keys(changes)) await expectWhole(page, 'before', name)
})

test('records the same whatever the page changes of the language after', async ({ page }) => {
  for (const name of Object.keys(lateChanges)) await expectWhole(page, 'after', name)
})

test('delivers whatever function the page has put in place of fetch', async ({ context }) => {
  // At the same time, because most of them have to wait for the next attempt.
  await Promise.all(Object.keys(fetches).map(async name => expectWhole(await context.newPage(), 'fetch', name)))
})

test('makes one request for each attempt where the collector is down and the page wraps fetch', {
  tag: '@long',
}, async ({ page }) => {
  let requests = 0
  await page.route(`${collector.url}/v1/sessions*`, async route => {
    requests++
    await route.abort()
  })
  await page.addInitScript(() => {
    const before = window.fetch
    window.fetch = (...all) => before(...all)
  })
  await openTracker(page, site.url)
  await page.evaluate(async () => {
    window.tracker.track('Search')
    for (let n = 0; n < 4; n++) await window.tracker.flush()
  })
  const status = await page.evaluate(() => window.tracker.status())
  expect(requests).toBe(status.requests)
  expect(requests).toBeGreaterThanOrEqual(4)
})
