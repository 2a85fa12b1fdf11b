import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, type Page as Tab } from '@playwright/test'
import { createElement } from 'react'
import { renderToString } from 'react-dom/server'
import { rolldown } from 'rolldown'
import { createSSRApp, h } from 'vue'
import { renderToString as renderVue } from 'vue/server-renderer'
import { SojournProvider, useSession, useTracker } from '../dist/esm/react.js'
import * as vue from '../dist/esm/vue.js'
import type { Event, Page, Session, Tracker } from '../src/index.js'
import type { RunningCollector } from './helpers/collector.js'
import { type Site, startSite } from './helpers/site.js'
import { test } from './helpers/test.js'
import { makeIdentity } from './helpers/tracker.js'

type Island = 'React' | 'Vue'
type Start = 'createTracker' | 'tag'

declare global {
  interface Window {
    begin(part: Island | Start): unknown
    /** Ends the island of that kind that has begun last. */
    end(island: Island): void
  }
}

const folder = join('build', 'bindings')
let collector: RunningCollector
let site: Site
let identityId: string

test.beforeEach(({ shared }) => {
  collector = shared
  identityId = makeIdentity()
})

test.afterEach(async () => {
  await site?.stop()
})

/** Bundles an application, and opens it. */
async function open(page: Tab, name: string, code: string): Promise<string[]> {
  // Tests run beside each other, and each has the address of its own collector in its file.
  const own = join(folder, test.info().testId)
  mkdirSync(own, { recursive: true })
  const file = join(own, name)
  writeFileSync(file, code)
  const dist = (path: string): string => join(process.cwd(), 'dist/esm', path)
  const bundle = await rolldown({
    input: file,
    resolve: {
      alias: {
        'sojourn/react': dist('react.js'),
        'sojourn/vue': dist('vue.js'),
        sojourn: dist('index.js'),
        vue: join(process.cwd(), 'node_modules/vue/dist/vue.runtime.esm-bundler.js'),
      },
    },
    transform: {
      define: {
        'process.env.NODE_ENV': '"development"',
        __VUE_OPTIONS_API__: 'true',
        __VUE_PROD_DEVTOOLS__: 'false',
        __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: 'false',
      },
    },
  })
  await bundle.write({ file: `${file}.js` })
  site = await startSite(path =>
    path.endsWith('.js')
      ? readFileSync(path.endsWith('/sojourn.js') ? 'dist/sojourn.js' : `${file}.js`, 'utf8')
      : '<!doctype html><title>App</title><div id="root"></div><script type="module" src="/app.js"></script>',
  )
  const lines: string[] = []
  page.on('console', message => message.type() === 'error' && lines.push(message.text()))
  page.on('pageerror', error => lines.push(String(error)))
  await page.goto(site.url)
  return lines
}

/** The names of the business events of each session of the identity. */
async function sessionsOf(): Promise<string[][]> {
  const found = await collector.get<{ items: Session[] }>(`/v1/identities/${identityId}/sessions`)
  const sessions = found?.items ?? []
  const all = await Promise.all(sessions.map(({ sessionID }) => collector.events(sessionID)))
  return all.map((events: Event[]) => events.map(({ eventName }) => eventName))
}

const react = (): string => `
import { StrictMode, Suspense, useEffect, useState } from 'react'
import { createRoot } from 'react-dom/client'
import { SojournProvider, useObserved, useSession, useTrack } from 'sojourn/react'
const options = { collector: '${collector.url}', key: 'bindings', flushEveryMs: 100 }
const late = new Promise(resolve => setTimeout(() => resolve('late'), 100))
let seen
function Late() { if (!seen) throw late.then(text => { seen = text }); return <i>{seen}</i> }
function Shop() {
  const session = useSession()
  const status = useObserved('status')
  const track = useTrack()
  useEffect(() => { track('Mounted') }, [track])
  return <>
    <p id="who">{session ? session.identityId : 'nobody'}</p><p id="made">{status ? status.made : 'unknown'}</p>
    <button id="add" onClick={() => track('AddToCart', { sku: 'A1' })}>Add</button></>
}
function App() {
  const [user, setUser] = useState(undefined)
  const [isOpen, setOpen] = useState(true)
  return <>
    <button id="in" onClick={() => setUser({ id: '${identityId}' })}>in</button>
    <button id="out" onClick={() => setUser(null)}>out</button>
    <button id="away" onClick={() => setOpen(false)}>away</button>
    {isOpen && <SojournProvider options={options} identity={user === undefined ? undefined : user && user.id} info={{ name: 'Ada' }}>
      <Suspense fallback="…"><Late /><Shop /></Suspense></SojournProvider>}</>
}
createRoot(document.getElementById('root')).render(<StrictMode><App /></StrictMode>)
`

