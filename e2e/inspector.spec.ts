import { AxeBuilder } from '@axe-core/playwright'
import { type BrowserContext, expect, type Locator, type Page } from '@playwright/test'
import { type RunningCollector, startCollectorProcess } from './helpers/collector.js'
import { type Site, startSite } from './helpers/site.js'
import { test } from './helpers/test.js'

let collector: RunningCollector
let site: Site

/** The pages of the site: `%` is the address of the collector. */
const pages: Record<string, string> = {
  '/': '<script src="%/sojourn.js" data-key="shop" data-inspect data-flush-every-ms="300" data-debug="false"></script>',
  '/late': '<sojourn-inspector></sojourn-inspector><script src="%/inspector.js"></script>',
  '/closed': '<script src="%/sojourn.js" data-key="shop" data-debug="false"></script>',
}

test.beforeEach(async ({ shared }) => {
  collector = shared
  site = await open(collector.url)
})

test.afterEach(async () => {
  await site.stop()
})

/** A site with a policy that allows no inline style and no inline script. */
function open(url: string): Promise<Site> {
  return startSite(
    path =>
      `<!doctype html><html lang="en"><meta name="viewport" content="width=device-width"><title>Shop</title><main><h1>Shop</h1><p>A page with a policy.</p>${(pages[path] ?? pages['/'])?.replaceAll('%', url)}</main>`,
    {
      'Content-Security-Policy': `default-src 'none'; script-src 'self' ${url}; connect-src ${url}; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    },
  )
}

const inspector = (page: Page): Locator => page.locator('sojourn-inspector')
const panel = (page: Page): Locator => page.getByRole('region', { name: 'Sojourn inspector' })
/** The row of a record. */
const row = (page: Page, name: string): Locator => panel(page).getByRole('listitem').filter({ hasText: name })
const fact = (page: Page, name: string): Locator =>
  panel(page)
    .locator('dt', { hasText: new RegExp(`^${name}$`) })
    .locator('+ dd')

async function openPage(context: BrowserContext, path = '/?sojourn-inspect'): Promise<Page> {
  const page = await context.newPage()
  const broken: string[] = []
  page.on('console', message => message.type() === 'error' && broken.push(message.text()))
  await page.goto(site.url + path)
  await page.waitForFunction(() => !!window.sojourn?.status)
  // A policy that forbids something says so on the console.
  expect(broken.filter(text => text.includes('Content Security Policy'))).toEqual([])
  return page
}

test('opens where the tag allows it and the address asks for it, and nowhere else', async ({ context }) => {
  const asked: string[] = []
  context.on('request', request => void asked.push(new URL(request.url()).pathname))
  const page = await openPage(context)
  await expect(panel(page)).toBeVisible()
  expect(asked.filter(path => path === '/inspector.js')).toHaveLength(1)
  asked.splice(0)
  for (const path of ['/', '/closed?sojourn-inspect', '/closed']) await openPage(context, path)
  expect(asked).not.toContain('/inspector.js')
  expect(await page.evaluate(() => window.sojourn.status().errors)).toEqual({})
})

test('waits for a tracker that starts after it', async ({ context }) => {
  const page = await context.newPage()
  await page.goto(`${site.url}/late`)
  await expect(inspector(page)).toBeAttached()
  await expect(panel(page)).toHaveCount(0)
  await page.evaluate(src => {
    const script = document.createElement('script')
    Object.assign(script.dataset, { key: 'shop', debug: 'false' })
    script.src = src
    document.head.append(script)
  }, `${collector.url}/sojourn.js`)
  await expect(panel(page)).toBeVisible()
  await page.evaluate(() => window.sojourn.track('Search'))
  await expect(row(page, 'Search')).toBeVisible()
})

test('looks the same whatever the style of the page is', async ({ context }) => {
  const page = await openPage(context)
  await expect(row(page, 'PageEntered').getByText('stored')).toBeVisible()
  const look = () =>
    panel(page).evaluate(one => {
      const { x, y, width } = one.getBoundingClientRect()
      const { color, fontSize, letterSpacing } = getComputedStyle(one.querySelector('dt') as Element)
      return { x, y, width, color, fontSize, letterSpacing }
    })
  const before = await look()
  await page.evaluate(() => {
    const sheet = new CSSStyleSheet()
    sheet.replaceSync(
      `html { font-size: 62.5%; transform: translate(80px, 40px) scale(0.8) } ::backdrop { display: block !important; background: red } div, section, button { display: none !important }
      * { color: red !important; font: 40px serif; letter-spacing: 1em; max-width: 90px; opacity: 0.3; margin: 9px }
      sojourn-inspector { position: static; left: 0; width: 40px; overflow: hidden }`,
    )
    document.adoptedStyleSheets = [sheet]
  })
  expect(await look()).toEqual(before)
  await expect(inspector(page)).toHaveCSS('opacity', '1')
  expect(await inspector(page).evaluate(one => getComputedStyle(one, '::backdrop').display)).toBe('none')
})

test('says whose records it shows, and lies on no panel of another tracker', async ({ context }) => {
  const page = await openPage(context)
  await expect(fact(page, 'key')).toHaveText('shop')
  await page.evaluate(src => {
    const script = document.createElement('script')
    Object.assign(script.dataset, { key: 'blog', global: 'blog', debug: 'false' })
    script.src = src
    const other = document.createElement('sojourn-inspector')
    other.setAttribute('key', 'blog')
    document.body.append(script, other)
  }, `${collector.url}/sojourn.js`)
  await expect(panel(page)).toHaveCount(2)
  await expect(fact(page, 'key')).toHaveText(['blog', 'shop'])
  const [blog, shop] = await panel(page).evaluateAll(all => all.map(each => each.getBoundingClientRect()))
  expect(blog?.right).toBeLessThan(shop?.left ?? 0)
})

test('shows the fate of each record, of this tab and of others, with style under a strict policy', async ({
  context,
}) => {
  const page = await openPage(context)
  const other = await openPage(context, '/')
  await expect(panel(page)).toHaveCSS('border-top-style', 'solid')
  await page.evaluate(() => window.sojourn.track('Search', { words: '<b>lamp</b>' }))
  await other.evaluate(() => window.sojourn.track('Elsewhere'))
  await expect(row(page, 'Search').getByText('stored')).toBeVisible()
  await expect(row(page, 'Elsewhere').getByText('stored')).toBeVisible()
  await row(page, 'Search').locator('summary').click()
  await expect(row(page, 'Search').locator('pre')).toContainText('"words": "<b>lamp</b>"')
  await expect(row(page, 'Search').getByText('#1')).toBeVisible()
})

test('says that the tracker is stopped, until it is started again', async ({ context }) => {
  const page = await openPage(context)
  await expect(fact(page, 'outbox')).not.toContainText('stopped')
  await page.evaluate(() => window.sojourn.stop())
  await expect(fact(page, 'outbox')).toHaveText('stopped: this page records and sends nothing')
  await expect(fact(page, 'next attempt')).toHaveText('when the page calls createTracker again')
  await page.keyboard.press('Alt+Shift+I')
  await expect(page.getByRole('button', { name: 'Sojourn · stopped' })).toBeVisible()
  await page.keyboard.press('Alt+Shift+I')
  await page.evaluate(src => {
    const script = document.createElement('script')
    Object.assign(script.dataset, { key: 'shop', debug: 'false' })
    script.src = src
    document.head.append(script)
  }, `${collector.url}/sojourn.js`)
  await expect(fact(page, 'outbox')).not.toContainText('stopped')
})

test('says what is wrong while the collector is down, with a link, and when it tries again', async ({ context }) => {
  const own = await startCollectorProcess()
  await site.stop()
  site = await open(own.url)
  const page = await openPage(context)
  await expect.poll(() => page.evaluate(() => window.sojourn.status().owed)).toBe(0)
  await own.kill()
  await page.evaluate(() => window.sojourn.track('Search'))
  await page.getByRole('button', { name: 'Flush' }).click()
  const problem = panel(page).getByText('The collector cannot be reached.')
  await expect(problem).toBeVisible()
  await expect(problem.getByRole('link')).toHaveAttribute('href', /errors\.md#collector-unreachable$/)
  await expect(row(page, 'Search').getByText('owed')).toBeVisible()
  await expect(fact(page, 'outbox')).toContainText('failed in a row')
  await expect(fact(page, 'next attempt')).toHaveText(/^(in \d+ s|soon)$/)
  await own.start()
  await page.getByRole('button', { name: 'Flush' }).click()
  await expect(row(page, 'Search').getByText('stored')).toBeVisible()
  await own.stop()
})

test('offline keeps every tab from sending until it is switched off', { tag: '@long' }, async ({ context }) => {
  const page = await openPage(context)
  const other = await openPage(context, '/')
  await expect.poll(() => page.evaluate(() => window.sojourn.status().owed)).toBe(0)
  const offline = page.getByRole('button', { name: 'Offline' })
  await offline.click()
  await expect(offline).toHaveAttribute('aria-pressed', 'true')
  await expect(fact(page, 'outbox')).toHaveText('offline, by this inspector')
  await page.evaluate(() => window.sojourn.track('Search'))
  await other.evaluate(() => window.sojourn.track('Elsewhere'))
  await expect(row(page, 'Elsewhere').getByText('owed')).toBeVisible()
  // Both tabs try to send after 300 ms, and wait for the lock.
  await expect.poll(() => other.evaluate(() => window.sojourn.status().drainer)).toBe('another-tab')
  expect(await other.evaluate(() => window.sojourn.status().owed)).toBeGreaterThan(0)
  await offline.click()
  await expect(row(page, 'Search').getByText('stored')).toBeVisible()
  await expect(row(page, 'Elsewhere').getByText('stored')).toBeVisible()
})

test('signs in and out, and forgets when it was asked twice', { tag: '@long' }, async ({ context }) => {
  const page = await openPage(context)
  await page.getByRole('textbox', { name: 'Identity' }).fill('ada')
  await page.keyboard.press('Enter')
  await expect(fact(page, 'identity')).toHaveText('ada')
  await expect(fact(page, 'session')).toContainText('since')
  await page.getByRole('button', { name: 'Forget' }).click()
  await expect(fact(page, 'identity')).toHaveText('ada')
  await page.getByRole('button', { name: 'Minimise' }).focus()
  await expect(page.getByRole('button', { name: 'Forget', exact: true })).toBeVisible()
  await page.getByRole('button', { name: 'Forget' }).click()
  await page.getByRole('button', { name: 'sure?' }).click()
  await expect(fact(page, 'identity')).toHaveText('nobody is signed in')
  await expect(row(page, 'SignIn')).toHaveCount(0)
})

test('decides consent for every tab, and shows what holds', async ({ context }) => {
  const page = await openPage(context)
  const other = await openPage(context, '/')
  const decide = async (state: 'granted' | 'denied'): Promise<void> => {
    const consent = page.getByRole('group', { name: 'Consent' })
    await consent.getByRole('button', { name: state }).click()
    await expect(fact(page, 'consent')).toHaveText(state)
    await expect(consent.getByRole('button', { pressed: true })).toHaveText(state)
    for (const tab of [page, other])
      await expect.poll(() => tab.evaluate(() => window.sojourn.status().consent)).toBe(state)
  }
  await decide('denied')
  await page.evaluate(() => window.sojourn.track('Unseen'))
  await decide('granted')
  await page.evaluate(() => window.sojourn.track('Seen'))
  await expect(row(page, 'Seen').getByText('stored')).toBeVisible()
  await expect(row(page, 'Unseen')).toHaveCount(0)
  // What another tab decides is shown too.
  await other.evaluate(() => window.sojourn.consent('denied'))
  await expect(page.getByRole('button', { name: 'denied', pressed: true })).toBeVisible()
})

test('is moved, minimised and closed by keyboard, and leaves the page as it was', async ({ context }) => {
  const page = await openPage(context)
  await expect(panel(page)).toBeVisible()
  const before = await panel(page).boundingBox()
  await page.getByRole('button', { name: 'Move to the next corner' }).press('Enter')
  await expect.poll(async () => (await panel(page).boundingBox())?.x).not.toBe(before?.x)
  await page.keyboard.press('Alt+Shift+I')
  await expect(panel(page)).toBeHidden()
  await expect(page.getByRole('button', { name: /^Sojourn · \d+ owed$/ })).toBeFocused()
  await page.keyboard.press('Alt+Shift+I')
  await expect(panel(page)).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(panel(page)).toBeHidden()
  await page.keyboard.press('Enter')
  await page.getByRole('button', { name: 'Close the inspector' }).click()
  await expect(inspector(page)).toHaveCount(0)
  await page.keyboard.press('Alt+Shift+I')
  await expect(panel(page)).toBeVisible()
  expect(await page.evaluate(() => document.cookie)).toBe('')
})

for (const colorScheme of ['light', 'dark'] as const)
  for (const width of [1280, 390])
    test(`axe finds nothing, at ${width} px in ${colorScheme}`, {
      tag: width === 390 && colorScheme === 'dark' ? [] : '@long',
    }, async ({ context }) => {
      const page = await openPage(context)
      await page.emulateMedia({ colorScheme })
      await page.setViewportSize({ width, height: 800 })
      await page.evaluate(() => {
        window.sojourn.signIn('ada@example.com', { name: 'Ada' })
        window.sojourn.track('AddToCart', { sku: 'A1', price: 19.95 })
        window.sojourn.track('')
      })
      await expect(row(page, 'AddToCart').getByText('stored')).toBeVisible()
      await row(page, 'AddToCart').locator('summary').click()
      const { left, right } = await panel(page).evaluate(one => one.getBoundingClientRect())
      expect([left >= 0, right <= width]).toEqual([true, true])
      const shots = process.env.SOJOURN_SHOTS
      if (shots) await page.screenshot({ path: `${shots}/inspector-${width}-${colorScheme}.png` })
      const { violations } = await new AxeBuilder({ page }).analyze()
      expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([])
    })
