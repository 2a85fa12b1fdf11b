import { expect, type Page } from '@playwright/test'
import { killRenderer } from '../helpers/tracker.js'
import { expectBalance, group } from './fault.js'
import type { House } from './house.js'
import { freeze } from './tabs.js'

const fault = group('4 several tabs')

/** A build with the next version of the database, which has one more object store. */
const newer = 'schema-3'

/** Starts to make one event in each task, as fast as possible. */
const keepMaking = (page: Page, from: number, to: number): Promise<void> =>
  page.evaluate(
    ([first, end]) => {
      const { port1, port2 } = new MessageChannel()
      let n = first as number
      port1.onmessage = () => {
        window.make(n, ++n)
        const pause = performance.now() + 4
        while (performance.now() < pause);
        if (n < (end as number)) port2.postMessage(0)
      }
      port2.postMessage(0)
    },
    [from, to],
  )

const version = (page: Page): Promise<number | undefined> =>
  page.evaluate(async () => (await indexedDB.databases()).find(({ name }) => name === 'sojourn-fault')?.version)

async function makeHalf(house: House, page: Page, isFirst: boolean): Promise<void> {
  const half = house.n >> 1
  await page.evaluate(([from, to]) => window.make(from as number, to as number), isFirst ? [0, half] : [half, house.n])
}

for (const isKilled of [false, true])
  fault(
    `an old version tracks while a new one, with another schema, loads${isKilled ? ', and the old tab is killed then' : ''}`,
    { expect: 'stored' },
    async house => {
      const half = house.n >> 1
      const old = await house.open({ path: '/old' })
      await keepMaking(old, 0, half)
      const fresh = await house.open({ path: '/new', build: newer })
      expect(await version(fresh), 'the database was upgraded').toBe(3)
      await expect.poll(() => old.evaluate(() => window.tracker.status().made)).toBeGreaterThanOrEqual(half)
      if (isKilled) await killRenderer(old)
      else await expectBalance(old)
      await makeHalf(house, fresh, false)
      await killRenderer(fresh)
    },
  )

fault(
  'the old tab tracks in the very task in which the new version takes the database, and dies',
  { expect: 'stored', made: [20, 23] },
  async house => {
    const old = await house.open({ path: '/old' })
    house.site.onKill = house.killRenderers
    const crashed = old.waitForEvent('crash', { timeout: 30_000 })
    await old.evaluate(async n => {
      // This connection opens after the tracker's, so that it gets `versionchange` after the tracker.
      const asked = indexedDB.open('sojourn-fault')
      await new Promise(resolve => (asked.onsuccess = resolve))
      asked.result.onversionchange = () => {
        asked.result.close()
        window.make(0, n)
        // The kill comes after this task, because the records are stored only when it ends.
        queueMicrotask(() => window.kill(0))
      }
    }, house.n)
    await house.context
      .newPage()
      .then(page => page.goto(house.site.address({ path: '/new', build: newer })))
      .catch(() => {})
    await crashed
  },
)

for (const [name, end] of [
  ['', async () => {}],
  [', and is closed', (page: Page) => page.close()],
  [', and is killed', killRenderer],
] as const)
  fault(
    `a page with the old version loads after the database was upgraded${name}`,
    { expect: 'stored' },
    async house => {
      const fresh = await house.open({ path: '/new', build: newer })
      await makeHalf(house, fresh, true)
      expect(await version(fresh), 'the database was upgraded').toBe(3)
      const old = await house.open({ path: '/old' })
      await makeHalf(house, old, false)
      await end(old)
      if (!name) await expectBalance(old)
    },
  )

fault(
  'a frozen tab with the old version while a new one loads, and the new one is killed',
  { expect: 'stored', made: [40, 43] },
  async house => {
    const old = await house.open({ path: '/old' })
    await makeHalf(house, old, true)
    await freeze(old)
    const fresh = await house.open({ path: '/new', build: newer })
    await makeHalf(house, fresh, false)
    await killRenderer(fresh)
  },
)

fault(
  'the old version in the back/forward cache while a new one loads, and back',
  { expect: 'stored' },
  async house => {
    const old = await house.open({ path: '/old' })
    await makeHalf(house, old, true)
    await old.goto(house.elsewhere.url)
    const fresh = await house.open({ path: '/new', build: newer })
    await makeHalf(house, fresh, false)
    await fresh.close()
    await old.goBack({ waitUntil: 'commit' })
  },
)
