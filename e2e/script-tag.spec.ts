import { expect, type Page } from '@playwright/test'
import type { Event, Session, Tracker } from '../src/index.js'
import type { RunningCollector } from './helpers/collector.js'
import { type Site, startSite } from './helpers/site.js'
import { test } from './helpers/test.js'
import { makeIdentity } from './helpers/tracker.js'

type Sojourn = Tracker & ((verb: keyof Tracker, ...args: unknown[]) => unknown)

declare global {
  interface Window {
    sojourn: Sojourn
  }
}

let collector: RunningCollector
let site: Site

const stub = `if (typeof sojourn != 'function') window.sojourn = function () { (sojourn.q = sojourn.q || []).push(arguments) }`
let identityId: string
const calls = (): string => `sojourn('signIn', '${identityId}', { name: 'Ada' })
sojourn('track', 'Search', { words: 'lamp' })`

/** The pages of the site, by path. `%` is the address of the script at the collector. */
const pages: Record<string, string> = {
  '/bad': '<script src="%" data-key="not a key"></script><h1>Bad</h1>',
  '/twice': '<script src="%" data-key="shop"></script><script src="%" data-key="shop"></script>',
  '/two-keys': `<script src="/calls.js"></script><script src="%" data-key="shop"></script><script src="%" data-key="second"></script>`,
  '/div': `<div id="sojourn"></div><script src="/calls.js"></script><script async src="%" data-key="shop"></script>`,
  '/form': `<form id="sojourn"><input name="q"></form><script src="/calls.js"></script><script async src="%" data-key="shop"></script>`,
  '/form-late': `<script src="/calls.js"></script><script async src="%" data-key="shop"></script><form id="sojourn"><input name="q"></form>`,
  '/two-forms': `<form id="sojourn"></form><a id="sojourn"></a><script src="%" data-key="shop"></script><script src="/calls.js"></script>`,
  '/no-stub': `<div id="sojourn"></div><script src="%" data-key="shop"></script><script src="/calls.js"></script>`,
  '/value': `<script src="/value.js"></script><script src="%" data-key="shop"></script><script src="/calls.js"></script>`,
  '/module': `<script src="/calls.js"></script><script type="module" src="%" data-key="shop"></script><script type="module" src="%" data-key="second"></script>`,
  '/added': `<script src="/calls.js"></script><script src="/add.js" data-tag="%"></script>`,
  '/evaluated': `<script src="/calls.js"></script><script src="/evaluate.js" data-tag="%"></script><script src="%" type="text/plain" data-key="shop"></script>`,
  '/stats-page/deep/': `<script src="/calls.js"></script><script async src="/stats/sojourn.js" data-key="shop"></script>`,
  '/root-relative/deep/': `<script src="/calls.js"></script><script async src="%" data-key="shop" data-collector="/stats"></script>`,
  '/relative/deep/': `<script src="/calls.js"></script><script async src="%" data-key="shop" data-collector="../../stats/"></script>`,
  '/slash': `<script src="/calls.js"></script><script async src="%" data-key="shop" data-collector="@//"></script>`,
  '/odd-calls': `<script src="/odd-calls.js"></script><script async src="%" data-key="shop" data-visitor-domain=""></script>`,
  '/framework': `<script src="%" data-key="shop" data-nscript="afterInteractive" data-cfasync="false" data-turbo-track="reload" data-url="/lazy.js" data-idle-limit="60000"></script>`,
}

test.beforeEach(async ({ shared }) => {
  collector = shared
  identityId = makeIdentity()
  const tag = `${collector.url}/sojourn.js`
  const scripts: Record<string, string> = {
    '/stub.js': `${stub}\n${calls()}`,
    '/calls.js': `${stub}\n${calls()}`,
    '/odd-calls.js': `${stub}
sojourn('__proto__')
sojourn()
sojourn.q.push(null, 5, { length: 2 })
${calls()}`,
    '/value.js': `window.sojourn = { q: 'a value of the page' }`,
    '/add.js': `const script = document.createElement('script')
script.src = document.currentScript.dataset.tag
script.dataset.key = 'shop'
document.head.append(script)`,
    '/evaluate.js': `const { tag } = document.currentScript.dataset
fetch(tag).then(answer => answer.text()).then(text => setTimeout(() => (0, eval)(text)))`,
  }
  const html = (path: string): string =>
    scripts[path] ??
    pages[path]?.replaceAll('%', tag).replaceAll('@', collector.url) ??
    `<!doctype html><title>Strict</title><script src="/stub.js"></script>
         <script async src="${tag}" data-key="shop" data-flush-every-ms="300"></script><h1>Strict</h1>`
  // The collector is also below a path of the site.
  site = await startSite(
    html,
    {
      'Content-Security-Policy': `default-src 'none'; script-src 'self' ${collector.url} 'unsafe-eval'; connect-src 'self' ${collector.url}; base-uri 'none'; form-action 'self'; frame-ancestors 'none'`,
    },
    collector.url,
  )
})

