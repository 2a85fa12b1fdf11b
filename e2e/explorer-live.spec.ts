import { expect } from '@playwright/test'
import { pluginWords } from '../collector/explorer/src/now/plugin-words.js'
import { expectAccessible } from './helpers/explorer.js'
import { command, test, testWithProcess, untilCounted } from './helpers/explorer-test.js'
import { makeVisit, sendVisits, type VisitPlan } from './helpers/seed.js'

const makeNow = (name: string, more: Partial<VisitPlan> = {}): VisitPlan => ({
  name,
  startDate: Date.now() - 5000,
  identityId: 'ada',
  pages: ['https://shop.example/'],
  stepMs: 1000,
  end: 'open',
  ...more,
})

testWithProcess(
  'shows what happens as it happens, and goes on after the collector was away',
  async ({ explorer, collector, expected }) => {
    await explorer.goto(`${collector.url}/explore/default/now`)
    const state = explorer.locator('.page-head').getByRole('status')
    await expect(state).toHaveText('Live')
    await expect(explorer.getByText('No events yet')).toBeVisible()

    await sendVisits(collector.url, [makeNow('one', { events: [['AddToCart', { sku: 'tea' }]] })])
    await expect(explorer.locator('.latest')).toContainText('AddToCart')
    await expect(explorer.locator('.totals > div').filter({ hasText: 'Sessions open' }).locator('.total')).toHaveText(
      '1',
    )
    await sendVisits(collector.url, [makeNow('two', { identityId: null, events: [['Search', {}]] })])
    await expect(explorer.locator('.latest li').filter({ hasText: 'Search' })).toContainText('not signed in')

    expected.push(/Failed to load resource|ERR_/)
    await collector.kill()
    await expect(state).toContainText('Connecting again')
    // What was shown stays.
    await expect(explorer.locator('.latest')).toContainText('AddToCart')
    await collector.start()
    // The process that was killed does not count beside the one that was started again.
    await expect(state).toHaveText('Live', { timeout: 40_000 })
    await sendVisits(collector.url, [makeNow('three', { events: [['Purchase', {}]] })])
    await expect(explorer.locator('.latest')).toContainText('Purchase')
  },
)

test('tells of records that came again, came late, or were refused', { tag: '@long' }, async ({
  explorer,
  collector,
}) => {
  const fate = (name: string) => explorer.locator('.fate').filter({ hasText: name }).locator('dd')
  const late = makeNow('late', { startDate: Date.now() - 3_600_000, identityId: null })
  await sendVisits(collector.url, [late, late])
  const bad = { v: 1, visits: [{ visitID: 'v', startDate: 1, pages: [], events: [{ eventID: 'x' }] }], sessions: [] }
  await fetch(`${collector.url}/v1/sessions?key=default`, { method: 'POST', body: JSON.stringify(bad) })
  await explorer.goto(`${collector.url}/explore/default/now`)
  await expect(fate('Sent again')).toHaveText('1')
  await expect(fate('Late')).toHaveText('1')
  await expect(fate('Refused')).toHaveText('1')
  await expect(explorer.getByRole('table', { name: 'Refused in the last hour' })).toContainText('name-invalid')
})

test('has the tag and the lines to copy, and a light that turns green with the first record', async ({
  explorer,
  collector,
  context,
}) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  await explorer.goto(`${collector.url}/explore/default/setup`)
  await expect(explorer.getByText('Waiting for the first record')).toBeVisible()
  await explorer.getByRole('button', { name: 'Copy the tag' }).click()
  await expect(explorer.getByText('Copied')).toBeVisible()
  const tag = await explorer.evaluate(() => navigator.clipboard.readText())
  expect(tag).toContain(`src="${collector.url}/sojourn.js"`)
  await explorer.getByRole('button', { name: 'Copy the lines' }).click()
  expect(await explorer.evaluate(() => navigator.clipboard.readText())).toContain(`connect-src ${collector.url}`)

  const bad = { v: 1, visits: [{ visitID: 'v', startDate: 1, pages: [], events: [{ eventID: 'x' }] }], sessions: [] }
  await fetch(`${collector.url}/v1/sessions?key=default`, { method: 'POST', body: JSON.stringify(bad) })
  await expect(explorer.getByText('Something was refused')).toBeVisible()
  await expect(explorer.getByText('eventName is missing')).toBeVisible()

  await sendVisits(collector.url, [makeNow('first')])
  await expect(explorer.getByText('It works')).toBeVisible()
  await explorer.getByRole('link', { name: 'See what happens now' }).click()
  await expect(explorer.getByRole('heading', { name: 'Now', exact: true })).toBeVisible()
})