test('the React binding signs in and out with the application, and shows the session, under StrictMode and Suspense', async ({
  page,
}) => {
  const lines = await open(page, 'app.jsx', react())
  await expect(page.locator('#who')).toHaveText('nobody')
  await page.click('#in')
  await expect(page.locator('#who')).toHaveText(identityId)
  await page.click('#add')
  await page.click('#add')
  await page.click('#out')
  await expect(page.locator('#who')).toHaveText('nobody')
  await expect.poll(sessionsOf).toEqual([['SignIn', 'AddToCart', 'AddToCart', 'SignOut']])
  await expect(page.locator('#made')).toHaveText(/^\d+$/)
  await page.click('#away')
  expect(lines).toEqual([])
})

test('the React binding renders on a server, and says where a provider is missing', () => {
  const Who = (): string => (useSession() ? 'somebody' : 'nobody')
  const options = { collector: 'https://collector.example', key: 'bindings' }
  expect(renderToString(createElement(SojournProvider, { options, identity: 'ada' }, createElement(Who)))).toBe(
    'nobody',
  )
  expect(() =>
    renderToString(
      createElement(() => {
        useTracker()
        return null
      }),
    ),
  ).toThrow('SojournProvider')
})

test('the Vue binding signs in and out with the application, and shows the session', async ({ page }) => {
  const lines = await open(
    page,
    'app.js',
    `
import { createApp, h, ref } from 'vue'
import { createSojourn, useIdentity, useObserved, useSession, useTrack } from 'sojourn/vue'
const user = ref(undefined)
const Shop = { setup() {
  useIdentity(() => user.value === undefined ? undefined : user.value && user.value.id, () => ({ name: 'Ada' }))
  const session = useSession(), status = useObserved('status'), track = useTrack()
  track('Mounted')
  return () => [
    h('p', { id: 'who' }, session.value ? session.value.identityId : 'nobody'), h('p', { id: 'made' }, status.value?.made),
    h('button', { id: 'add', onClick: () => track('AddToCart', { sku: 'A1' }) }, 'Add'),
    h('button', { id: 'in', onClick: () => { user.value = { id: '${identityId}' } } }, 'in'),
    h('button', { id: 'out', onClick: () => { user.value = null } }, 'out')]
} }
const app = createApp(Shop).use(createSojourn({ collector: '${collector.url}', key: 'bindings', flushEveryMs: 100 }))
app.mount('#root')
`,
  )
  await expect(page.locator('#who')).toHaveText('nobody')
  await page.click('#in')
  await expect(page.locator('#who')).toHaveText(identityId)
  await page.click('#add')
  await page.click('#out')
  await expect(page.locator('#who')).toHaveText('nobody')
  await expect.poll(sessionsOf).toEqual([['SignIn', 'AddToCart', 'SignOut']])
  expect(lines).toEqual([])
})

/** A page with islands. Each binding is a file of its own, and so is the script tag. */
const islands = (): string => `
import { createElement } from 'react'
import { flushSync } from 'react-dom'
import { createRoot } from 'react-dom/client'
import { createTracker } from 'sojourn'
import { SojournProvider, useTrack } from 'sojourn/react'
import { createSojourn } from 'sojourn/vue'
import { createApp, h } from 'vue'
const options = { collector: '${collector.url}', key: 'bindings', flushEveryMs: 100 }
const Add = () => createElement('button', { onClick: useTrack() })
const begun = { React: [], Vue: [] }
const place = () => document.body.appendChild(document.createElement('div'))
const begin = {
  React() {
    const root = createRoot(place())
    flushSync(() => root.render(createElement(SojournProvider, { options }, createElement(Add))))
    begun.React.push(root)
  },
  Vue() {
    const app = createApp(() => h('button')).use(createSojourn(options))
    app.mount(place())
    begun.Vue.push(app)
  },
  createTracker() { createTracker(options) },
  tag() {
    const script = document.createElement('script')
    Object.assign(script.dataset, { ...options })
    script.src = '/sojourn.js'
    document.head.append(script)
    return new Promise(resolve => { script.onload = () => resolve() })
  },
}
window.begin = part => begin[part]()
window.end = island => begun[island].pop().unmount()
`

