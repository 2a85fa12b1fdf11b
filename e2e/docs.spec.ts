import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { AxeBuilder } from '@axe-core/playwright'
import { expect, type Page } from '@playwright/test'
import type { RunningCollector } from './helpers/collector.js'
import { test } from './helpers/test.js'

// `npm run docs` makes the pages, and `npm run test:long` does so before.
const folder = 'collector/dist/docs'
const isBuilt = existsSync(join(folder, 'index.html'))

/** What is typed, and the first place that it finds. */
const typedWords: readonly (readonly [typed: string, address: string])[] = [
  ['consent', 'guide/consent-and-privacy.html'],
  ['next', 'guide/recipes/next.html'],
  ['nextjs', 'guide/recipes/next.html'],
  ['Next.js', 'guide/recipes/next.html'],
  ['vuejs', 'guide/recipes/vue-router.html'],
  ['nuxtjs', 'guide/recipes/nuxt.html'],
  ['svelte', 'guide/in-an-application.html#svelte'],
  ['ssr', 'guide/in-an-application.html#on-a-server'],
  ['typescript', 'guide/in-an-application.html#typed-events'],
  ['sampling', 'guide/in-an-application.html#record-a-share-of-the-visits'],
  ['custom dimensions', 'guide/in-an-application.html#properties-of-every-event'],
  ['spa', 'guide/sessions-and-pages.html'],
  ['idle timeout', 'guide/sessions-and-pages.html#sessions'],
  ['webview', 'guide/own-parts.html#a-web-view-whose-app-sends-and-keeps'],
  ['WKWebView', 'guide/own-parts.html#a-web-view-whose-app-sends-and-keeps'],
  ['swift wkwebview', 'guide/own-parts.html#a-web-view-whose-app-sends-and-keeps'],
  ['react native', 'guide/own-parts.html#a-web-view-whose-app-sends-and-keeps'],
  ['service worker', 'guide/own-parts.html#a-service-worker-that-sends'],
  ['web worker', 'guide/own-parts.html#a-tracker-in-a-worker'],
  ['mv3', 'guide/own-parts.html#an-extension-manifest-v3'],
  ['getting started', 'guide/in-a-page.html'],
  ['wordpress', 'guide/in-a-page.html'],
  ['login', 'guide/in-a-page.html#who-signs-in-and-what-they-do'],
  ['csp', 'guide/in-a-page.html#a-strict-content-security-policy'],
  ['csp nonce', 'guide/in-a-page.html#a-strict-content-security-policy'],
  ['sri', 'guide/in-a-page.html#a-pinned-tag'],
  ['gdpr', 'privacy.html#a-paragraph-for-your-privacy-policy'],
  ['ip address', 'privacy.html#what-is-not-collected'],
  ['cookies', 'privacy.html#what-is-not-collected'],
  ['retention', 'privacy.html#how-long'],
  ['right to be forgotten', 'privacy.html#erasing-a-person'],
  ['cookie banner', 'guide/consent-and-privacy.html#banners'],
  ['do not track', 'guide/consent-and-privacy.html#signals-of-the-browser'],
  ['cross domain', 'guide/consent-and-privacy.html#one-visitor-over-subdomains'],
  ['ga4', 'guide/coming-from-elsewhere.html#gtag'],
  ['google tag manager', 'guide/coming-from-elsewhere.html#data-layer'],
  ['mixpanel', 'index.html#beside-other-trackers'],
  ['ad blocker', 'guide/first-party.html'],
  ['reverse proxy', 'operate.html#5-put-a-proxy-with-tls-in-front'],
  ['docker compose', 'operate.html#2-install'],
  ['kubernetes', 'operate.html#2-install'],
  ['mysql', 'operate.html#1-choose'],
  ['api key', 'operate.html#3-add-your-site'],
  ['export csv', 'operate.html#export-events'],
  ['dashboard', 'operate.html#the-explorer'],
  ['swagger', 'operate.html#the-documentation'],
  ['funnel', 'protocol.html#numbers'],
  ['webhook', 'protocol.html#watching'],
  ['scroll depth', 'api/sojourn/plugins/engagement.html#engagement'],
  ['utm_source', 'api/sojourn/plugins/campaign.html#campaign'],
  ['core web vitals', 'api/sojourn/plugins/vitals.html#vitals'],
  ['form abandonment', 'guide/plugins.html'],
  ['data loss', 'delivery.html'],
  ['safari', 'delivery.html#what-holds-in-which-engine'],
  ['incognito', 'guide/is-it-working.html#what-has-become-of-each-record'],
  ['devtools', 'guide/inspector.html'],
  ['cypress', 'guide/testing.html'],
  ['bundle size', 'size-and-speed.html#size'],
]