test('prints the tag that somebody ticks by keyboard, with the hash of the file that it names', async ({
  explorer,
  collector,
}) => {
  await explorer.goto(`${collector.url}/explore/default/setup`)
  const tag = explorer.getByRole('region', { name: 'the tag' })
  await expect(tag).toHaveText(`<script async src="${collector.url}/sojourn.js" data-key="default"></script>`)
  const group = explorer.getByRole('group', { name: /^Record by itself/ })
  const named = await group.getByRole('checkbox').evaluateAll(all => all.map(one => one.parentElement?.innerText ?? ''))
  expect(named.map(text => text.trim())).toEqual(Object.entries(pluginWords).map(one => one.join(' ')))
  for (const name of [/^vitals/, /^clicks/]) {
    await group.getByRole('checkbox', { name }).focus()
    await explorer.keyboard.press('Space')
    await expect(group.getByRole('checkbox', { name })).toBeChecked()
  }
  await expect(tag).toContainText('/sojourn.clicks.vitals.js" data-key="default" data-plugins="clicks,vitals"')
  // The box keeps its focus while the tag changes, so that the next one is a Tab away.
  await expect(group.getByRole('checkbox', { name: /^clicks/ })).toBeFocused()
  await group.getByRole('checkbox').last().focus()
  await explorer.keyboard.press('Tab')
  await expect(explorer.getByRole('checkbox', { name: /^Pin this version/ })).toBeFocused()
  await explorer.keyboard.press('Space')
  await expect(tag).toContainText('integrity="sha384-')
  const [, src = '', integrity = ''] = /src="([^"]+)" integrity="([^"]+)"/.exec((await tag.textContent()) ?? '') ?? []
  const status = await explorer.evaluate(
    ([address = '', hash = '']) => fetch(address, { integrity: hash }).then(one => one.status),
    [src, integrity],
  )
  expect([status, src.startsWith(`${collector.url}/sojourn-`)]).toEqual([200, true])
})

test('prints the same tag by the command, and has nothing that a reader of the page could stumble over', {
  tag: '@long',
}, async ({ explorer, collector }) => {
  command(collector, 'site', 'add', 'default', '--key', 'shop-key')
  const words = ['site', 'tag', 'default', '--plugins', 'vitals,clicks', '--pinned', '--url', collector.url]
  const printed = command(collector, ...words)
  const asked = `${collector.url}/v1/setup?plugins=clicks,vitals&pinned=true`
  await expect.poll(async () => ((await (await fetch(asked)).json()) as { tag: string }).tag).toBe(printed.trim())
  await explorer.goto(`${collector.url}/explore/default/setup`)
  await explorer.getByRole('checkbox', { name: /^clicks/ }).check()
  await expectAccessible(explorer)
})

test('asks for a token where one is needed, and for a site where there are several', { tag: '@long' }, async ({
  explorer,
  collector,
  expected,
}) => {
  expected.push(/Failed to load resource/)
  command(collector, 'site', 'add', 'shop', '--origin', 'https://shop.example', '--key', 'shop-key')
  command(collector, 'site', 'add', 'blog', '--origin', 'https://blog.example', '--key', 'blog-key')
  const toToken = (text: string): string => text.trim().split('\n').at(-1) as string
  const all = toToken(command(collector, 'token', 'add', 'all'))
  const one = toToken(command(collector, 'token', 'add', 'one', '--site', 'blog'))
  await expect
    .poll(
      async () => (await fetch(`${collector.url}/v1/token`, { headers: { Authorization: `Bearer ${one}` } })).status,
    )
    .toBe(200)
  await fetch(`${collector.url}/v1/sessions?key=shop-key`, {
    method: 'POST',
    body: JSON.stringify(makeVisit(makeNow('shop'))),
  })
  await untilCounted(collector.url, 'shop', all)

  await explorer.goto(`${collector.url}/explore/shop/sessions`)
  await expect(explorer.getByRole('heading', { name: 'Enter a token' })).toBeVisible()
  await explorer.getByLabel('Token').fill('wrong')
  await explorer.getByRole('button', { name: 'Open' }).click()
  await expect(explorer.getByRole('alert')).toHaveText('The collector does not know this token, or it has ended.')
  await explorer.getByLabel('Token').fill(all)
  await explorer.getByLabel('Token').press('Enter')
  await expect(explorer.getByRole('table', { name: 'Sessions' }).locator('tbody tr')).toHaveCount(1)
  await explorer.reload()
  await expect(explorer.getByRole('table', { name: 'Sessions' }).locator('tbody tr')).toHaveCount(1)
  await explorer.getByLabel('Site').selectOption('blog')
  await expect(explorer).toHaveURL(/explore\/blog\/sessions$/)
  await expect(explorer.getByText('No sessions yet')).toBeVisible()
  await explorer.goto(`${collector.url}/explore/`)
  await explorer.getByRole('link', { name: 'shop' }).click()
  await expect(explorer).toHaveURL(/explore\/shop\/now$/)
  await expect(explorer.locator('.page-head').getByRole('status')).toHaveText('Live')

  // A token that has ended is asked for again, and nothing of the site is seen any more.
  await explorer.getByRole('button', { name: 'Lock' }).click()
  await expect(explorer.getByRole('heading', { name: 'Enter a token' })).toBeVisible()
  await explorer.getByLabel('Token').fill(one)
  await explorer.getByRole('button', { name: 'Open' }).click()
  await expect(explorer.getByRole('heading', { name: 'No such site' })).toBeVisible()
  await explorer.goto(`${collector.url}/explore/`)
  // Nothing is stored of it yet, so it begins with what is needed.
  await expect(explorer).toHaveURL(/explore\/blog\/setup$/)

  // So is one that ends while a page is open. The next one takes its place.
  command(collector, 'token', 'end', 'one')
  await expect(explorer.getByRole('heading', { name: 'Enter a token' })).toBeVisible()
  await explorer.getByLabel('Token').fill(all)
  await explorer.getByRole('button', { name: 'Open' }).click()
  await expect(explorer.getByRole('heading', { name: 'Set-up' })).toBeVisible()
})
