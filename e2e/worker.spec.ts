import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type CDPSession, expect, type Page } from '@playwright/test'
import type { Tracker } from '../src/index.js'
import type { RunningCollector } from './helpers/collector.js'
import { test } from './helpers/test.js'
import { makeIdentity } from './helpers/tracker.js'

// Real workers: none has a document or localStorage, and a service worker is stopped without a word.

declare global {
  interface Window {
    /** Asks the worker to run a verb. Resolves with what it gives, once the task of the verb is over. */
    ask: (verb: keyof Tracker, ...args: unknown[]) => Promise<unknown>
  }
}

interface Found {
  readonly eventName: string
  readonly visitID: string
  readonly pageID?: string
  readonly data: unknown
}

let stop = (): void => {}

test.afterEach(() => stop())

/** Serves a page with a tracker, and a script for its workers with a tracker of the same key. */
async function siteWith(
  collector: RunningCollector,
  kind: 'service' | 'dedicated' | 'shared',
  worker?: string,
): Promise<string> {
  const make = `import { createTracker } from '/core.js'
    self.errors = []
    self.tracker = createTracker({
      collector: '${collector.url}', key: 'workers', flushEveryMs: 60_000, onError: ({ code }) => self.errors.push(code),
    })`
  const files: Record<string, string> = {
    '/core.js': readFileSync('dist/esm/index.js', 'utf8'),
    '/worker.js':
      worker ??
      `${make}
      self.instance = String(Math.random())
      const waiting = (async () => { while (tracker.status().store === 'opening') await new Promise(done => setTimeout(done, 5)) })()
      async function hear({ data: [verb, ...args], ports: [port] }) {
        await waiting
        port.postMessage(await (verb in self ? self[verb] : tracker[verb](...args)))
      }
      self.onmessage = event => event.waitUntil ? event.waitUntil(hear(event)) : hear(event)
      self.onconnect = ({ ports }) => { ports[0].onmessage = hear }`,
  }
  const begin = {
    service: `await navigator.serviceWorker.register('/worker.js', { type: 'module' })
      const post = async (...rest) => (await navigator.serviceWorker.ready).active.postMessage(...rest)`,
    dedicated: `const worker = new Worker('/worker.js', { type: 'module' })
      const post = (...rest) => worker.postMessage(...rest)`,
    shared: `const { port } = new SharedWorker('/worker.js', { type: 'module' })
      const post = (...rest) => port.postMessage(...rest)`,
  }
  const html = `<!doctype html><title>A shop</title><h1>A shop</h1><script type="module">
    ${make}
    ${begin[kind]}
    window.ask = (...verb) => new Promise(resolve => {
      const { port1, port2 } = new MessageChannel()
      port1.onmessage = ({ data }) => resolve(data)
      post(verb, [port2])
    })
  </script>`
  const server = createServer(({ url = '' }, response) => {
    response.setHeader('Content-Type', files[url] ? 'text/javascript' : 'text/html')
    response.end(files[url] ?? html)
  })
  await new Promise<void>(ready => server.listen(0, '127.0.0.1', ready))
  stop = () => {
    server.closeAllConnections()
    server.close()
  }
  return `http://localhost:${(server.address() as AddressInfo).port}/`
}

async function open(page: Page, url: string): Promise<void> {
  await page.goto(url)
  await page.waitForFunction(() => window.tracker?.status().store === 'indexeddb' && 'ask' in window)
}

const ask = (page: Page, ...verb: Parameters<Window['ask']>): Promise<any> =>
  page.evaluate(given => window.ask(...given), verb)

async function eventsOf(collector: RunningCollector, identityId: string): Promise<Found[]> {
  return (await collector.get<{ items: Found[] }>(`/v1/identities/${identityId}/events?page_size=1000`))?.items ?? []
}

const namesOf = (events: readonly Found[]): string[] => events.map(({ eventName }) => eventName).toSorted()

