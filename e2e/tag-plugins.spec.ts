import { spawn } from 'node:child_process'
import { appendFileSync, cpSync, mkdirSync, rmSync } from 'node:fs'
import { expect, type Page } from '@playwright/test'
import type { Session } from '../src/index.js'
import { type RunningCollector, startCollectorProcess } from './helpers/collector.js'
import { type Site, startSite } from './helpers/site.js'
import { test } from './helpers/test.js'

let collector: RunningCollector
let site: Site
/** The tag of the page, its policy for scripts, and that for what becomes a script. */
let tag: string
let scripts: string
let trusted: string

const body = `<h1>Shop</h1><button data-sojourn-event="AddToCart" data-sojourn-sku="A1">Add</button>
<a href="/lamp.step" download>Drawing</a>`

test.beforeEach(async ({ shared }) => {
  collector = shared
  scripts = "'nonce-good'"
  trusted = "require-trusted-types-for 'script'; trusted-types 'none'"
  const policy: Record<string, string> = {
    get 'Content-Security-Policy'() {
      return `default-src 'none'; script-src ${scripts}; connect-src ${collector.url}; base-uri 'none'; ${trusted}`
    },
  }
  site = await startSite(() => `<!doctype html><title>Shop</title>${tag}${body}`, policy)
})

test.afterEach(async () => {
  await site.stop()
})

/** The tag that the Set-up page prints. @param more attributes of the page's author. */
async function print(query: string, more = 'nonce="good"', url = collector.url): Promise<string> {
  const { tag } = (await (await fetch(`${url}/v1/setup?${query}`)).json()) as { tag: string }
  return tag.replace('<script async', `<script ${more}`)
}

/** Opens the page. @returns the scripts that it loads, and what it says: console lines, errors, and violations of its policy. */
async function open(page: Page, path = '/'): Promise<{ loaded: string[]; noise: string[] }> {
  const loaded: string[] = []
  const noise: string[] = []
  page.on('request', one => one.resourceType() === 'script' && loaded.push(new URL(one.url()).pathname))
  page.on('console', message => noise.push(message.text()))
  page.on('pageerror', error => noise.push(String(error)))
  await page.exposeFunction('tell', (text: string) => noise.push(text))
  await page.addInitScript(() =>
    document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) =>
      (window as unknown as { tell: (text: string) => void }).tell(`violation: ${violatedDirective} ${blockedURI}`),
    ),
  )
  await page.goto(site.url + path)
  return { loaded, noise }
}

/** Signs in, does something, and reads what the collector has of it. */
async function doAndRead(page: Page, act: () => Promise<void>): Promise<[name: string, data: unknown][]> {
  await page.evaluate(() => window.sojourn.signIn('ada'))
  await act()
  const { sessionID } = (await page.evaluate(async () => {
    await window.sojourn.flush()
    return window.sojourn.session()
  })) as Session
  await page.evaluate(() => window.sojourn.signOut())
  const events = await collector.events(sessionID)
  return events.filter(({ eventName }) => !eventName.startsWith('Sign')).map(({ eventName, data }) => [eventName, data])
}

const add = (page: Page) => () => page.click('button')
const added: [string, unknown] = ['AddToCart', { sku: 'A1' }]

test('a pinned tag with plugins is one request, and records under a strict policy with a nonce, without a violation', async ({
  page,
}) => {
  tag = await print(
    'plugins=vitals,clicks,downloads,dwell&pinned=true',
    'nonce="good" data-downloads-pattern="\\.step$" data-dwell-seconds="1" data-dwell-still-seconds="600"',
  )
  expect(tag).toContain('integrity="sha384-')
  const { loaded, noise } = await open(page)
  const events = await doAndRead(page, async () => {
    await page.click('button')
    await page.click('a')
    // On a slow machine it comes before the sign-in, so it need not be of the session.
    await expect
      .poll(() => page.evaluate(async () => (await window.sojourn.records()).map(({ event }) => event)))
      .toContainEqual(expect.objectContaining({ eventName: 'TimeOnPage', data: { seconds: 1 } }))
  })
  expect(events).toContainEqual(added)
  expect(events).toContainEqual(['Download', { url: `${site.url}/lamp.step`, file: 'lamp.step' }])
  expect([loaded.length, noise]).toEqual([1, []])
})

test('a file that is not the one of the hash does not run, and the page is unharmed', async ({ page }) => {
  tag = (await print('plugins=clicks&pinned=true')).replace(/sha384-.{8}/, 'sha384-AAAAAAAA')
  const { noise } = await open(page)
  await expect(page.locator('h1')).toHaveText('Shop')
  await expect.poll(() => noise.join()).toContain('integrity')
  expect(await page.evaluate(() => 'sojourn' in window)).toBe(false)
})