/** The tracker of a page, which all copies of the library share. */
async function tellTracker(page: Tab): Promise<void> {
  await page.evaluate(() => {
    const symbol = Symbol.for('sojourn') as unknown as 'sojourn'
    const all = window as unknown as Record<typeof symbol, Map<string, { tracker: Tracker }>>
    window.tracker = all[symbol].get('bindings')?.tracker as Tracker
  })
}

/** The paths of the pages of the visit that the collector has. */
async function viewed(page: Tab): Promise<string[]> {
  const { visitID } = await page.evaluate(() => window.tracker.status())
  const pages = await collector.get<{ items: Page[] }>(`/v1/visits/${visitID}/pages`)
  return (pages?.items ?? []).map(({ url }) => new URL(url).pathname)
}

/** How many records `track()` makes. */
function trackOnce(page: Tab): Promise<number> {
  return page.evaluate(async () => {
    const made = async (): Promise<number> => {
      await window.tracker.flush()
      return window.tracker.status().made
    }
    const before = await made()
    window.tracker.track('Once')
    return (await made()) - before
  })
}

const pairs: [Island, Island][] = [
  ['React', 'React'],
  ['Vue', 'Vue'],
  ['React', 'Vue'],
  ['Vue', 'React'],
]
for (const [first, second] of pairs)
  test(`the tracker of an island of ${first} and one of ${second} goes on when the latter ends, and ends with the former`, {
    tag: first === second ? ['@long'] : [],
  }, async ({ page }) => {
    await open(page, 'app.js', islands())
    for (const part of [first, second]) await page.evaluate(part => window.begin(part), part)
    await tellTracker(page)
    await expect.poll(() => viewed(page)).toEqual(['/'])
    await page.evaluate(island => window.end(island), second)
    await page.evaluate(() => history.pushState({}, '', '/next'))
    await expect.poll(() => viewed(page)).toContain('/next')
    await page.evaluate(island => window.end(island), first)
    expect(await trackOnce(page)).toBe(0)
  })

const orders: (readonly [string, Start, readonly (Island | Start)[]])[] = (['createTracker', 'tag'] as const).flatMap(
  start => [
    ['before', start, [start, 'React', 'Vue']] as const,
    ['after', start, ['React', 'Vue', start]] as const,
    ['between', start, ['Vue', start, 'React']] as const,
  ],
)
for (const [when, start, parts] of orders)
  test(`the tracker that a page starts with ${start} ${when} its islands goes on when they end`, {
    // Each start and each order once.
    tag: (start === 'tag') === (when === 'between') ? [] : ['@long'],
  }, async ({ page }) => {
    await open(page, 'app.js', islands())
    for (const part of parts) await page.evaluate(part => window.begin(part), part)
    await tellTracker(page)
    await expect.poll(() => viewed(page)).toEqual(['/'])
    for (const island of ['React', 'Vue'] as const) await page.evaluate(island => window.end(island), island)
    expect(await trackOnce(page)).toBe(1)
    await page.evaluate(() => history.pushState({}, '', '/next'))
    await expect.poll(() => viewed(page)).toContain('/next')
    // Its stop is that of the page, and an island that comes later ends with what it has started.
    await page.evaluate(() => window.tracker.stop())
    await page.evaluate(() => window.begin('Vue'))
    expect(await trackOnce(page)).toBe(1)
    await page.evaluate(() => window.end('Vue'))
    expect(await trackOnce(page)).toBe(0)
  })

test('the Vue binding renders on a server', async () => {
  const Shop = {
    setup() {
      vue.useIdentity(() => 'ada')
      const session = vue.useSession()
      return () => h('p', session.value ? 'somebody' : 'nobody')
    },
  }
  const app = createSSRApp(Shop).use(vue.createSojourn({ collector: 'https://collector.example', key: 'bindings' }))
  expect(await renderVue(app)).toBe('<p>nobody</p>')
})