async function recordsOneVisit(page: Page, collector: RunningCollector, url: string): Promise<void> {
  const identityId = makeIdentity()
  await open(page, url)
  await page.evaluate(id => window.tracker.signIn(id), identityId)
  await expect.poll(() => ask(page, 'status')).toMatchObject({ identityId, store: 'indexeddb' })
  await page.evaluate(() => window.tracker.track('InPage'))
  await ask(page, 'track', 'InWorker')
  expect(await ask(page, 'session')).toMatchObject({ identityId })
  expect(await ask(page, 'flush')).toMatchObject({ owed: 0 })
  await ask(page, 'signOut')
  await expect.poll(() => page.evaluate(() => window.tracker.status().identityId)).toBeNull()
  await ask(page, 'flush')
  await page.evaluate(() => window.tracker.flush())
  await expect
    .poll(async () => namesOf(await eventsOf(collector, identityId)))
    .toEqual(['InPage', 'InWorker', 'SignIn', 'SignOut'])
  const events = await eventsOf(collector, identityId)
  expect(new Set(events.map(({ visitID }) => visitID)).size).toBe(1)
  expect(events.map(({ eventName, pageID }) => `${eventName} ${pageID ? 'on a page' : 'on none'}`).toSorted()).toEqual([
    'InPage on a page',
    'InWorker on none',
    'SignIn on a page',
    'SignOut on none',
  ])
  expect([await ask(page, 'errors' as never), await page.evaluate(() => window.errors)]).toEqual([[], []])
}

for (const kind of ['service', 'dedicated'] as const)
  test(`a ${kind} worker and a page of its origin record one visit, and each record arrives once`, async ({
    page,
    shared,
  }) => {
    await recordsOneVisit(page, shared, await siteWith(shared, kind))
  })

test('a shared worker and a page of its origin record one visit, and each record arrives once @long', async ({
  page,
  shared,
}) => {
  await recordsOneVisit(page, shared, await siteWith(shared, 'shared'))
})

/** Stops all service workers, as the browser does at any time. */
async function stopWorkers(session: CDPSession): Promise<void> {
  await session.send('ServiceWorker.stopAllWorkers')
}

test('a service worker that is stopped right after track() loses nothing', async ({ page, context, shared }) => {
  const identityId = makeIdentity()
  await open(page, await siteWith(shared, 'service'))
  const session = await context.newCDPSession(page)
  await session.send('ServiceWorker.enable')
  await page.evaluate(id => window.tracker.signIn(id), identityId)
  await expect.poll(() => ask(page, 'status')).toMatchObject({ identityId })
  const instances = new Set<unknown>()
  for (let n = 0; n < 3; n++) {
    instances.add(await ask(page, 'instance' as never))
    // The answer leaves in the task of the verb.
    await ask(page, 'track', 'InWorker', { n })
    await stopWorkers(session)
  }
  expect(instances.size).toBe(3)
  await expect
    .poll(async () => {
      await page.evaluate(() => window.tracker.flush())
      return namesOf(await eventsOf(shared, identityId))
    })
    .toEqual(['InWorker', 'InWorker', 'InWorker', 'SignIn'])
  const made = (await eventsOf(shared, identityId)).flatMap(({ data }) => (data as { n?: number })?.n ?? [])
  expect(new Set(made)).toEqual(new Set([0, 1, 2]))
})

test('the service worker of the guide records beside its page @long', async ({ page, shared }) => {
  const guide = readFileSync('docs/guide/own-parts.md', 'utf8')
  const [, sample = ''] = /<!-- sample: tracker-in-worker -->\n```js\n([\s\S]*?)\n```/.exec(guide) ?? []
  const worker = sample
    .replace("'sojourn'", "'/core.js'")
    .replace('https://collector.example', shared.url)
    .replace('your-site', 'workers')
  const identityId = makeIdentity()
  await open(page, await siteWith(shared, 'service', worker))
  await page.evaluate(async id => {
    window.tracker.signIn(id)
    await window.tracker.flush()
    const { active } = await navigator.serviceWorker.ready
    active?.postMessage('synced')
  }, identityId)
  await expect.poll(async () => namesOf(await eventsOf(shared, identityId))).toEqual(['SignIn', 'Synced'])
})
