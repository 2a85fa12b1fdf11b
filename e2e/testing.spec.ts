import { mergeTests } from '@playwright/test'
import { expect, test as tracked } from 'sojourn/testing/playwright'
import { startTestCollector } from 'sojourn-collector/testing'
import { startSite } from './helpers/site.js'
import { test as bare } from './helpers/test.js'

const errorOf = async (promise: Promise<unknown>): Promise<string> => {
  const error = await promise.then(() => new Error('it has passed')).catch((cause: Error) => cause)
  // oxlint-disable-next-line no-control-regex -- colours of a terminal
  return error.message.replace(/\u001B\[\d+m/g, '')
}

/** A shop with a tracker and a button. Its collector is in its address; without one, nobody reaches it. */
const shop = `<!doctype html><title>Shop</title>
<button onclick="tracker.track('AddToCart', { sku: 'A1' })">Add</button>
<script type="module">
  import { createTracker } from '/core.js'
  const collector = new URL(location.href).searchParams.get('collector') ?? 'http://collector.example'
  window.tracker = createTracker({ collector, key: 'shop' })
</script>`

/** Serves the shop. Playwright reads from the pattern that no other fixture is needed. */
// oxlint-disable-next-line no-empty-pattern
async function baseURL({}: object, use: (url: string) => Promise<void>): Promise<void> {
  const site = await startSite(() => shop)
  await use(site.url)
  await site.stop()
}

const test = mergeTests(bare, tracked).extend<object>({ baseURL })

/** Gives up at once. */
const hasty = expect.configure({ timeout: 1 })

test('adding to the cart is tracked', async ({ page }) => {
  await page.goto('/')
  await page.getByRole('button', { name: 'Add' }).click()
  await expect(page).toHaveTracked('AddToCart', { sku: 'A1' })
})

test('the matchers find pages and sessions, and what is not there', async ({ page, collector }) => {
  await page.goto('/tea')
  await expect(page).toHavePage({ title: 'Shop', url: expect.stringContaining('/tea') })
  await expect(page).not.toHaveSession()
  await page.evaluate(() => window.tracker.signIn('ada'))
  await expect(page).toHaveSession({ identityId: 'ada', endDate: 0 })
  await expect(page).not.toHaveTracked('AddToCart')
  await expect(page).toHaveTracked('SignIn', undefined, { times: 1 })
  await expect(collector).toHaveTracked('SignIn')
  expect(collector.session()?.identityId).toBe('ada')
})

test('a matcher waits until the event is tracked', async ({ page }) => {
  await page.goto('/')
  await page.evaluate(() => setTimeout(() => window.tracker.track('Later'), 300))
  await expect(page).toHaveTracked('Later')
})

test('a failure says what was tracked', { tag: '@long' }, async ({ page }) => {
  await page.goto('/')
  await page.getByRole('button').click()
  await expect(page).toHaveTracked('AddToCart')
  const missing = await errorOf(hasty(page).toHaveTracked('Checkout', { total: expect.any(Number) }))
  expect(missing).toContain('Checkout {"total":"Any<Number>"} was not tracked.')
  expect(missing).toContain('AddToCart {"sku":"A1"}')
  expect(await errorOf(hasty(page).not.toHaveTracked('AddToCart'))).toContain('AddToCart was tracked.')
})

test('a failure says what keeps records from arriving', async ({ page, collector }) => {
  await page.goto('about:blank')
  expect(await errorOf(hasty(page).toHaveTracked('A'))).toContain('There is no tracker on this page.')
  collector.fail('offline')
  await page.goto('/')
  await page.getByRole('button').click()
  expect(await errorOf(hasty(page).toHaveTracked('AddToCart'))).toMatch(/The page has not sent \d records yet/)
})

test('what a page still owes may be anything, so nothing passes for not there', async ({ page, collector }) => {
  collector.fail('offline')
  await page.goto('/')
  await page.getByRole('button').click()
  const error = await errorOf(expect.configure({ timeout: 300 })(page).not.toHaveTracked('AddToCart'))
  expect(error).toContain('The page still owes records')
  expect(error).toMatch(/The page has not sent \d records yet/)
  collector.recover()
  await expect(page).not.toHaveTracked('Checkout')
  expect(await errorOf(expect(page).not.toHaveTracked('AddToCart'))).toContain('AddToCart was tracked.')
})

test('a number of times holds only if the page owes nothing', async ({ page, collector }) => {
  await page.goto('/')
  await page.getByRole('button').click()
  await expect(page).toHaveTracked('AddToCart', undefined, { times: 1 })
  collector.fail('offline')
  await page.getByRole('button').click()
  const error = await errorOf(hasty(page).toHaveTracked('AddToCart', undefined, { times: 1 }))
  expect(error).toContain('The page still owes records')
  collector.recover()
  await expect(page).toHaveTracked('AddToCart', undefined, { times: 2 })
})

test('nothing passes for not there before the page has a tracker', async ({ page }) => {
  await page.route('**/core.js', async route => {
    await new Promise(resolve => setTimeout(resolve, 500))
    await route.fallback()
  })
  await page.goto('/', { waitUntil: 'commit' })
  expect(await errorOf(expect(page).not.toHavePage({ title: 'Shop' }))).toContain('There is a page')
})

test('what waits for consent is not there', async ({ page }) => {
  await page.goto('/')
  await page.evaluate(() => window.tracker.consent('pending'))
  await page.getByRole('button').click()
  await expect(page).not.toHaveTracked('AddToCart')
})

test('a matcher with a timeout looks for so long whether something comes', async ({ page, collector }) => {
  await page.goto('/')
  await page.evaluate(() => {
    setTimeout(() => {
      window.tracker.track('Later')
      void window.tracker.flush()
    }, 300)
  })
  const timeout = { timeout: 5000 }
  expect(await errorOf(expect(page).not.toHaveTracked('Later', undefined, timeout))).toContain('Later was tracked.')
  expect(await errorOf(expect(collector).not.toHaveTracked('Later', undefined, timeout))).toContain('was tracked.')
})

test('a matcher looks as long as it is told to', async ({ page }) => {
  await page.goto('/')
  await page.evaluate(() => setTimeout(() => window.tracker.track('Later'), 300))
  await hasty(page).toHaveTracked('Later', undefined, { timeout: 5000 })
})

test('what was collected while the collector was offline arrives once', { tag: '@long' }, async ({
  page,
  collector,
}) => {
  collector.fail('lost-answer', 2)
  await page.goto('/')
  await page.getByRole('button').click()
  await expect(page).toHaveTracked('AddToCart', { sku: 'A1' }, { times: 1 })
  await expect.poll(() => page.evaluate(() => window.tracker.flush())).toMatchObject({ owed: 0 })
  await expect(collector).toHaveTracked('AddToCart', undefined, { times: 1 })
})

test('a page whose context has no collector, and what is no page, are refused', async ({ browser }) => {
  const context = await browser.newContext()
  expect(await errorOf(hasty(await context.newPage()).toHaveTracked('A'))).toContain('the page has no collector')
  expect(await errorOf(hasty({}).toHaveTracked('A'))).toContain('expect needs a page')
  await context.close()
})

test.describe('with a collector for end-to-end tests', () => {
  const test = bare.extend<object>({ baseURL })

  test('what a page sends as it closes arrives', async ({ page }) => {
    const collector = await startTestCollector()
    await page.goto(`/?collector=${collector.url}`)
    await page.getByRole('button', { name: 'Add' }).click()
    await page.close()
    await expect(collector).toHaveTracked('AddToCart', { sku: 'A1' }, { times: 1 })
    await collector.stop()
  })

  test('it has no more what was cleared', { tag: '@long' }, async ({ page }) => {
    const collector = await startTestCollector()
    await page.goto(`/?collector=${collector.url}`)
    await expect(collector).toHavePage({ title: 'Shop' })
    collector.clear()
    await hasty(collector).not.toHavePage()
    await collector.stop()
  })
})