test.afterEach(async () => {
  await site.stop()
})

/** The console lines and uncaught errors of a page. */
function noiseOf(page: Page): string[] {
  const noise: string[] = []
  page.on('console', message => noise.push(message.text()))
  page.on('pageerror', error => noise.push(String(error)))
  return noise
}

/** The searches of the identity, at the collector. */
async function searches(): Promise<string[]> {
  const visits = await collector.get<{ items: { visitID: string }[] }>(`/v1/identities/${identityId}/visits`)
  const found: string[] = []
  for (const { visitID } of visits?.items ?? []) {
    const sessions = await collector.get<{ items: Session[] }>(`/v1/visits/${visitID}/sessions`)
    for (const { sessionID } of sessions?.items ?? [])
      found.push(...(await collector.events(sessionID)).map(({ eventName }: Event) => eventName))
  }
  return found.filter(name => name === 'Search')
}

async function openTag(page: Page, path: string): Promise<void> {
  await page.goto(`${site.url}${path}`)
  await page.waitForFunction(() => typeof window.sojourn === 'function' && !!window.sojourn.status)
}

test('one tag under a strict Content-Security-Policy records a session, with the calls made before it was loaded', async ({
  page,
}) => {
  const strict = await startSite(
    path =>
      path === '/stub.js'
        ? `${stub}\n${calls()}`
        : `<!doctype html><title>Strict</title><script src="/stub.js"></script>
         <script async src="${collector.url}/sojourn.js" data-key="shop" data-flush-every-ms="300"></script><h1>Strict</h1>`,
    {
      'Content-Security-Policy': `default-src 'none'; script-src 'self' ${collector.url}; connect-src ${collector.url}; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'`,
    },
  )
  const noise = noiseOf(page)
  await page.goto(strict.url)
  await page.waitForFunction(() => !!window.sojourn.status)
  expect(await page.evaluate(() => typeof window.sojourn)).toBe('function')
  await page.evaluate(() => {
    window.sojourn('track', 'AddToCart', { sku: 'lamp-7' })
    window.sojourn.track('Checkout')
  })
  const { sessionID } = (await page.evaluate(async () => {
    await window.sojourn.flush()
    return window.sojourn.session()
  })) as { sessionID: string }
  const events = await collector.events(sessionID)
  expect(events.map(event => event.eventName)).toEqual(['SignIn', 'Search', 'AddToCart', 'Checkout'])
  expect(events[0]?.data).toEqual({ name: 'Ada' })
  await page.evaluate(() => window.sojourn('signOut'))
  await expect.poll(async () => (await collector.session(sessionID))?.endDate).toBeGreaterThan(0)
  expect(noise).toEqual([])
  await strict.stop()
})

test('adds one global, no cookie, and nothing to localStorage or sessionStorage', async ({ page, context }) => {
  await page.addInitScript(() => {
    const before = new Set(Object.getOwnPropertyNames(window))
    Object.assign(window, { added: () => Object.getOwnPropertyNames(window).filter(name => !before.has(name)) })
  })
  await openTag(page, '/')
  await page.evaluate(() => window.sojourn.flush())
  const added = await page.evaluate(() => (window as unknown as { added: () => string[] }).added())
  expect(added.filter(name => name !== 'added')).toEqual(['sojourn'])
  expect(await context.cookies()).toEqual([])
  expect(await page.evaluate(() => [localStorage.length, sessionStorage.length])).toEqual([0, 0])
})

