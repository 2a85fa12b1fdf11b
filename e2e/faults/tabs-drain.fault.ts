import { expect, type Page } from '@playwright/test'
import { killRenderer } from '../helpers/tracker.js'
import { expectBalance, group } from './fault.js'
import type { House } from './house.js'
import { make, sleep } from './steps.js'
import { comeBack, freeze } from './tabs.js'

const fault = group('4 several tabs')

/**
 * Opens two tabs, each with half of the events. The first tab has the claim (the right to send) and keeps it, because
 * its request hangs. The second tab waits for the claim.
 */
async function wait(house: House): Promise<{ drainer: Page; waiter: Page }> {
  const half = house.n >> 1
  const drainer = await house.open({ path: '/drainer' })
  house.proxy.rule = ({ events }) => (events.some(({ eventName }) => eventName === 'Hanging') ? 'hang' : 'pass')
  const before = house.proxy.log.length
  await drainer.evaluate(n => {
    window.tracker.track('Hanging')
    window.make(0, n)
    void window.tracker.flush()
  }, half)
  await expect.poll(() => house.proxy.log.length).toBeGreaterThan(before)
  // The second tab opens only now, because it could have sent the records of the first tab.
  const waiter = await house.open({ path: '/waiter' })
  await waiter.evaluate(
    ([from, to]) => {
      window.make(from as number, to as number)
      void window.tracker.flush()
    },
    [half, house.n],
  )
  await expect
    .poll(() => waiter.evaluate(async () => (await navigator.locks.query()).pending?.length))
    .toBeGreaterThan(0)
  const drainerOf = (page: Page) => page.evaluate(() => window.tracker.status().drainer)
  expect([await drainerOf(drainer), await drainerOf(waiter)]).toEqual(['this-tab', 'another-tab'])
  house.proxy.rule = () => 'pass'
  return { drainer, waiter }
}

/** Waits until a tab knows that other tabs have sent its records. */
async function expectSettled(page: Page): Promise<void> {
  await expect
    .poll(
      async () => {
        await page.evaluate(() => window.tracker.flush())
        return (await expectBalance(page)).owed
      },
      { timeout: 45_000 },
    )
    .toBe(0)
}

fault('ten tabs tracking at once', { expect: 'stored without a revisit' }, async house => {
  const pages: Page[] = []
  for (let tab = 0; tab < 10; tab++) pages.push(await house.open({ path: `/${tab}` }))
  const from = (tab: number): number => Math.floor((house.n * tab) / 10)
  await Promise.all(
    pages.map((page, tab) =>
      page.evaluate(
        async ([start, end]) => {
          for (let n = start as number; n < (end as number); n++) {
            window.make(n, n + 1)
            if (n % 3) await new Promise(resolve => setTimeout(resolve, 5))
          }
        },
        [from(tab), from(tab + 1)],
      ),
    ),
  )
  const madeAt = Date.now()
  await expect.poll(() => house.ledger().lost, { timeout: 45_000 }).toEqual([])
  const took = Date.now() - madeAt
  // Only one tab sends at a time, and never what another tab has sent.
  expect(house.ledger().copies, 'copies').toBe(0)
  // One tab after the other, because timers of hidden tabs are slow.
  for (const page of pages) await expectSettled(page)
  return `all were stored after ${(took / 1000).toFixed(1)} s`
})

fault(
  'a tab killed while it appends and another drains',
  { expect: 'stored', made: [4000], timeoutMs: 180_000 },
  async house => {
    const backlog = house.n - 1000
    const drainer = await house.open({ options: { flushEveryMs: 60_000 } })
    for (let n = 0; n < backlog; n += 1000)
      await drainer.evaluate(async from => {
        window.make(from, from + 1000)
        await window.settled()
      }, n)
    const appender = await house.open({ options: { flushEveryMs: 60_000 } })
    // The loop ends when the other tab was killed, or when nothing is owed.
    void drainer
      .evaluate(async () => {
        for (let left = 1; left > 0; ) left = (await window.tracker.flush()).owed
      })
      .catch(() => {})
    await appender.evaluate(
      async ([from, to]) => {
        for (let n = from as number; n < (to as number); n += 5) {
          window.make(n, n + 5)
          await new Promise(resolve => setTimeout(resolve, 5))
        }
      },
      [backlog, house.n],
    )
    await killRenderer(appender)
  },
)

