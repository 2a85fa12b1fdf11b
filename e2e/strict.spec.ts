import { readdirSync, readFileSync } from 'node:fs'
import { expect, type Page } from '@playwright/test'
import { makeProfile, openBrowser, removeProfile } from './faults/browser.js'
import { comeBack } from './faults/tabs.js'
import type { RunningCollector } from './helpers/collector.js'
import { type Site, startSite } from './helpers/site.js'
import { test } from './helpers/test.js'

const plugins = readdirSync('dist/esm/plugins')
  .filter(name => name.endsWith('.js'))
  .map(name => name.replace('.js', ''))

/** Nothing but scripts with the nonce, and requests to the collector. No text becomes a script, and no script makes a policy. */
const policyOf = (url: string): string =>
  `default-src 'none'; script-src 'nonce-good'; connect-src ${url}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'`

/** Every plugin finds something to record here. */
const body = `<h1>Strict</h1><button data-sojourn-event="Pressed">Press</button><a href="https://other.example/">Away</a>
<a href="/file.pdf" download>File</a><p data-sojourn-seen="Seen">Seen</p><form><input name="word"></form>`

/** The tag with every plugin, and the page that has the same as modules. */
function toPage(path: string, url: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1)
  if (path.startsWith('/plugins/')) return readFileSync(`dist/esm/plugins/${name}`, 'utf8')
  if (path === '/inspector.js') return readFileSync('dist/esm/inspector.js', 'utf8')
  if (path === '/web-vitals.js') return readFileSync('node_modules/web-vitals/dist/web-vitals.js', 'utf8')
  const head = '<!doctype html><html lang="en"><title>Strict</title>'
  const tag = `<script nonce="good" src="${url}/sojourn.${plugins.join('.')}.js" data-key="strict" data-inspect data-flush-every-ms="200"></script>`
  if (path !== '/modules') return head + tag + body
  return `${head}<script nonce="good" type="importmap">{ "imports": { "web-vitals": "/web-vitals.js" } }</script>${body}
<script nonce="good" type="module">
  import { createTracker } from '/core.js'
  import { defineInspector } from '/inspector.js'
  ${plugins.map(one => `import { ${one} } from '/plugins/${one}.js'`).join('\n  ')}
  const tracker = createTracker({ collector: '${url}', key: 'strict', flushEveryMs: 200 })
  for (const plugin of [${plugins.join()}]) plugin(tracker)
  defineInspector()
  document.body.append(document.createElement('sojourn-inspector'))
  window.sojourn = tracker
</script>`
}

let collector: RunningCollector
let site: Site

test.beforeEach(async ({ shared }) => {
  collector = shared
  site = await startSite(path => toPage(path, collector.url), { 'Content-Security-Policy': policyOf(collector.url) })
})

test.afterEach(async () => {
  await site.stop()
})

/** Listens to what a policy forbids, in every page that is opened, and to the console. */
async function listen(page: Page): Promise<string[]> {
  const noise: string[] = []
  page.on('console', message => noise.push(message.text()))
  page.on('pageerror', error => noise.push(String(error)))
  await page.exposeFunction('tell', (text: string) => noise.push(text))
  await page.addInitScript(() =>
    document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI, sample }) =>
      (window as unknown as { tell: (text: string) => void }).tell(`${violatedDirective} ${blockedURI} ${sample}`),
    ),
  )
  return noise
}

for (const [path, how, tag] of [
  ['/?sojourn-inspect', 'one script tag', '@short'],
  ['/modules', 'modules', '@long'],
] as const)
  test(`core, every plugin and the inspector violate no policy that allows no text to become a script, as ${how}`, {
    tag,
  }, async ({ page }) => {
    const noise = await listen(page)
    await page.goto(site.url + path)
    await page.waitForFunction(() => !!window.sojourn?.status)
    const panel = page.getByRole('region', { name: 'Sojourn inspector' })
    await expect(panel).toBeVisible()
    await page.evaluate(() => window.sojourn.signIn('ada'))
    await page.click('button')
    await page.fill('input', 'x')
    await page.click('a[download]')
    await expect(panel.getByRole('listitem').filter({ hasText: 'Download' }).getByText('stored')).toBeVisible()
    await panel.getByRole('listitem').filter({ hasText: 'Pressed' }).locator('summary').click()
    await panel.getByRole('button', { name: 'Minimise' }).click()
    expect(noise).toEqual([])
  })

test('a page with every plugin goes into the back/forward cache, and records when it is back', async () => {
  // Playwright turns the back/forward cache off, so this test has a browser of its own.
  const profile = makeProfile()
  const browser = await openBrowser(profile)
  const elsewhere = await startSite(() => '<title>Elsewhere</title>')
  try {
    const page = await browser.context.newPage()
    await page.goto(site.url)
    await page.waitForFunction(() => !!window.sojourn?.status)
    // Records of the open session stay here when the collector has them.
    await page.evaluate(() => window.sojourn.signIn('ada'))
    await page.evaluate(() => addEventListener('pageshow', event => (window.isReturned = event.persisted)))
    await page.goto(elsewhere.url.replace('127.0.0.1', 'localhost'))
    await comeBack(page)
    await page.click('button')
    await expect
      .poll(() => page.evaluate(async () => (await window.sojourn.records()).map(({ event }) => event.eventName)))
      .toContain('Pressed')
  } finally {
    await browser.close()
    removeProfile(profile)
    await elsewhere.stop()
  }
})
