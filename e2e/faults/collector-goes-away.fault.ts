import { expect, type Page } from '@playwright/test'
import { expectAllStored, expectFate, expectStored, group } from './fault.js'
import { moveClock } from './house.js'
import { failed, make, sleep } from './steps.js'

const fault = group('2 the collector goes away')

fault('refused for the whole visit', { expect: 'stored' }, async house => {
  await house.proxy.down()
  const page = await house.open()
  await make(page, 0, house.n)
  await failed(page, 2)
  // The start of the visit and the page view are records too.
  await expectFate(page, { owed: house.n + 2, stored: 0, dropped: {} })
  await page.close()
  await house.proxy.up()
})

fault('refused, then up again, the tab open', { expect: 'stored without a revisit', isShort: true }, async house => {
  await house.proxy.down()
  const page = await house.open()
  await make(page, 0, house.n)
  await failed(page, 2)
  await expectFate(page, { errors: { 'collector-unreachable': 1 } })
  await house.proxy.up()
  await expectStored(house, 20_000)
  await expectAllStored(page)
  expect(house.ledger().copies).toBe(0)
})

fault('503 for 20 s', { expect: 'stored without a revisit' }, async house => {
  house.proxy.rule = () => ({ status: 503, body: '<h1>Service Unavailable</h1>' })
  const page = await house.open()
  await make(page, 0, 50)
  await sleep(10_000)
  await make(page, 50, house.n)
  await sleep(10_000)
  const { failures, retries, requests, nextAttempt, lastError } = await page.evaluate(() => window.tracker.status())
  expect(lastError).toBe('503')
  expect(retries).toBe(failures - 1)
  expect(requests).toBe(failures)
  expect(nextAttempt).toBeGreaterThan(0)
  house.proxy.rule = () => 'pass'
  // The next wait can be about as long as the whole time of failures so far.
  await expectStored(house, 70_000)
  await expectAllStored(page)
  expect((await page.evaluate(() => window.tracker.status())).lastError).toBe('')
  return `${house.proxy.log.filter(batch => !batch.isForwarded).length} requests met a 503`
})

fault('1 s up, 1 s down, with three tabs', { expect: 'stored without a revisit' }, async house => {
  const pages = [await house.open(), await house.open(), await house.open()]
  const making = { isOver: false }
  const flapping = (async () => {
    while (!making.isOver) {
      await house.proxy.down()
      await sleep(1000)
      await house.proxy.up()
      await sleep(1000)
    }
  })()
  for (let n = 0; n < house.n; n++) {
    await make(pages[n % 3] as Page, n, n + 1)
    await sleep(120)
  }
  making.isOver = true
  await flapping
  await expectStored(house, 70_000)
  for (const page of pages) await expectAllStored(page, 70_000)
})

fault('down, tab closed, up again four days later', { expect: 'stored' }, async house => {
  await house.proxy.down()
  const page = await house.open()
  await make(page, 0, house.n)
  await failed(page, 1)
  await page.close()
  await house.closeBrowser()
  await house.proxy.up()
  await house.relaunch()
  await moveClock(house.context, 4 * 24 * 3_600_000)
})

// The collector starts five times, each of which takes half a minute on a busy machine.
fault(
  'killed in the middle of a batch, and back',
  { expect: 'stored without a revisit', timeoutMs: 300_000 },
  async house => {
    const page = await house.open()
    for (const [round, afterMs] of [0, 2, 5, 10, 20].entries()) {
      const killed = new Promise<void>(resolve => {
        house.proxy.rule = () => {
          house.proxy.rule = () => 'pass'
          setTimeout(() => resolve(house.collector.kill()), afterMs)
          return 'pass'
        }
      })
      await make(page, round * 20, round < 4 ? (round + 1) * 20 : house.n)
      await page.evaluate(() => void window.tracker.flush())
      await killed
      await house.collector.start()
    }
    // While a collector started slowly, the tracker may have failed so often that it would wait for minutes.
    await page.evaluate(() => void window.tracker.flush())
    await expectStored(house, 40_000)
    await expectAllStored(page, 20_000)
    return `${house.ledger().copies} copies`
  },
)

fault('everything at once, with two tabs', { expect: 'stored without a revisit' }, async house => {
  const one = await house.open()
  const two = await house.open()
  const rules = ['lose', 'reset', { status: 503 }, { status: 429, headers: { 'Retry-After': '1' } }, 'lose'] as const
  house.proxy.rule = ({ place }) => rules[place % 7] ?? 'pass'
  for (let n = 0; n < house.n; n += 10) {
    await make((n / 10) % 2 ? one : two, n, Math.min(n + 10, house.n))
    await sleep(200)
    if (n === 30) await house.collector.kill()
    if (n === 50) await house.collector.start()
    if (n === 60) await house.proxy.down()
    if (n === 80) await house.proxy.up()
  }
  await expectStored(house, 90_000)
  for (const page of [one, two]) await expectAllStored(page, 90_000)
  return `${house.ledger().copies} copies`
})
