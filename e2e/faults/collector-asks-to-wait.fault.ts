import { expect, type Page } from '@playwright/test'
import { expectAllStored, expectStored, group } from './fault.js'
import type { Said } from './proxy.js'
import { came, failed, make, sleep, urge } from './steps.js'

const fault = group('2 the collector goes away')

const inSeconds = (seconds: number): string => new Date(Date.now() + seconds * 1000).toUTCString()

const later: Said = { status: 429, headers: { 'Retry-After': '60' } }

for (const [how, said] of [
  ['429 with Retry-After', () => ({ status: 429, headers: { 'Retry-After': '6' } })],
  // The wait may be up to a second shorter, because a date has whole seconds.
  ['429 with Retry-After as a date', () => ({ status: 429, headers: { 'Retry-After': inSeconds(7) } })],
  ['429 whose body alone says when', () => ({ status: 429, body: '{"v":1,"error":"quota","retryAfter":6}' })],
  ['503 whose body says when, in spaced JSON', () => ({ status: 503, body: '{"v": 1, "retryAfter": 6}' })],
] satisfies [string, () => Said][])
  fault(how, { expect: 'stored without a revisit' }, async house => {
    house.proxy.rule = ({ place }) => (place ? 'pass' : said())
    const page = await house.open()
    await make(page, 0, 50)
    await came(house, 1)
    await failed(page, 1)
    // More records, a call of `flush()`, an `online` event and a hidden tab are no reason to send earlier.
    await make(page, 50, house.n)
    await urge(page)
    await expectStored(house, 30_000)
    await expectAllStored(page)
    const [first, second] = house.proxy.log
    expect((second?.at as number) - (first?.at as number)).toBeGreaterThanOrEqual(6000)
  })

fault('429 with Retry-After, and the tab is closed', { expect: 'stored' }, async house => {
  house.proxy.rule = () => later
  const page = await house.open()
  await make(page, 0, house.n)
  await came(house, 1)
  await failed(page, 1)
  await page.close()
  await sleep(1500)
  expect(house.proxy.log.length, 'requests').toBe(1)
})

fault('429 with Retry-After to one of three tabs', { expect: 'stored' }, async house => {
  const pages = [await house.open(), await house.open(), await house.open()] as [Page, Page, Page]
  for (const page of pages) await expectAllStored(page)
  const before = house.proxy.log.length
  house.proxy.rule = () => later
  await make(pages[0], 0, 30)
  // Any of the three tabs may have sent the batch.
  const failures = async (): Promise<number> => {
    const all = await Promise.all(pages.map(page => page.evaluate(() => window.tracker.status().failures)))
    return all.reduce((sum, one) => sum + one, 0)
  }
  await expect.poll(failures).toBeGreaterThan(0)
  await make(pages[1], 30, 60)
  await make(pages[2], 60, house.n)
  // Longer than a tab waits before it reads the records of other tabs.
  await sleep(6000)
  expect(house.proxy.log.length - before, 'requests').toBe(1)
})

// A new page load does not know how long to wait, because the old one did not store it. So it sends one request, and
// learns it.
fault('429 with Retry-After, over five page loads', { expect: 'stored' }, async house => {
  house.proxy.rule = () => later
  const page = await house.open()
  for (let load = 0; load < 5; load++) {
    if (load) await page.goto(house.site.address({ path: `/${load}` }), { waitUntil: 'commit' })
    await page.waitForFunction(() => window.tracker && window.tracker.status().store !== 'opening')
    await make(page, load * 20, load < 4 ? load * 20 + 20 : house.n)
    await failed(page, 1)
    await sleep(1000)
  }
  expect(house.proxy.log.length, 'requests').toBeLessThanOrEqual(5)
})
