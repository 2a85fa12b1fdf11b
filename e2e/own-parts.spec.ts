import { createHash } from 'node:crypto'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { chromium, expect } from '@playwright/test'
import { rolldown } from 'rolldown'
import { launchArgs, needChromium } from '../scripts/browser.mjs'
import { startCollector } from './helpers/collector.js'
import { test } from './helpers/test.js'
import { makeIdentity } from './helpers/tracker.js'

const guide = readFileSync('docs/guide/own-parts.md', 'utf8')

/** A sample of the guide, for that collector. */
function sample(name: string, collector: string): string {
  const [, code = ''] = new RegExp(`<!-- sample: ${name} -->\\n\`\`\`js\\n([\\s\\S]*?)\\n\`\`\``).exec(guide) ?? []
  return code.replaceAll('https://collector.example', collector)
}

/** Serves files; everything else is a page. */
async function serve(files: Record<string, string>, html = '<!doctype html><title>A shop</title><h1>A shop</h1>') {
  const server = createServer((request, response) => {
    const file = files[request.url ?? '']
    response.setHeader('Content-Type', file === undefined ? 'text/html' : 'text/javascript')
    response.end(file ?? html)
  })
  await new Promise<void>(ready => server.listen(0, '127.0.0.1', ready))
  return {
    port: (server.address() as AddressInfo).port,
    stop() {
      server.closeAllConnections()
      server.close()
    },
  }
}

/** Makes the folder of an extension of the samples. The content script signs in, and hears events of the page. */
async function makeExtension(folder: string, collector: string, identityId: string): Promise<void> {
  const content = `${sample('content-script', collector)}
tracker.signIn('${identityId}')
addEventListener('shop', ({ detail }) => tracker.track(detail))
document.documentElement.dataset.store = ''
setInterval(() => { document.documentElement.dataset.store = JSON.stringify(tracker.status()) }, 50)`
  mkdirSync(join(folder, 'source'))
  writeFileSync(join(folder, 'source', 'content.js'), content)
  cpSync('dist/esm/index.js', join(folder, 'source', 'sojourn.js'))
  const bundle = await rolldown({
    input: join(folder, 'source', 'content.js'),
    resolve: { alias: { sojourn: resolve(folder, 'source', 'sojourn.js') } },
  })
  await bundle.write({ file: join(folder, 'content.js'), format: 'iife' })
  await bundle.close()
  writeFileSync(join(folder, 'worker.js'), sample('extension-worker', collector))
  writeFileSync(
    join(folder, 'manifest.json'),
    JSON.stringify({
      manifest_version: 3,
      name: 'Sojourn in an extension',
      version: '1',
      permissions: ['storage'],
      host_permissions: [`${collector}/*`],
      background: { service_worker: 'worker.js' },
      content_scripts: [{ matches: ['http://*/*'], js: ['content.js'], run_at: 'document_start' }],
    }),
  )
}

/** The id that Chromium gives to an unpacked extension: it comes from the path. */
function toExtensionId(folder: string): string {
  const hash = createHash('sha256').update(folder).digest('hex').slice(0, 32)
  return Array.from(hash, digit => 'abcdefghijklmnop'[Number.parseInt(digit, 16)]).join('')
}

