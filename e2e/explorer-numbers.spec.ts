import { expect, type Page } from '@playwright/test'
import { test, untilCounted } from './helpers/explorer-test.js'
import { makeShopVisits, sendVisits, type VisitPlan } from './helpers/seed.js'

const dayMs = 86_400_000
const today = Math.floor(Date.now() / dayMs) * dayMs
const toDay = (at: number): string => new Date(at).toISOString().slice(0, 10)
const total = (page: Page, title: string) => page.locator('.totals > div').filter({ hasText: title }).locator('.total')
const table = (page: Page, name: string) => page.getByRole('table', { name, exact: true })

/** A visit some days ago, at noon of UTC, so that all of it is on that day. */
const makeVisitAt = (name: string, daysAgo: number, more: Partial<VisitPlan> = {}): VisitPlan => ({
  name,
  startDate: today - daysAgo * dayMs + (daysAgo === 0 ? 60_000 : dayMs / 2),
  identityId: `person-${name}`,
  pages: ['https://shop.example/', 'https://shop.example/cart?from=menu#top'],
  ...more,
})

test('counts what was stored, for any period, beside the period before', async ({ explorer, collector }) => {
  await sendVisits(collector.url, [
    makeVisitAt('a', 1),
    makeVisitAt('b', 2, { identityId: null }),
    makeVisitAt('c', 3, { identityId: 'person-a' }),
    makeVisitAt('d', 3, { identityId: 'person-a' }),
    makeVisitAt('e', 8),
    makeVisitAt('f', 8, { automated: true }),
  ])
  await untilCounted(collector.url)
  const week = `since=${toDay(today - 6 * dayMs)}&until=${toDay(today)}`
  await explorer.goto(`${collector.url}/explore/default/numbers?${week}`)
  await expect(total(explorer, 'Visits')).toHaveText('4')
  await expect(total(explorer, 'Sessions')).toHaveText('3')
  await expect(total(explorer, 'Page views')).toHaveText('8')
  await expect(explorer.locator('.totals')).toContainText('+300 % from 1')
  await expect(
    explorer.getByText(`Compared with ${toDay(today - 13 * dayMs)} to ${toDay(today - 7 * dayMs)}. Today is not over.`),
  ).toBeVisible()
  // No line ends within a date.
  await explorer.setViewportSize({ width: 390, height: 844 })
  for (const day of await explorer.locator('.period-note .day').all())
    expect(await day.evaluate(one => one.getClientRects().length)).toBe(1)
  await explorer.setViewportSize({ width: 1280, height: 720 })

  await explorer.goto(
    `${collector.url}/explore/default/numbers?since=${toDay(today - 6 * dayMs)}&until=${toDay(today - dayMs)}`,
  )
  await expect(total(explorer, 'Visits')).toHaveText('4')
  await expect(explorer.getByText('Today is not over')).toHaveCount(0)
  await explorer.goBack()

  // Each day stands in the table behind the chart, the empty ones too. Two visits of one person are one visitor.
  const visitors = explorer.locator('section').filter({ has: explorer.getByRole('heading', { name: 'Visitors' }) })
  await visitors.getByText('Numbers as a table').click()
  await expect(table(explorer, 'Visitors a day').locator('tbody tr')).toHaveText([
    ...[6, 5, 4].map(ago => `${toDay(today - ago * dayMs)}${0}${0}`),
    `${toDay(today - 3 * dayMs)}01`,
    `${toDay(today - 2 * dayMs)}01`,
    `${toDay(today - dayMs)}11`,
    `${toDay(today)} (not over)00`,
  ])

  await explorer.getByLabel('Automated browsers').selectOption('counted alone')
  await expect(explorer.locator('.totals')).toContainText('−100 % from 1')
  await explorer.goBack()
  await expect(total(explorer, 'Visits')).toHaveText('4')
  await explorer.getByRole('button', { name: 'Today' }).click()
  await expect(explorer.getByText('Today is not over, and the day before is whole.')).toBeVisible()
  await explorer.getByRole('button', { name: '365 days' }).click()
  await expect(total(explorer, 'Visits')).toHaveText('5')
  await expect(explorer).toHaveURL(/numbers\?days=365$/)
})

test('shows the same totals as a count of the seeds', { tag: '@long' }, async ({ explorer, collector }) => {
  const plans = makeShopVisits(60, 20, today)
  await sendVisits(collector.url, plans)
  await untilCounted(collector.url)
  await explorer.goto(`${collector.url}/explore/default/numbers`)
  const counted = plans.filter(plan => !plan.automated)
  const sum = (toCount: (plan: VisitPlan) => number): string =>
    counted.reduce((sum, plan) => sum + toCount(plan), 0).toLocaleString('en')
  await expect(total(explorer, 'Visits')).toHaveText(sum(() => 1))
  await expect(total(explorer, 'Sessions')).toHaveText(sum(plan => (plan.identityId === null ? 0 : 1)))
  await expect(total(explorer, 'Page views')).toHaveText(sum(plan => plan.pages.length))
  await expect(total(explorer, 'Events')).toHaveText(sum(plan => plan.events?.length ?? 0))
})

