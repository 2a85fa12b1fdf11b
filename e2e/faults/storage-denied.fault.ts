import { expect, type Page } from '@playwright/test'
import { killRenderer } from '../helpers/tracker.js'
import { expectBalance, group } from './fault.js'
import type { House } from './house.js'
import { blockSiteData, fillLocalStorage, holdOpen, openBare } from './storage.js'

const fault = group('5 storage goes wrong')

const untilStored = (house: House): Promise<void> =>
  expect.poll(() => house.ledger().lost, { timeout: 20_000 }).toEqual([])

const kindOf = (page: Page): Promise<string> => page.evaluate(() => window.tracker.status().store)

/** A third of the events: made while the database opens, when only memory keeps records, or later. */
const thirdOf = (house: House, third: number): [number, number] => [
  Math.round((house.n * third) / 3),
  Math.round((house.n * (third + 1)) / 3),
]

const make = (page: Page, [from, to]: [number, number]): Promise<void> =>
  page.evaluate(([first, end]) => window.make(first as number, end as number), [from, to])

fault('IndexedDB never opens', { expect: 'stored' }, async house => {
  const holder = await openBare(house)
  await holdOpen(holder)
  const page = await house.open({}, false)
  await page.waitForFunction(() => !!window.make)
  await make(page, thirdOf(house, 0))
  await expect.poll(() => kindOf(page)).toBe('memory')
  await make(page, thirdOf(house, 1))
  await make(page, thirdOf(house, 2))
  await untilStored(house)
  await page.evaluate(() => window.tracker.flush())
  expect((await expectBalance(page)).owed).toBe(0)
})

fault('IndexedDB never opens, and the tab is closed at once', { expect: 'stored' }, async house => {
  const holder = await openBare(house)
  await holdOpen(holder)
  const page = await house.open({}, false)
  await page.waitForFunction(() => !!window.make)
  // Until the database is open, localStorage keeps the calls, up to `maxEarlyChars`.
  await page.evaluate(n => window.make(0, n), house.n)
  // On a busy machine the tracker may have stopped waiting for it.
  expect(await kindOf(page)).not.toBe('indexeddb')
  await page.close()
  await holder.evaluate(() => window.letGo())
})

fault(
  'IndexedDB opens late, after memory has had to do, and then the renderer dies',
  { expect: 'stored' },
  async house => {
    await house.proxy.down()
    const holder = await openBare(house)
    await holdOpen(holder)
    const page = await house.open({}, false)
    await page.waitForFunction(() => !!window.make)
    await make(page, thirdOf(house, 0))
    await expect.poll(() => kindOf(page)).toBe('memory')
    await make(page, thirdOf(house, 1))
    await holder.waitForTimeout(2000)
    await holder.evaluate(() => window.letGo())
    await expect.poll(() => kindOf(page)).toBe('indexeddb')
    await make(page, thirdOf(house, 2))
    await expectBalance(page)
    await killRenderer(page)
    await house.proxy.up()
  },
)

fault('site data is blocked by the user', { expect: 'stored' }, async house => {
  await blockSiteData(house)
  const page = await house.open()
  expect(await kindOf(page)).toBe('memory')
  await page.evaluate(n => window.make(0, n), house.n)
  await untilStored(house)
  await page.evaluate(() => window.tracker.flush())
  expect((await expectBalance(page)).owed).toBe(0)
  expect(await page.evaluate(() => window.errors)).toEqual(['store-failed'])
})

fault(
  'site data is blocked by the user, and the tab is closed at once',
  { expect: 'stored without a revisit' },
  async house => {
    await blockSiteData(house)
    const page = await house.open()
    await page.evaluate(n => window.make(0, n), house.n)
    await page.close()
  },
)

fault(
  'a sandboxed frame: no storage, and an origin that the collector does not let in',
  { expect: { atMost: 103, because: 'owed in memory for as long as the frame lives' } },
  async house => {
    const page = await house.open()
    await page.evaluate(
      address => {
        const frame = document.createElement('iframe')
        frame.setAttribute('sandbox', 'allow-scripts')
        frame.src = address
        document.body.append(frame)
      },
      house.site.address({ path: '/framed' }),
    )
    const framed = (): Page | undefined => page.frames().find(frame => frame.url().includes('/framed')) as never
    await expect.poll(() => framed()?.evaluate(() => window.tracker?.status().store)).toBe('memory')
    const frame = framed() as Page
    await frame.evaluate(n => window.make(0, n), house.n)
    // The page cannot read the collector's 403, because of CORS. For the page, the request has only failed.
    await expect.poll(() => frame.evaluate(() => window.errors)).toContain('collector-unreachable')
    expect((await expectBalance(frame)).owed).toBeGreaterThanOrEqual(house.n)
    // Each error is reported once, and never again.
    for (let n = 1000; n < 1010; n++) {
      await frame.evaluate(from => window.make(from, from + 1), n)
      await page.waitForTimeout(300)
    }
    expect(await frame.evaluate(() => window.errors.toSorted())).toEqual(['collector-unreachable', 'store-failed'])
    const { requests } = await expectBalance(frame)
    expect(requests).toBeLessThan(12)
    return `${requests} requests`
  },
)

fault('a private window', { expect: 'stored', flags: ['--incognito'] }, async house => {
  const page = await house.open()
  expect(await kindOf(page)).toBe('indexeddb')
  await page.evaluate(n => window.make(0, n), house.n)
  await page.close()
})

fault('localStorage is full to the last character', { expect: 'stored' }, async house => {
  const holder = await openBare(house)
  await holdOpen(holder)
  const filled = await fillLocalStorage(holder)
  const page = await house.open({}, false)
  await page.waitForFunction(() => !!window.make)
  await make(page, thirdOf(house, 0))
  await holder.evaluate(() => window.letGo())
  await expect.poll(() => kindOf(page)).toBe('indexeddb')
  await make(page, thirdOf(house, 1))
  await make(page, thirdOf(house, 2))
  await page.close()
  return `${filled} characters`
})

fault('what the tracker adds to localStorage is bounded', { expect: 'stored', made: [2000] }, async house => {
  const holder = await openBare(house)
  await holdOpen(holder)
  const page = await house.open({}, false)
  await page.waitForFunction(() => !!window.make)
  await page.evaluate(n => window.make(0, n), house.n)
  const written = (): number =>
    Object.entries(localStorage).reduce((sum, [name, text]) => sum + name.length + (text as string).length, 0)
  const early = await page.evaluate(written)
  expect(early).toBeGreaterThan(20_000)
  expect(early).toBeLessThan(45_000)
  await holder.evaluate(() => window.letGo())
  await expect.poll(() => kindOf(page)).toBe('indexeddb')
  await untilStored(house)
  await expect.poll(() => page.evaluate(written)).toBe(0)
  return `${early} characters, names and all`
})