test('a wrong attribute writes one console line, and the page still loads', async ({ page }) => {
  const noise = noiseOf(page)
  await page.goto(`${site.url}/bad`)
  await expect(page.locator('h1')).toHaveText('Bad')
  expect(noise).toEqual([expect.stringMatching(/^sojourn: option-key: not a key is wrong\. See https:.+#option$/)])
})

test('two tags with one key on one page record every event once', { tag: '@long' }, async ({ page }) => {
  await openTag(page, '/twice')
  await page.evaluate(() => window.sojourn.flush())
  expect(await page.evaluate(() => window.sojourn.status().made)).toBe(2)
})

for (const [path, tag] of [
  ['/two-keys', '@short'],
  ['/module', '@long'],
] as const)
  test(`two tags with two keys both record: verbs go to both, questions to the first (${path})`, { tag }, async ({
    page,
  }) => {
    await openTag(page, path)
    await page.waitForFunction(() => (window.sojourn as unknown as { all: unknown[] }).all.length === 2)
    const made = await page.evaluate(async () => {
      const { all } = window.sojourn as unknown as { all: [string, Tracker][] }
      window.sojourn('track', 'Search', {})
      window.sojourn.track('Search')
      const heard: string[] = []
      const undo = window.sojourn('onError', ({ code }: { code: string }) => heard.push(code)) as () => void
      window.sojourn.track('')
      undo()
      window.sojourn.track('')
      await Promise.all(all.map(([, tracker]) => tracker.flush()))
      const sessions = await Promise.all(all.map(([, tracker]) => tracker.session()))
      return {
        keys: all.map(([key]) => key),
        made: all.map(([, tracker]) => tracker.status().made),
        owed: all.map(([, tracker]) => tracker.status().owed),
        sessions: sessions.map(one => one?.sessionID as string),
        first: (await window.sojourn.session())?.sessionID,
        status: window.sojourn.status().made,
        heard,
      }
    })
    expect(made.keys).toEqual(['shop', 'second'])
    expect(made.owed).toEqual([0, 0])
    expect(made.made[0]).toBe(made.made[1])
    expect([made.first, made.status]).toEqual([made.sessions[0], made.made[0]])
    expect(made.heard).toEqual(['event-unnamed', 'event-unnamed'])
    for (const id of made.sessions)
      expect((await collector.events(id)).map(({ eventName }) => eventName)).toEqual([
        'SignIn',
        'Search',
        'Search',
        'Search',
      ])
  })

/** Opens these pages one after another. Each must add one search. */
async function expectSearches(page: Page, paths: readonly string[]): Promise<void> {
  for (const [place, path] of paths.entries()) {
    await openTag(page, path)
    await page.evaluate(() => window.sojourn.flush())
    await expect.poll(async () => (await searches()).length, path).toBe(place + 1)
  }
}

test('the stub and the tag work beside what else has their name, and however the tag came', { tag: '@long' }, async ({
  page,
}) => {
  const noise = noiseOf(page)
  const paths = ['/div', '/form', '/form-late', '/two-forms', '/no-stub', '/value', '/added', '/evaluated']
  await expectSearches(page, paths)
  expect(noise).toEqual([])
})

test('the tag sends below the path of its script, or to a collector relative to the page', { tag: '@long' }, async ({
  page,
}) => {
  const sent: string[] = []
  page.on('request', request => request.method() === 'POST' && sent.push(new URL(request.url()).pathname))
  await expectSearches(page, ['/stats-page/deep/', '/root-relative/deep/', '/relative/deep/'])
  expect(new Set(sent)).toEqual(new Set(['/stats/v1/sessions']))
})

test('slashes at the end of data-collector are no error', async ({ page }) => {
  await openTag(page, '/slash')
  await page.evaluate(() => window.sojourn.flush())
  await expect.poll(() => searches()).toEqual(['Search'])
})

test('a call of the stub that is none, and a domain that a template has left empty, stop nothing', async ({ page }) => {
  await openTag(page, '/odd-calls')
  await page.evaluate(() => window.sojourn.flush())
  await expect.poll(() => searches()).toEqual(['Search'])
})

test('an unknown attribute is reported with the nearest, and not what frameworks add to any script', async ({
  page,
}) => {
  const noise = noiseOf(page)
  await openTag(page, '/framework')
  await expect.poll(() => noise).toHaveLength(1)
  expect(noise[0]).toContain('option-unknown: idleLimit (idleLimitMs?)')
})
