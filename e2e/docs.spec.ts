import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { AxeBuilder } from '@axe-core/playwright'
import { expect, type Page } from '@playwright/test'
import type { RunningCollector } from './helpers/collector.js'
import { test } from './helpers/test.js'

// `npm run docs` makes the pages, and `npm run test:long` does so before.
const folder = 'collector/dist/docs'
const isBuilt = existsSync(join(folder, 'index.html'))

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
    // A page that is about the word comes first, and a word that the documentation does not use leads to what it says.
    for (const [word, title] of [
      ['consent', 'Consent and privacy'],
      ['next', 'Next'],
      ['csp', 'A strict Content-Security-Policy'],
    ] as const) {
      await input.fill(word)
      await expect(page.getByRole('dialog').getByRole('link').first().locator('b')).toHaveText(title)
    }
    await input.fill('xyzzyplugh')
    await expect(page.getByRole('status')).toHaveText(/Nothing was found/)
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