test.describe('the documentation', { tag: '@long' }, () => {
  test.skip(!isBuilt, 'the documentation is not built: npm run docs')

  let docs = ''
  let troubles: string[] = []

  test.beforeEach(({ page, shared }: { page: Page; shared: RunningCollector }) => {
    docs = `${shared.url}/docs/`
    troubles = []
    page.on('console', message => {
      if (message.type() === 'error' || message.type() === 'warning') troubles.push(message.text())
    })
    page.on('pageerror', error => troubles.push(error.message))
    page.on('request', request => {
      if (!request.url().startsWith(docs)) troubles.push(`asked for ${request.url()}`)
    })
    page.on('response', response => {
      if (response.status() >= 400) troubles.push(`${response.status()} ${response.url()}`)
    })
  })

  test('opens every page under its policy, without an error, a request elsewhere, or a bar to scroll sideways', async ({
    page,
  }) => {
    // There are more than sixty, and a busy machine needs seconds for each.
    test.slow()
    const pages = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(name => name.endsWith('.html'))
    expect(pages.length).toBeGreaterThan(30)
    await page.setViewportSize({ width: 390, height: 800 })
    for (const name of pages) {
      await page.goto(docs + name.replaceAll('\\', '/'))
      await expect(page.getByRole('button', { name: 'Search' })).toBeVisible()
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
      expect([name, wide]).toEqual([name, 0])
    }
    expect(troubles).toEqual([])
  })

  test('leads from an address at which there is nothing to its search', async ({ page }) => {
    await page.goto(`${docs}guide/gone`)
    await page.getByRole('link', { name: 'its search' }).click()
    await expect(page.getByRole('searchbox', { name: 'Search the documentation' })).toBeFocused()
    expect(troubles.filter(one => !/404/.test(one))).toEqual([])
  })

  test('finds a word, and goes to the part of the page that says it', async ({ page }) => {
    await page.goto(docs)
    await page.keyboard.press('/')
    await page.getByRole('searchbox', { name: 'Search the documentation' }).fill('global privacy control')
    const results = page.getByRole('dialog').getByRole('link')
    await expect(results.first()).toContainText('Privacy Control')
    await page.keyboard.press('Enter')
    await expect(page.getByRole('dialog')).toBeHidden()
    await expect(page.getByRole('main')).toContainText('Global Privacy Control')
    expect(troubles).toEqual([])
  })

  test('finds names of the interface, and says so if it finds nothing', async ({ page }) => {
    await page.goto(`${docs}guide/plugins.html`)
    await page.getByRole('button', { name: 'Search' }).click()
    const input = page.getByRole('searchbox', { name: 'Search the documentation' })
    await input.fill('createTracker')
    await expect(
      page
        .getByRole('dialog')
        .getByRole('link', { name: /createTracker\(\)/ })
        .first(),
    ).toHaveAttribute('href', '../api/sojourn.html#createtracker')
    await input.fill('xyzzyplugh')
    await expect(page.getByRole('status')).toHaveText(/Nothing was found/)
  })

  test('finds the page for what developers and owners type, also in other words than its own', async ({ page }) => {
    await page.goto(docs)
    await page.getByRole('button', { name: 'Search' }).click()
    const input = page.getByRole('searchbox', { name: 'Search the documentation' })
    const first = page.getByRole('dialog').getByRole('link').first()
    for (const [typed, address] of typedWords) {
      // Without it the places of the word before would be read.
      await input.fill('')
      await expect(first).toBeHidden()
      await input.fill(typed)
      await expect.soft(first, typed).toHaveAttribute('href', `./${address}`)
    }
  })

  test('is one click away from the explorer, which leads to what a page is about', async ({ page, shared }) => {
    await page.goto(`${shared.url}/explore/default/setup`)
    const opened = async (name: string): Promise<Page> => {
      const [tab] = await Promise.all([
        page.waitForEvent('popup'),
        page.getByRole('link', { name, exact: true }).click(),
      ])
      return tab
    }
    await expect((await opened('Docs')).getByRole('heading', { level: 1 })).toHaveText('Sojourn')
    const tab = await opened('More on strict pages')
    await expect(tab.getByRole('heading', { name: 'A strict Content-Security-Policy' })).toBeInViewport()
  })

  test('leads to every page without a script', async ({ browser }) => {
    const context = await browser.newContext({ javaScriptEnabled: false, viewport: { width: 390, height: 800 } })
    const page = await context.newPage()
    await page.goto(docs)
    const links = page.getByRole('navigation', { name: 'Pages' }).locator('a')
    expect(await links.count()).toBeGreaterThan(30)
    await page.getByRole('navigation', { name: 'Pages' }).getByText('Operate').click()
    await page.getByRole('link', { name: 'Operating a collector' }).first().click()
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Operating a collector')
    await context.close()
  })

  // One page of each kind. On the longest the check alone takes a minute.
  for (const name of ['index.html', 'guide/in-an-application.html', 'conformance.html', 'api/sojourn/react.html'])
    test(`can be read by everybody, in light and dark (${name})`, async ({ page }) => {
      await page.goto(docs + name)
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme })
        const { violations } = await new AxeBuilder({ page }).analyze()
        expect(violations.map(({ id, nodes }) => [colorScheme, id, nodes[0]?.html])).toEqual([])
      }
    })
})