test('an extension records on pages of two origins as one visitor, and leaves nothing on them @long', async () => {
  const identityId = makeIdentity()
  const folder = mkdtempSync(join(tmpdir(), 'sojourn-extension-'))
  const readToken = 'a-token-of-this-test'
  const origin = `chrome-extension://${toExtensionId(folder)}`
  const collector = await startCollector('--origin', origin, '--read-token', readToken)
  await makeExtension(folder, collector.url, identityId)
  const site = await serve({})
  const context = await chromium.launchPersistentContext('', {
    executablePath: needChromium(),
    ignoreDefaultArgs: ['--disable-extensions'],
    args: [
      ...launchArgs,
      '--host-resolver-rules=MAP * 127.0.0.1',
      '--disable-features=DisableLoadExtensionCommandLineSwitch',
      `--disable-extensions-except=${folder}`,
      `--load-extension=${folder}`,
    ],
  })
  try {
    const page = await context.newPage()
    for (const host of ['shop.example', 'news.example']) {
      await page.goto(`http://${host}:${site.port}/`)
      await expect
        .poll(() => page.evaluate(() => JSON.parse(document.documentElement.dataset.store || '{}')))
        .toMatchObject({ store: 'own', identityId, errors: {} })
      await page.evaluate(name => dispatchEvent(new CustomEvent('shop', { detail: name })), `At ${host}`)
    }
    await page.close()
    const visitors = new Set<string>()
    const names = async (): Promise<string[]> => {
      const headers = { Authorization: `Bearer ${readToken}` }
      const response = await fetch(`${collector.url}/v1/identities/${identityId}/events`, { headers })
      const { items } = (await response.json()) as { items: { eventName: string; globalVisitID: string }[] }
      for (const { globalVisitID } of items) visitors.add(globalVisitID)
      return items.map(({ eventName }) => eventName)
    }
    // What the last page still owed is sent by the next.
    const next = await context.newPage()
    await next.goto(`http://shop.example:${site.port}/next`)
    await expect.poll(names).toEqual(expect.arrayContaining(['SignIn', 'At shop.example', 'At news.example']))
    expect(await next.evaluate(async () => [Object.keys(localStorage), await indexedDB.databases()])).toEqual([[], []])
    expect([(await names()).filter(name => name === 'SignIn').length, visitors.size]).toEqual([1, 1])
  } finally {
    await context.close()
    site.stop()
    await collector.stop()
    rmSync(folder, { recursive: true })
  }
})

test('the background of an extension records without own parts @long', async () => {
  const identityId = makeIdentity()
  const folder = mkdtempSync(join(tmpdir(), 'sojourn-background-'))
  const collector = await startCollector('--origin', `chrome-extension://${toExtensionId(folder)}`)
  cpSync('dist/esm/index.js', join(folder, 'sojourn.js'))
  writeFileSync(
    join(folder, 'worker.js'),
    `import { createTracker } from './sojourn.js'
self.tracker = createTracker({ collector: '${collector.url}', key: 'background' })
tracker.signIn('${identityId}')
tracker.track('Installed')`,
  )
  writeFileSync(
    join(folder, 'manifest.json'),
    JSON.stringify({
      manifest_version: 3,
      name: 'Sojourn in a background',
      version: '1',
      host_permissions: [`${collector.url}/*`],
      background: { service_worker: 'worker.js', type: 'module' },
    }),
  )
  const context = await chromium.launchPersistentContext('', {
    executablePath: needChromium(),
    ignoreDefaultArgs: ['--disable-extensions'],
    args: [
      ...launchArgs,
      '--disable-features=DisableLoadExtensionCommandLineSwitch',
      `--disable-extensions-except=${folder}`,
      `--load-extension=${folder}`,
    ],
  })
  try {
    const [worker = await context.waitForEvent('serviceworker')] = context.serviceWorkers()
    // The worker is there before its script has run.
    await expect.poll(() => worker.evaluate(() => 'tracker' in self)).toBe(true)
    expect(await worker.evaluate(async () => [await self.tracker.flush(), self.tracker.status()])).toMatchObject([
      { owed: 0 },
      { identityId, stored: 3, store: 'indexeddb', errors: {} },
    ])
  } finally {
    await context.close()
    await collector.stop()
    rmSync(folder, { recursive: true })
  }
})

test('a service worker sends for its page', async ({ page, shared }) => {
  const identityId = makeIdentity()
  const core = readFileSync('dist/esm/index.js', 'utf8')
  const site = await serve(
    { '/core.js': core, '/sw.js': sample('service-worker', shared.url) },
    `<!doctype html><title>A shop</title><script type="importmap">{ "imports": { "sojourn": "/core.js" } }</script>
<script type="module">${sample('page-of-worker', shared.url)}
navigator.serviceWorker.register('/sw.js')
window.tracker = tracker</script>`,
  )
  await page.goto(`http://localhost:${site.port}/`)
  await page.waitForFunction(() => 'tracker' in window)
  await page.evaluate(id => window.tracker.signIn(id), identityId)
  expect(await page.evaluate(() => window.tracker.flush())).toMatchObject({ owed: 0 })
  const found = await shared.get<{ items: unknown[] }>(`/v1/identities/${identityId}/sessions`)
  expect(found?.items).toHaveLength(1)
  site.stop()
})