test('ranks pages, referrers and events, and events by a property of their data', { tag: '@long' }, async ({
  explorer,
  collector,
}) => {
  await sendVisits(collector.url, [
    makeVisitAt('a', 1, {
      referrer: 'https://search.example/?q=tea',
      events: [['AddToCart', { sku: 'tea', gift: true }]],
    }),
    makeVisitAt('b', 1, { referrer: 'https://search.example/?q=lamp', events: [['AddToCart', { sku: 'lamp' }]] }),
    makeVisitAt('c', 1, {
      pages: ['https://shop.example/long'],
      stepMs: 1000,
      events: [['AddToCart', { sku: 'tea' }]],
    }),
    makeVisitAt('d', 40, { events: [['AddToCart', { sku: 'tea' }]] }),
  ])
  await untilCounted(collector.url)
  await explorer.goto(`${collector.url}/explore/default/numbers`)
  const row = (name: string, key: string) => table(explorer, name).locator('tbody tr').filter({ hasText: key })
  await expect(row('Pages', 'https://shop.example/cart')).toContainText('2')
  await expect(row('First pages', 'https://shop.example/long')).toContainText('1')
  await expect(row('Last pages', 'https://shop.example/cart')).toContainText('2')
  await expect(row('Where visits come from', 'https://search.example/')).toContainText('2')
  await expect(row('Events', 'AddToCart')).toContainText('+200 %')

  await table(explorer, 'Events').getByRole('button', { name: 'AddToCart' }).click()
  await explorer.getByLabel('Property').selectOption('sku')
  await expect(table(explorer, 'AddToCart by its data').locator('tbody tr')).toHaveCount(2)
  await expect(row('AddToCart by its data', 'tea')).toContainText('67 %')
  await explorer.getByLabel('Property').selectOption('gift')
  await expect(row('AddToCart by its data', 'true')).toContainText('100 %')
  await expect(explorer).toHaveURL(/event=AddToCart&property=gift$/)
  await explorer.reload()
  await expect(row('AddToCart by its data', 'true')).toBeVisible()

  await explorer.getByRole('button', { name: 'By time active' }).click()
  await expect(table(explorer, 'Pages').getByRole('columnheader').nth(2)).toHaveText('Time active')
  await expect(table(explorer, 'Pages').locator('tbody tr').first()).toContainText('https://shop.example/')
  // A page leads to the sessions of this time that have seen it.
  await row('Pages', 'https://shop.example/cart').getByRole('link').click()
  await expect(explorer.getByRole('table', { name: 'Sessions' }).locator('tbody tr')).toHaveCount(2)
})

test('counts a funnel of chosen steps, and keeps it in the address', { tag: '@long' }, async ({
  explorer,
  collector,
}) => {
  const cart = 'https://shop.example/cart'
  await sendVisits(collector.url, [
    makeVisitAt('a', 1, {
      events: [
        ['Search', {}],
        ['Purchase', {}],
      ],
    }),
    makeVisitAt('b', 1, { events: [['Search', {}]] }),
    makeVisitAt('c', 1, {
      events: [
        ['Purchase', {}],
        ['Search', {}],
      ],
    }),
    makeVisitAt('d', 1, { pages: ['https://shop.example/'], events: [['Purchase', {}]] }),
  ])
  await untilCounted(collector.url)
  await explorer.goto(`${collector.url}/explore/default/numbers`)
  await expect(explorer.getByText('Choose two steps or more')).toBeVisible()
  await explorer.getByLabel('Step 1', { exact: true }).selectOption('Page')
  await explorer.getByLabel('Address of the page').fill(cart)
  await explorer.getByLabel('Name of the event').fill('Search')
  await explorer.getByRole('button', { name: 'Add a step' }).click()
  await explorer.getByLabel('Name of the event').nth(1).fill('Purchase')
  await explorer.getByRole('button', { name: 'Count' }).click()
  const sessions = table(explorer, 'Steps of the funnel').locator('[data-title="Sessions"]')
  await expect(sessions).toHaveText(['3', '3', '1'])
  await expect(explorer).toHaveURL(/step=page%3Ahttps.*step=event%3ASearch&step=event%3APurchase/)
  await explorer.reload()
  await expect(sessions).toHaveText(['3', '3', '1'])
  await explorer.getByRole('button', { name: 'Remove step 2' }).click()
  await explorer.getByRole('button', { name: 'Count' }).click()
  await expect(sessions).toHaveText(['3', '2'])
  await explorer.goBack()
  await expect(sessions).toHaveText(['3', '3', '1'])
})

test('draws each chart from zero, in the colors of the scheme, and anew when the window changes', {
  tag: '@long',
}, async ({ explorer, collector }) => {
  await sendVisits(collector.url, makeShopVisits(40, 10, today))
  await untilCounted(collector.url)
  await explorer.goto(`${collector.url}/explore/default/numbers`)
  const chart = explorer.getByRole('img', { name: 'Visitors a day' })
  await expect(chart.locator('canvas')).toBeVisible()
  // The chart is drawn anew, perhaps while its picture is taken.
  const picture = (): Promise<string> =>
    chart.locator('canvas').evaluate(canvas => (canvas as HTMLCanvasElement).toDataURL())
  const light = await picture()
  await explorer.emulateMedia({ colorScheme: 'dark' })
  await expect.poll(picture).not.toBe(light)
  // High contrast, too, leaves the legend the color of each line.
  await explorer.emulateMedia({ colorScheme: 'light', forcedColors: 'active' })
  const edges = (): Promise<string[]> =>
    chart
      .locator('.u-series:not(:first-child) .u-marker')
      .evaluateAll(all => all.map(one => getComputedStyle(one).borderTopColor))
  await expect.poll(async () => new Set(await edges()).size).toBe(2)
  const width = (): Promise<number> => chart.locator('canvas').evaluate(canvas => canvas.clientWidth)
  const wide = await width()
  await explorer.setViewportSize({ width: 390, height: 844 })
  await expect.poll(width).toBeLessThan(wide)
})