// A transaction that waits for a script of its page would delay the writes of all other tabs.
fault(
  'a tab hung in the middle of its drain, and another killed right after it appends',
  { expect: 'stored' },
  async house => {
    const options = { flushEveryMs: 3_600_000 }
    const drainer = await house.open({ options })
    const appender = await house.open({ options })
    await drainer.evaluate(() => window.tracker.flush())
    const hung = drainer.evaluate(() => {
      const { getAllKeys } = IDBObjectStore.prototype
      IDBObjectStore.prototype.getAllKeys = function (this: IDBObjectStore, ...args: Parameters<typeof getAllKeys>) {
        const request = getAllKeys.apply(this, args)
        // The tab hangs when it gets the keys, so its next step never runs.
        request.addEventListener('success', () => {
          for (;;);
        })
        return request
      }
      return window.tracker.flush()
    })
    hung.catch(() => {})
    const isHung = await Promise.race([hung.then(() => false), sleep(400).then(() => true)])
    expect(isHung, 'hung').toBe(true)
    await make(appender, 0, house.n)
    await house.killRenderers()
  },
)

fault('the draining tab closed while another waits', { expect: 'stored without a revisit' }, async house => {
  const { drainer } = await wait(house)
  await drainer.close()
})

fault(
  'the draining tab crashed while another waits',
  { expect: 'stored without a revisit', isShort: true },
  async house => {
    const { drainer, waiter } = await wait(house)
    await killRenderer(drainer)
    await expectSettled(waiter)
  },
)

fault('the draining tab hung while another waits, then closed', { expect: 'stored without a revisit' }, async house => {
  const { drainer, waiter } = await wait(house)
  drainer
    .evaluate(() => {
      for (;;);
    })
    .catch(() => {})
  await drainer.close()
  await expectSettled(waiter)
})

fault(
  'the draining tab frozen while another waits, and thawed',
  { expect: 'stored without a revisit' },
  async house => {
    const { drainer, waiter } = await wait(house)
    const thaw = await freeze(drainer)
    await expect.poll(() => house.ledger().lost, { timeout: 20_000 }).toEqual([])
    await expectSettled(waiter)
    await thaw()
    await expectSettled(drainer)
  },
)

fault(
  'the draining tab frozen while another waits, and killed',
  { expect: 'stored without a revisit' },
  async house => {
    const { drainer } = await wait(house)
    await freeze(drainer)
    await killRenderer(drainer)
  },
)

fault(
  'the draining tab sent into the back/forward cache while another waits, and back',
  { expect: 'stored without a revisit' },
  async house => {
    const { drainer, waiter } = await wait(house)
    await drainer.goto(house.elsewhere.url)
    await expect.poll(() => house.ledger().lost, { timeout: 20_000 }).toEqual([])
    // The page in the back/forward cache did not get the claim.
    await expectSettled(waiter)
    await waiter.evaluate(() => window.tracker.track('After'))
    await expectSettled(waiter)
    await comeBack(drainer)
    await expectSettled(drainer)
  },
)

for (const isKilled of [false, true])
  fault(
    `a duplicated tab${isKilled ? ', and both killed' : ''}`,
    { expect: isKilled ? 'stored' : 'stored without a revisit' },
    async house => {
      const page = await house.open()
      await page.evaluate(() => sessionStorage.setItem('mark', 'copied'))
      const [twin] = await Promise.all([
        page.waitForEvent('popup'),
        page.evaluate(() => void window.open(location.href)),
      ])
      await twin.waitForFunction(() => window.tracker?.status().store === 'indexeddb')
      expect(await twin.evaluate(() => sessionStorage.getItem('mark')), 'its sessionStorage is a copy').toBe('copied')
      const half = house.n >> 1
      await Promise.all([
        page.evaluate(n => window.make(0, n), half),
        twin.evaluate(([from, to]) => window.make(from as number, to as number), [half, house.n]),
      ])
      if (isKilled) return house.killRenderers()
      await expectSettled(page)
      await expectSettled(twin)
    },
  )
