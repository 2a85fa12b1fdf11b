import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { expect, type Page } from '@playwright/test'
import { rolldown } from 'rolldown'
import type { Event, Session } from '../src/index.js'
import type { RunningCollector } from './helpers/collector.js'
import { forward } from './helpers/site.js'
import { test } from './helpers/test.js'
import { makeIdentity } from './helpers/tracker.js'

/** The pages of the guide whose samples are run here. Those of the others have a test of their own. */
const guide = readdirSync('docs/guide').filter(name => /^(?!consent-and-privacy|testing|own-parts).*\.md$/.test(name))
const folder = 'build/guide'

interface Sample {
  readonly language: string
  readonly code: string
}

/** The samples of the guide by name. A sample has its name in a comment before it. */
function readSamples(): Map<string, Sample> {
  const samples = new Map<string, Sample>()
  for (const file of guide) {
    const text = readFileSync(join('docs/guide', file), 'utf8')
    for (const [, name = '', language = '', code = ''] of text.matchAll(
      /<!-- sample: ([\w-]+) -->\n```(\w+)\n([\s\S]*?)\n```/g,
    ))
      samples.set(name, { language, code })
  }
  return samples
}

const samples = readSamples()

let collector: RunningCollector
/** Whom the test signs in, in place of the person of the sample. */
let identityId: string
let server: Server
let url = ''
let html = ''

