import { expect, type Page } from '@playwright/test'
import { expectFate, group } from './fault.js'
import type { House } from './house.js'
import { make, sleep, urge } from './steps.js'

const fault = group('3 the answer lies')

const minutes = 10
const flushEveryMs = 5000
const stepMs = 1000

/**
 * Simulates how many attempts a page makes in this time if each of them fails. After the nth failure in a row it waits
 * a random time from 0 to 2^n s, at most 5 minutes, and at least `flushEveryMs`. The rule comes from `docs/protocol.md`
 * and not from the source, so that the test can find a difference.
 */
function attempts(): number {
  let count = 0
  for (let at = flushEveryMs; at < minutes * 60_000; count++)
    at += Math.max(flushEveryMs, Math.random() * Math.min(300_000, 1000 * 2 ** count))
  return count
}

/** The mean and the maximum number of attempts over 2,000 simulated sites with this number of tabs. */
function expectation(tabs: number): { mean: number; most: number } {
  const sums = Array.from({ length: 2000 }, () => {
    let sum = 0
    for (let tab = 0; tab < tabs; tab++) sum += attempts()
    return sum
  })
  return { mean: sums.reduce((all, one) => all + one, 0) / sums.length, most: Math.max(...sums) }
}

/** Fails every request with a batch in the browser, as a blocker does. `count` says how many it failed. */
async function block(house: House): Promise<{ count: () => number; end: () => Promise<void> }> {
  let count = 0
  const pattern = '**/v1/sessions**'
  await house.context.route(pattern, route => {
    count++
    return route.abort('blockedbyclient')
  })
  return { count: () => count, end: () => house.context.unroute(pattern) }
}

/** Advances the clock of the pages by ten minutes. Promises settle in real time between two steps. */
async function pass(house: House, each: (second: number) => Promise<unknown>): Promise<void> {
  for (let second = 0; second < (minutes * 60_000) / stepMs; second++) {
    await house.context.clock.runFor(stepMs)
    await each(second)
  }
}

for (const tabs of [1, 10])
  fault(
    `a blocker that fails every request, ${tabs === 1 ? 'one tab' : `${tabs} tabs`}, 10 minutes`,
    { expect: 'stored', made: [103], timeoutMs: 400_000 },
    async house => {
      await house.context.clock.install()
      const blocker = await block(house)
      const pages: Page[] = []
      for (let tab = 0; tab < tabs; tab++) pages.push(await house.open({ options: { flushEveryMs } }))
      let n = 0
      let urges = 0
      await pass(house, async second => {
        if (second % 5 === 4 && n < house.n) await make(pages[n % tabs] as Page, n, ++n)
        // A call of `flush()` and an `online` event in one of the tabs. Each may cause one request.
        if (second % 120 === 60) {
          await urge(pages[urges % tabs] as Page)
          urges++
        }
      })
      const { mean, most } = expectation(tabs)
      const asked = 2 * urges
      for (const page of pages)
        await expectFate(page, { stored: 0, dropped: {}, errors: { 'collector-unreachable': 1 } })
      expect(blocker.count(), 'requests').toBeLessThanOrEqual(most + asked)
      // A tracker that has stopped trying must not pass this test.
      expect(blocker.count(), 'requests').toBeGreaterThan(tabs)
      await blocker.end()
      await house.closeBrowser()
      return `${blocker.count()} requests; ${mean.toFixed(1)} expected, ${most} the most of 2,000 draws, and ${asked} asked for`
    },
  )

fault('a network that fails every request, over 20 page loads', { expect: 'stored' }, async house => {
  house.proxy.rule = () => 'reset'
  const page = await house.open()
  for (let load = 0; load < 20; load++) {
    if (load) await page.goto(house.site.address({ path: `/${load}` }), { waitUntil: 'commit' })
    await page.waitForFunction(() => window.tracker && window.tracker.status().store !== 'opening')
    await make(page, load * 5, load < 19 ? load * 5 + 5 : house.n)
    await sleep(1500)
  }
  const { length } = house.proxy.log
  // At most three attempts in 1.5 s, and one copy when the page closes.
  expect(length, 'requests').toBeLessThanOrEqual(20 * 4)
  return `${length} requests of 20 page loads of 1.5 s`
})
