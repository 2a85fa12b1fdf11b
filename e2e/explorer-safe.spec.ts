import { readdirSync, readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { AxeBuilder } from '@axe-core/playwright'
import { expect, type Page } from '@playwright/test'
import { test, untilCounted } from './helpers/explorer-test.js'
import { isLong } from './helpers/long.js'
import { hostileTexts, makeHostileVisits, makeShopVisits, sendVisits } from './helpers/seed.js'

const folder = 'collector/dist/explorer'
/** Every page, with everything open that can be. */
const paths = [
  'now',
  'setup',
  'sessions?automated=include&identityId=',
  'sessions?identityId=nobody',
  `numbers?event=Hostile&property=text&step=event:Hostile&step=${encodeURIComponent('page:https://shop.example/')}`,
  'numbers?since=1990-01-01&until=1990-01-02',
  'nothing',
]

/** Waits until nothing of the page is on its way. */
async function settle(page: Page): Promise<void> {
  await expect(page.locator('main h1').first()).toBeVisible()
  await expect(page.locator('.loading')).toHaveCount(0)
}

test('is loaded with at most 80 KiB, with nothing of others', () => {
  // Some are there a second time, as the build has compressed them.
  const names = readdirSync(folder).filter(name => !name.endsWith('.br'))
  const sizes = names.map(name => gzipSync(readFileSync(`${folder}/${name}`), { level: 9 }).length)
  expect(sizes.length).toBe(3)
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(80 * 1024)
  expect(readFileSync(`${folder}/index.html`, 'utf8')).not.toMatch(
    /style=|<style|https?:\/\/(?!www\.w3\.org\/2000\/svg)/,
  )
})

const allLooks = [
  [1280, 'light'],
  [390, 'dark'],
] as const
/** What the page is looked at in. A phone has less room, and dark colors less contrast. */
const looks = isLong ? allLooks : allLooks.slice(1)

test('shows hostile texts harmlessly, however wide the page is', async ({ explorer, collector }) => {
  await sendVisits(collector.url, makeHostileVisits(Date.now()))
  await untilCounted(collector.url)
  for (const [width] of looks) {
    await explorer.setViewportSize({ width, height: 900 })
    for (const path of paths) {
      await explorer.goto(`${collector.url}/explore/default/${path}`)
      await settle(explorer)
      expect(await explorer.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0)
      expect(
        await explorer.evaluate(() => document.querySelectorAll('main script, main img, main iframe').length),
      ).toBe(0)
    }
  }
  // Words that mark a state stay in their place.
  await explorer.goto(`${collector.url}/explore/default/sessions/s-hostile-0`)
  await expect(explorer.locator('dd > .badge').first()).toBeVisible()
  const tooWide = (badges: Element[]) =>
    badges.filter(one => one.getBoundingClientRect().width > (one.parentElement?.clientWidth ?? 0)).length
  expect(await explorer.locator('dd > .badge').evaluateAll(tooWide)).toBe(0)
  // A text that turns the direction is shown as what it is.
  await explorer.goto(`${collector.url}/explore/default/sessions`)
  await expect(explorer.getByText('[U+202E]gnp.exe[U+202C]').first()).toBeVisible()
  await expect(explorer.getByText('<script>window.harmed').first()).toBeVisible()
  // Each identity can be filtered by, whatever it is.
  for (const text of hostileTexts.filter((one, n) => one.trim() === one && (isLong || n % 4 === 1))) {
    await explorer.goto(`${collector.url}/explore/default/sessions?identityId=${encodeURIComponent(text)}`)
    await expect(explorer.getByRole('table', { name: 'Sessions' }).locator('tbody tr')).toHaveCount(1)
  }
  // A time beyond dates is the number itself.
  await explorer.goto(`${collector.url}/explore/default/sessions?identityId=beyond-3&until=${Number.MAX_SAFE_INTEGER}`)
  await expect(explorer.getByText(/^\d{16} ms$/).first()).toBeVisible()
})

test('takes addresses that nobody has made with it', { tag: '@long' }, async ({ explorer, collector, expected }) => {
  expected.push(/Failed to load resource: .* 40[04]/)
  for (const path of [
    '%E0%A4%A/now',
    'default/sessions/%FF%FE',
    'default/identities/..%2F..%2Fadmin',
    'default/sessions?after=%00&page=-1&sort=%3Cscript%3E&order=up',
    `default/numbers?since=2026-13-45&until=x&days=1e9&step=${'x'.repeat(5000)}&by=%22`,
    'default/sessions?open=maybe&minDuration=-1&until=2026-02-31&endReason=constructor&complete=__proto__',
    'default//now//',
  ]) {
    await explorer.goto(`${collector.url}/explore/${path}`)
    await expect(explorer.locator('main')).toBeVisible()
    await expect(explorer.locator('.loading')).toHaveCount(0)
    await expect(explorer.getByText('defect')).toHaveCount(0)
  }
  // The same address would be refused again.
  await explorer.goto(`${collector.url}/explore/default/sessions?open=maybe`)
  await explorer.getByRole('button', { name: 'Start without filters' }).click()
  await expect(explorer.getByText('No sessions yet')).toBeVisible()
})

for (const path of paths)
  test(`has nothing serious that axe finds: ${path.replace(/\?.*(.{12})$/, ' $1')}`, {
    tag: path.startsWith('sessions?automated') ? [] : '@long',
  }, async ({ explorer, collector }) => {
    // axe looks at each element, which takes a minute on a busy machine.
    test.slow()
    await sendVisits(collector.url, makeShopVisits(20, 20, Date.now()))
    await untilCounted(collector.url)
    for (const [width, colorScheme] of looks) {
      await explorer.setViewportSize({ width, height: 900 })
      await explorer.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
      await explorer.goto(`${collector.url}/explore/default/${path}`)
      await settle(explorer)
      for (const summary of await explorer.locator('summary').all()) await summary.click()
      // The other mode runs axe in a page of its own, which takes as long again.
      const { violations } = await new AxeBuilder({ page: explorer }).setLegacyMode().analyze()
      const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
      expect(serious.map(({ id, nodes }) => `${id} ${nodes[0]?.html.slice(0, 200)}`)).toEqual([])
    }
  })

test('can be used with the keyboard alone', async ({ explorer, collector }) => {
  await sendVisits(collector.url, makeShopVisits(20, 20, Date.now()))
  await untilCounted(collector.url)
  await explorer.goto(`${collector.url}/explore/default/now`)
  await settle(explorer)
  await explorer.keyboard.press('Tab')
  await expect(explorer.getByText('Skip to the content')).toBeFocused()
  await explorer.keyboard.press('Enter')
  await expect(explorer.locator('main')).toBeFocused()
  await explorer.getByRole('link', { name: 'Sessions', exact: true }).focus()
  await explorer.keyboard.press('Enter')
  await expect(explorer.getByRole('heading', { name: 'Sessions' })).toBeVisible()
  // A new page begins at its content.
  await expect(explorer.locator('main')).toBeFocused()

  // Every control is reached, in the order of the page, and its focus is seen.
  const names: string[] = []
  for (let n = 0; n < 16; n++) {
    await explorer.keyboard.press('Tab')
    const [name, outline] = await explorer.evaluate(() => {
      const element = document.activeElement as HTMLElement
      const label = (element as HTMLInputElement).labels?.[0]?.textContent
      return [label ?? element.textContent ?? '', getComputedStyle(element).outlineStyle] as const
    })
    if (names.at(-1) !== name) names.push(name)
    expect(`${name} ${outline}`).not.toContain(' none')
  }
  expect(names.slice(0, 5)).toEqual(['Save as CSV', 'NDJSON', 'Identity', 'From (UTC)', 'To (UTC)'])

  await explorer.getByRole('columnheader', { name: 'Pages' }).getByRole('button').focus()
  await explorer.keyboard.press('Enter')
  await expect(explorer).toHaveURL(/sort=pages/)
  await expect(explorer.getByRole('columnheader', { name: 'Pages' })).toHaveAttribute('aria-sort', 'descending')
  // Sorting keeps the focus where it was.
  await expect(explorer.getByRole('columnheader', { name: 'Pages' }).getByRole('button')).toBeFocused()
  await explorer.getByRole('table', { name: 'Sessions' }).getByRole('link').first().focus()
  await explorer.keyboard.press('Enter')
  await expect(explorer).toHaveURL(/explore\/default\/sessions\/s-/)
})

test('has the focus in its content after a token was taken, and in the field when it is locked', async ({
  explorer,
  collector,
  expected,
}) => {
  expected.push(/Failed to load resource: .* 401/)
  await explorer.route(/\/v1\//, route =>
    route.request().headers()['authorization'] === 'Bearer right'
      ? route.continue({ headers: { ...route.request().headers(), authorization: '' } })
      : route.fulfill({ status: 401, json: { error: 'no-token', message: 'a token is needed' } }),
  )
  await explorer.goto(`${collector.url}/explore/default/sessions`)
  await expect(explorer.getByLabel('Token')).toBeFocused()
  await explorer.keyboard.type('right')
  await explorer.keyboard.press('Enter')
  await expect(explorer.getByRole('heading', { name: 'Sessions' })).toBeVisible()
  await expect(explorer.locator('main')).toBeFocused()
  await explorer.getByRole('button', { name: 'Lock' }).press('Enter')
  await expect(explorer.getByLabel('Token')).toBeFocused()
})

test('does not move what is below while it loads', { tag: '@long' }, async ({ explorer, collector }) => {
  await sendVisits(collector.url, makeShopVisits(20, 20, Date.now()))
  await untilCounted(collector.url)
  await explorer.addInitScript(() => {
    Object.assign(window, { shift: 0 })
    new PerformanceObserver(list => {
      for (const entry of list.getEntries())
        (window as unknown as { shift: number }).shift += (entry as unknown as { value: number }).value
    }).observe({ type: 'layout-shift', buffered: true })
  })
  for (const path of ['sessions', 'numbers', 'now'])
    for (const width of [1280, 390]) {
      await explorer.setViewportSize({ width, height: 900 })
      await explorer.goto(`${collector.url}/explore/default/${path}`)
      await settle(explorer)
      await expect(explorer.locator('.is-stale')).toHaveCount(0)
      expect(await explorer.evaluate(() => (window as unknown as { shift: number }).shift)).toBeLessThan(0.1)
    }
})

test('touches are large enough on a phone', { tag: '@long' }, async ({ explorer, collector }) => {
  await sendVisits(collector.url, makeShopVisits(20, 5, Date.now()))
  await untilCounted(collector.url)
  await explorer.setViewportSize({ width: 390, height: 844 })
  for (const path of ['now', 'sessions?identityId=ada', 'numbers', 'setup']) {
    await explorer.goto(`${collector.url}/explore/default/${path}`)
    await settle(explorer)
    const small = await explorer
      .locator('button:visible:not(.inline), select:visible, input:visible, nav a:visible')
      .evaluateAll(all =>
        all
          .map(one => ({ text: one.textContent, height: one.getBoundingClientRect().height }))
          .filter(({ height }) => height < 44),
      )
    expect(small).toEqual([])
  }
})