for (const policy of ['nonce', 'host', 'strict-dynamic'] as const)
  test(`a plain tag with data-plugins loads them once, after its start, where the policy allows the script by ${policy}`, {
    tag: policy === 'nonce' ? [] : '@long',
  }, async ({ page }) => {
    scripts = { nonce: "'nonce-good'", host: collector.url, 'strict-dynamic': "'nonce-good' 'strict-dynamic'" }[policy]
    const more = `${policy === 'host' ? '' : 'nonce="good" '}data-plugins="vitals, clicks clicks"`
    tag = (await print('', more)).repeat(2)
    const { loaded, noise } = await open(page)
    await expect.poll(() => loaded).toContain('/sojourn-plugins.vitals.clicks.js')
    await page.waitForLoadState('networkidle')
    const events = await doAndRead(page, add(page))
    expect(events.filter(([name]) => name !== 'WebVital')).toEqual([added])
    expect(loaded.filter(path => path.includes('plugins'))).toHaveLength(1)
    expect(noise).toEqual([])
  })

test('data-plugins says which plugins of a file run, and without it all do', { tag: '@long' }, async ({ page }) => {
  tag = await print('plugins=clicks,downloads')
  expect(tag).toContain('/sojourn.clicks.downloads.js"')
  const act = async (): Promise<void> => {
    await page.click('button')
    await page.click('a')
  }
  const names = async () => (await doAndRead(page, act)).map(([name]) => name)
  tag = tag.replace('data-plugins="clicks,downloads"', 'data-plugins="clicks"')
  await open(page)
  expect(await names()).toEqual(['AddToCart'])
  tag = tag.replace('data-plugins="clicks"', '')
  await page.reload()
  expect(await names()).toEqual(['AddToCart', 'Download'])
})

test('an unknown plugin is named on the console of a developer, and all others run, once', async ({ page }) => {
  tag = (await print('plugins=clicks')).replace(
    'data-plugins="',
    'data-plugins="clickz,downloads,downloads,constructor,',
  )
  const { loaded, noise } = await open(page)
  const said = (): string[] => noise.filter(line => line.startsWith('sojourn: ')).sort()
  await expect.poll(said).toHaveLength(2)
  expect(said()[0]).toContain('/sojourn-plugins.clickz.js')
  expect(said()[1]).toContain('/sojourn-plugins.constructor.js')
  await expect.poll(() => loaded).toContain('/sojourn-plugins.downloads.js')
  await page.waitForLoadState('networkidle')
  const events = await doAndRead(page, async () => {
    await page.click('button')
    await page.click('a')
  })
  expect(events.map(([name]) => name)).toEqual(['AddToCart', 'Download'])
  tag = tag.replace('data-key', 'data-debug="false" data-key')
  noise.length = 0
  await page.reload()
  await page.waitForLoadState('networkidle')
  expect(said()).toEqual([])
})

test('a tag with a hash runs nothing that the hash does not cover, and says so to a developer', {
  tag: '@long',
}, async ({ page }) => {
  tag = (await print('plugins=clicks&pinned=true')).replace('data-plugins="', 'data-plugins="downloads,')
  const { loaded, noise } = await open(page)
  expect(await doAndRead(page, add(page))).toEqual([added])
  expect([loaded.length, noise]).toEqual([1, ['sojourn: integrity: sojourn-plugins.downloads.js is not loaded']])
})

test('a wrong setting of one plugin is said to a developer, and the others run', { tag: '@long' }, async ({ page }) => {
  tag = await print('plugins=clicks,downloads', 'nonce="good" data-downloads-pattern="("')
  const { noise } = await open(page)
  expect(await doAndRead(page, add(page))).toEqual([added])
  expect(noise).toHaveLength(1)
  expect(noise[0]).toMatch(/^sojourn: .*regular expression/i)
})

test('stop ends the plugins, and a tag that is added again starts them again, once', { tag: '@long' }, async ({
  page,
}) => {
  // A script of the page adds tags by their address.
  trusted = ''
  tag = await print('plugins=clicks')
  const { noise } = await open(page)
  await page.evaluate(() => window.sojourn('stop'))
  await page.click('button')
  await page.evaluate(() => {
    const { src, nonce, dataset } = document.scripts[0] as HTMLScriptElement
    for (let n = 0; n < 2; n++) {
      const again = Object.assign(document.createElement('script'), { src, nonce })
      Object.assign(again.dataset, dataset)
      document.head.append(again)
    }
  })
  await page.waitForLoadState('networkidle')
  expect(await doAndRead(page, add(page))).toEqual([added])
  expect(noise).toEqual([])
})

test('a pinned tag records after the collector has become another version', { tag: '@long' }, async ({ page }) => {
  const folder = 'build/older-collector'
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  cpSync('collector/dist', `${folder}/dist`, { recursive: true })
  cpSync('collector/package.json', `${folder}/package.json`)
  appendFileSync(`${folder}/dist/tag/core.js`, '\n// An older version.\n')
  const own = await startCollectorProcess()
  await own.kill()
  const older = spawn(process.execPath, [`${folder}/dist/cli.js`, '--db', own.db, '--port', new URL(own.url).port], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await new Promise(resolve => older.stdout.once('data', resolve))
  tag = await print('plugins=clicks&pinned=true', 'nonce="good"', own.url)
  const ended = new Promise(resolve => older.once('exit', resolve))
  older.kill('SIGTERM')
  await ended
  await own.start()
  collector = own
  expect(tag).not.toContain(/src="([^"]+)"/.exec(await print('plugins=clicks&pinned=true'))?.[1])
  const { noise } = await open(page)
  expect(await doAndRead(page, add(page))).toEqual([added])
  expect(noise).toEqual([])
  await own.stop()
})
