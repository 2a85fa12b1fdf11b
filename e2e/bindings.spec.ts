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
import type { Event, Page, Session, Status } from '../src/index.js'
import type { RunningCollector } from './helpers/collector.js'
import { type Site, startSite } from './helpers/site.js'
import { test } from './helpers/test.js'
import { makeIdentity } from './helpers/tracker.js'

declare global {
  interface Window {
    islands: { unmount(): void }[]
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
      ? readFileSync(`${file}.js`, 'utf8')
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

const islands = {
  React: `
import { createElement } from 'react'
import { createRoot } from 'react-dom/client'
import { SojournProvider, useTrack } from 'sojourn/react'
const Add = () => createElement('button', { onClick: useTrack() })
function mount(place, options) {
  const root = createRoot(place)
  root.render(createElement(SojournProvider, { options }, createElement(Add)))
  return root
}`,
  Vue: `
import { createApp, h } from 'vue'
import { createSojourn } from 'sojourn/vue'
function mount(place, options) {
  const app = createApp(() => h('button')).use(createSojourn(options))
  app.mount(place)
  return app
}`,
}

for (const [name, code] of Object.entries(islands))
  test(`the tracker of two islands of ${name} goes on when one of them ends, and ends with the other`, async ({
    page,
  }) => {
    await open(
      page,
      'app.js',
      `${code}
import { createTracker } from 'sojourn'
const options = { collector: '${collector.url}', key: 'bindings', flushEveryMs: 100 }
window.tracker = createTracker(options)
window.islands = ['first', 'second'].map(id => {
  const place = document.body.appendChild(document.createElement('div'))
  return mount(place, options)
})
`,
    )
    await expect(page.locator('button')).toHaveCount(2)
    const status = (): Promise<Status> => page.evaluate(() => window.tracker.status())
    const viewed = async (): Promise<string[]> => {
      const pages = await collector.get<{ items: Page[] }>(`/v1/visits/${(await status()).visitID}/pages`)
      return (pages?.items ?? []).map(({ url }) => new URL(url).pathname)
    }
    await expect.poll(viewed).toEqual(['/'])
    await page.evaluate(() => window.islands.pop()?.unmount())
    await page.evaluate(() => history.pushState({}, '', '/next'))
    await expect.poll(viewed).toContain('/next')
    const [before, after] = await page.evaluate(async () => {
      const made = async (): Promise<number> => {
        await window.tracker.flush()
        return window.tracker.status().made
      }
      window.islands.pop()?.unmount()
      const atStop = await made()
      window.tracker.track('After')
      return [atStop, await made()]
    })
    expect(after).toBe(before)
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