test.beforeEach(async ({ shared }) => {
  collector = shared
  identityId = makeIdentity()
  server = createServer((request, response) => {
    if (forward(request, response, '/stats', collector.url)) return
    const { pathname } = new URL(request.url ?? '/', 'http://site')
    const isScript = pathname.endsWith('.js')
    response.setHeader('Content-Type', isScript ? 'text/javascript' : 'text/html; charset=utf-8')
    if (pathname === '/core.js') response.end(readFileSync('dist/esm/index.js'))
    else if (pathname === '/inspector.js') response.end(readFileSync('dist/esm/inspector.js'))
    else if (/^\/(plugins|adapters)\//.test(pathname)) response.end(readFileSync(join('dist/esm', pathname)))
    else if (isScript) response.end(readFileSync(join(folder, pathname)))
    else response.end(html)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})

test.afterEach(async () => {
  server.closeAllConnections()
  server.close()
})

/** A sample of the guide, with this collector and this identity for those of the guide. */
function sample(name: string): string {
  const { code } = samples.get(name) as Sample
  return code.replaceAll('https://collector.example', collector.url).replaceAll("'user-42'", `'${identityId}'`)
}

/** Opens a page in which a module runs. `import … from 'sojourn'` is the module build. */
async function openModule(page: Page, code: string, before = ''): Promise<void> {
  html = `<!doctype html><html><head><title>Guide</title>
<script type="importmap">{ "imports": { "sojourn": "/core.js", "sojourn/inspector": "/inspector.js",
  "sojourn/adapters/segment": "/adapters/segment.js", "sojourn/plugins/clicks": "/plugins/clicks.js", "sojourn/plugins/engagement": "/plugins/engagement.js" } }</script></head><body><h1>Guide</h1>
<script type="module">${before}\n${code}\nif (typeof tracker !== 'undefined') window.tracker = tracker</script></body></html>`
  await page.goto(url)
}

const withTracker = (): string => `import { createTracker } from 'sojourn'
const tracker = createTracker({ collector: '${collector.url}', key: 'your-site', flushEveryMs: 100 })`

/** The sessions of the identity, and the names of their events with the data, as soon as there are any. */
async function sessionsOf(): Promise<(Session & { names: string[]; all: Event[] })[]> {
  const found = await collector.get<{ items: Session[] }>(`/v1/identities/${identityId}/sessions`)
  const sessions = found?.items ?? []
  return Promise.all(
    sessions.map(async one => {
      const all = await collector.events(one.sessionID)
      return { ...one, all, names: all.map(({ eventName }) => eventName) }
    }),
  )
}

test('the tag alone records the page', async ({ page }) => {
  html = `<!doctype html><head>${sample('tag')}<title>A shop</title></head><h1>A shop</h1>`
  const sent = page.waitForResponse(response => response.request().method() === 'POST' && response.ok())
  await page.goto(url)
  const { stored } = (await (await sent).json()) as { stored: string[] }
  expect(stored.length).toBeGreaterThanOrEqual(2)
})

test('the stub keeps the calls before the script, also beside elements that have its name', { tag: '@long' }, async ({
  page,
}) => {
  html = `<!doctype html><head><title>A shop</title></head><div id="sojourn">A shop</div>${sample('stub')}`
  await page.goto(url)
  await expect.poll(async () => (await sessionsOf())[0]?.names, { timeout: 15_000 }).toContain('Search')
})

test('data-plugins picks what the tag records, and a page of a site with the collector below its own address has it too', async ({
  page,
}) => {
  for (const name of ['tag-plugins', 'first-party']) {
    html = `<!doctype html><head>${name === 'first-party' ? sample('first-party').replace('data-key', 'data-plugins="clicks" data-key') : sample('tag-plugins')}<title>A shop</title></head><button data-sojourn-event="Pressed">Press</button>`
    const loaded = page.waitForResponse(response => response.url().includes('sojourn-plugins'))
    await page.goto(url)
    await (await loaded).finished()
    const recorded = (): Promise<string[]> =>
      page.evaluate(async () => (await window.sojourn.records()).map(({ event }) => event.eventName))
    await expect
      .poll(async () => {
        await page.click('button')
        return recorded()
      })
      .toContain('Pressed')
  }
})

// A real nginx, Caddy and Worker run the recipes in collector/proof/first-party.proof.ts.
test('the Worker of the first-party recipe is JavaScript', async () => {
  const module = (await import(`data:text/javascript,${encodeURIComponent(sample('worker'))}`)) as object
  expect(Object.keys(module)).toEqual(['default'])
})

test('attributes are options', { tag: '@long' }, async ({ page }) => {
  const lines: string[] = []
  page.on('console', message => lines.push(message.text()))
  html = `<!doctype html><head>${sample('attributes')}<title>A shop</title></head><h1>A shop</h1>`
  await page.goto(url)
  await page.waitForFunction(() => 'sojourn' in window)
  expect(await page.evaluate(() => (window.sojourn as unknown as (verb: string) => unknown)('status'))).toMatchObject({
    consent: 'pending',
  })
  expect(lines).toEqual([])
})

test('the module signs in and tracks', async ({ page }) => {
  await openModule(page, sample('module'))
  await page.evaluate(() => window.tracker.flush())
  expect((await sessionsOf())[0]?.names).toEqual(['SignIn', 'AddToCart'])
})

test('an adapter takes what the page called before, and its page view is the only one', async ({ page }) => {
  await openModule(
    page,
    sample('adapter'),
    `window.analytics = [['page', 'Home'], ['identify', '${identityId}', { name: 'Ada' }], ['track', 'AddToCart', { sku: 'A1' }]]`,
  )
  await page.waitForFunction(() => 'tracker' in window)
  await page.evaluate(() => window.tracker.flush())
  const [session] = await sessionsOf()
  expect(session?.names).toEqual(['SignIn', 'AddToCart'])
  const pages = await collector.get<{ items: { title: string }[] }>(`/v1/visits/${session?.visitID}/pages`)
  expect(pages?.items.map(({ title }) => title)).toEqual(['Home'])
})

test('an adapter tracks a click on a link, and does not hold up the navigation', async ({ page }) => {
  await openModule(
    page,
    sample('adapter'),
    `document.body.innerHTML = '<a href="/next">Next</a>'
window.analytics = [['identify', '${identityId}'], ['trackLink', document.querySelector('a'), 'Left', { to: 'next' }]]`,
  )
  await page.waitForFunction(() => 'tracker' in window)
  html = '<title>Next</title>'
  await page.click('a')
  await page.waitForURL('**/next')
  await openModule(page, withTracker())
  await page.evaluate(() => window.tracker.flush())
  expect((await sessionsOf())[0]?.all.find(({ eventName }) => eventName === 'Left')?.data).toEqual({ to: 'next' })
})

test('plugins record what a person does, until they are undone', async ({ page }) => {
  await openModule(page, `${sample('plugins')}\ntracker.signIn('${identityId}')\nundo()`)
  await page.evaluate(() => {
    document.body.innerHTML = '<button data-sojourn-event="AddToCart" data-sojourn-sku="A1">Add</button>'
  })
  await page.click('button')
  await page.evaluate(() => window.tracker.flush())
  expect((await sessionsOf())[0]?.all.at(-1)).toMatchObject({ eventName: 'AddToCart', data: { sku: 'A1' } })
})

test('a plugin of ten lines is one like the others', async ({ page }) => {
  await openModule(
    page,
    `${withTracker()}\n${sample('own-plugin')}\ntracker.signIn('${identityId}')
window.undo = prints(tracker)`,
  )
  await page.evaluate(() => {
    window.dispatchEvent(new Event('beforeprint'))
    ;(window as unknown as { undo: () => void }).undo()
    window.dispatchEvent(new Event('beforeprint'))
    return window.tracker.flush()
  })
  expect((await sessionsOf())[0]?.names).toEqual(['SignIn', 'Printed'])
})

test('data is written in a form that JSON can hold, and the rest is left out', async ({ page }) => {
  await openModule(
    page,
    `${withTracker().replace('key:', 'debug: false, key:')}\ntracker.signIn('${identityId}')\n${sample('data')}`,
  )
  await page.evaluate(() => window.tracker.flush())
  const [session] = await sessionsOf()
  const written = (samples.get('data') as Sample).code.split('// recorded: ')[1] as string
  expect(session?.all.find(({ eventName }) => eventName === 'Order')?.data).toEqual(await page.evaluate(`(${written})`))
})

test('an own transport brings every batch to the collector, and the page sends none', async ({ page }) => {
  const posts: string[] = []
  page.on('request', request => request.method() === 'POST' && posts.push(request.url()))
  // The app of the web view is this test.
  await page.exposeFunction('post', async (address: string, body: string) => {
    const response = await fetch(address, { method: 'POST', body })
    return { status: response.status, text: await response.text() }
  })
  await openModule(page, `${sample('transport')}\ntracker.signIn('${identityId}')`, 'window.app = { post }')
  expect(await page.evaluate(() => window.tracker.flush())).toMatchObject({ owed: 0 })
  expect((await sessionsOf())[0]?.names).toEqual(['SignIn'])
  expect(posts).toEqual([])
})

test('properties are part of every event until they are undone', async ({ page }) => {
  await openModule(
    page,
    `${withTracker()}\ntracker.signIn('${identityId}')\n${sample('properties')}\ntracker.track('Closed')`,
  )
  await page.evaluate(() => window.tracker.flush())
  const [session] = await sessionsOf()
  const data = (name: string): unknown => session?.all.find(({ eventName }) => eventName === name)?.data
  expect([data('Opened'), data('Closed')]).toEqual([{ plan: 'pro', theme: 'light' }, null])
})

test('beforeRecord sees each event before it is kept', async ({ page }) => {
  await openModule(
    page,
    `${sample('before-record')}\ntracker.signIn('${identityId}')\ntracker.track('Search', { words: 'x' })`,
    "import { createTracker } from 'sojourn'",
  )
  await page.evaluate(() => window.tracker.flush())
  const [session] = await sessionsOf()
  expect(session?.all.at(-1)?.data).toEqual({ words: '…' })
})

test('pageKey says which addresses are the same page', async ({ page }) => {
  await openModule(page, sample('page-key'), "import { createTracker } from 'sojourn'")
  await page.evaluate(async id => {
    window.tracker.signIn(id)
    for (const address of ['?a=1', '?a=2', '/other']) {
      history.pushState(null, '', address)
      await new Promise(resolve => setTimeout(resolve, 150))
    }
    await window.tracker.flush()
  }, identityId)
  const [session] = await sessionsOf()
  expect((await collector.pages(session?.sessionID as string)).map(one => new URL(one.url).pathname)).toEqual([
    '/',
    '/other',
  ])
})

test('a heartbeat is recorded, and says that it is no activity', { tag: '@long' }, async ({ page }) => {
  await openModule(page, `${withTracker()}\ntracker.signIn('${identityId}')\n${sample('heartbeat')}`)
  await expect.poll(async () => (await sessionsOf())[0]?.names, { timeout: 10_000 }).toContain('Heartbeat')
  const beat = (await sessionsOf())[0]?.all.find(({ eventName }) => eventName === 'Heartbeat')
  expect(beat).toMatchObject({ activity: false })
})

test('status tells what has become of each record', async ({ page }) => {
  const lines: string[] = []
  page.on('console', message => lines.push(message.text()))
  await openModule(
    page,
    `${withTracker()}\ntracker.signIn('${identityId}')\nawait tracker.flush()\n${sample('status')}`,
  )
  await expect.poll(() => lines.length).toBe(1)
  expect(lines[0]).toMatch(/made: \d, stored: \d, owed: 0.*identityId: ada/)
})

test('onError hears of every error', async ({ page }) => {
  await openModule(
    page,
    `const report = (code, cause) => (window.heard = [code, cause])\n${withTracker().replace('key:', 'debug: false, key:')}\n${sample('on-error')}\ntracker.track('')`,
  )
  expect(await page.evaluate(() => (window as unknown as { heard: unknown[] }).heard)).toEqual(['event-unnamed', ''])
})

test('observe tells who is signed in, and who is not', async ({ page }) => {
  await openModule(page, `${withTracker()}\n${sample('observe')}`)
  const greeting = page.getByRole('heading')
  await expect(greeting).toHaveText('Who are you?')
  await page.evaluate(id => window.tracker.signIn(id), identityId)
  await expect(greeting).toHaveText(`Hello ${identityId}`)
  await page.evaluate(() => window.tracker.signOut())
  await expect(greeting).toHaveText('Who are you?')
})

test('the inspector opens from the tag and from the module', async ({ page }) => {
  html = `<!doctype html><head>${sample('inspector-tag')}<title>A shop</title></head><h1>A shop</h1>`
  await page.goto(`${url}/?sojourn-inspect`)
  await expect(page.getByRole('region', { name: 'Sojourn inspector' })).toBeVisible()
  await openModule(page, `${withTracker()}\n${sample('inspector')}\nwindow.shut = close`)
  await expect(page.getByRole('region', { name: 'Sojourn inspector' })).toBeVisible()
  await page.evaluate(() => (window as unknown as { shut: () => void }).shut())
  await expect(page.locator('sojourn-inspector')).toHaveCount(0)
})

/** Bundles an application, and opens it in a page with an element `#app`. */
async function openApp(page: Page, name: string, code: string): Promise<void> {
  const dist = (path: string): string => join(process.cwd(), path)
  writeFileSync(join(folder, name), code)
  const bundle = await rolldown({
    input: join(folder, name),
    resolve: {
      alias: {
        ...Object.fromEntries(['react', 'vue', 'svelte'].map(one => [`sojourn/${one}`, dist(`dist/esm/${one}.js`)])),
        sojourn: dist('dist/esm/index.js'),
        vue: dist('node_modules/vue/dist/vue.esm-browser.prod.js'),
      },
    },
    transform: { define: { 'process.env.NODE_ENV': '"development"' } },
  })
  await bundle.write({ file: join(folder, 'app.js') })
  html = `<!doctype html><title>App</title><div id="app"></div><script type="module" src="/app.js"></script>`
  await page.goto(url)
}

test('the samples for React, Vue and Svelte sign in, record, and show who is signed in', { tag: '@long' }, async ({
  page,
}) => {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const code = {
    react: `${sample('react')}\nimport { createRoot } from 'react-dom/client'
createRoot(document.getElementById('app')).render(<App user={{ id: '${identityId}' }} />)`,
    vue: `const auth = { user: { id: '${identityId}' } }\n${sample('vue')}`,
    svelte: `import { writable } from 'svelte/store'\nconst userId = writable('${identityId}')\n${sample('svelte')}
const button = document.body.appendChild(document.createElement('button'))
button.onclick = () => tracker.track('AddToCart')
open.subscribe($open => { button.textContent = 'Add for ' + ($open ? $open.identityId : 'nobody') })`,
  }
  for (const [name, text] of Object.entries(code)) {
    await openApp(page, `${name}.jsx`, text)
    await expect(page.getByRole('button')).toHaveText(`Add for ${identityId}`)
    await page.getByRole('button').click()
  }
  // Three page loads, and one session.
  const added = async (): Promise<number[]> =>
    (await sessionsOf()).map(({ names }) => names.filter(name => name === 'AddToCart').length)
  await expect.poll(added).toEqual([3])
})

test('on a server the tracker answers everything and does nothing', () => {
  const code = `import { createTracker } from '${join(process.cwd(), 'dist/esm/index.js')}'\n${sample('server')}`
  const { stdout, stderr, status } = spawnSync(process.execPath, ['--input-type=module', '-e', code], {
    encoding: 'utf8',
    env: { ...process.env, FORCE_COLOR: '0' },
  })
  expect([status, stderr]).toEqual([0, ''])
  expect(stdout.trim()).toBe('{ stored: 0, owed: 0 }')
})

test('the samples of the README record a session, as a tag and as a module', { tag: '@long' }, async ({ page }) => {
  const blocks = [...readFileSync('README.md', 'utf8').matchAll(/```(html|js)\n([\s\S]*?)\n```/g)]
  const [tag, module, stub] = blocks.map(([, , code = '']) =>
    code.replaceAll('https://collector.example', collector.url).replaceAll("'user-42'", `'${identityId}'`),
  )
  expect(blocks.map(([, language]) => language)).toEqual(['html', 'js', 'html'])
  await openModule(page, module as string)
  await page.evaluate(() => window.tracker.flush())
  const namesOf = async (at: number): Promise<string[] | undefined> => (await sessionsOf())[at]?.names
  await expect.poll(() => namesOf(0)).toEqual(['SignIn', 'AddToCart', 'SignOut'])
  html = `<!doctype html><head><title>A shop</title></head><h1>A shop</h1>${stub}`
  await page.goto(url)
  await expect.poll(async () => (await sessionsOf()).flatMap(({ names }) => names)).toContain('Search')
  // The tag alone is a part of the other sample.
  expect(stub).toContain(tag)
})

test('every sample of the guide is run', () => {
  const blocks = guide.flatMap(file =>
    [
      ...readFileSync(join('docs/guide', file), 'utf8').matchAll(/(<!-- sample: [\w-]+ -->\n)?```(html|js|jsx|ts)\n/g),
    ].map(([, name]) => [file, name] as const),
  )
  expect(blocks.filter(([, name]) => !name)).toEqual([])
  const own = readFileSync('e2e/guide.spec.ts', 'utf8')
  expect([...samples.keys()].filter(name => !own.includes(`sample('${name}')`))).toEqual([])
})
