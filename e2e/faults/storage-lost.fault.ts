import { statSync, truncateSync, unlinkSync, writeFileSync } from 'node:fs'
import { expect, type Page } from '@playwright/test'
import { killRenderer } from '../helpers/tracker.js'
import { expectBalance, group } from './fault.js'
import type { House } from './house.js'
import { clearSiteData, databaseFiles, holdStores, openBare } from './storage.js'

const fault = group('5 storage goes wrong')

/** Makes a hundred events in each task, for longer than one turn of the segments. */
async function makeSlowly(page: Page, n: number): Promise<void> {
  for (let from = 0; from < n; from += 100) {
    await page.evaluate(([first, end]) => window.make(first as number, end as number), [from, Math.min(from + 100, n)])
    await page.waitForTimeout(300)
  }
}

fault('site data cleared during a burst', { expect: 'stored' }, async house => {
  const page = await house.open()
  await page.evaluate(n => window.make(0, n), house.n >> 1)
  const clearing = clearSiteData(house)
  for (let n = house.n >> 1; n < house.n; n++) await page.evaluate(from => window.make(from, from + 1), n)
  await clearing
  await expect.poll(() => house.ledger().lost, { timeout: 20_000 }).toEqual([])
  await expect.poll(async () => (await expectBalance(page)).owed).toBe(0)
})

fault(
  'site data cleared with 2,000 owed',
  { expect: { atMost: 2000, because: 'the user has cleared them; memory still has the last of them' }, made: [2000] },
  async house => {
    await house.proxy.down()
    const page = await house.open()
    await makeSlowly(page, house.n)
    await clearSiteData(house)
    await house.proxy.up()
    // The records that the user has cleared are no longer owed: they count as dropped. The others arrive.
    await expect
      .poll(
        async () => {
          await page.evaluate(() => window.tracker.flush())
          return (await expectBalance(page)).owed
        },
        { timeout: 30_000 },
      )
      .toBe(0)
    const { dropped } = await expectBalance(page)
    const count = Object.values(dropped).reduce((sum, one) => sum + one, 0)
    const { lost } = house.ledger()
    // The start of the visit and the page view may be among them.
    expect(count - lost.length).toBeGreaterThanOrEqual(0)
    expect(count - lost.length).toBeLessThanOrEqual(2)
    return JSON.stringify(dropped)
  },
)

const damages: Record<string, (path: string) => void> = {
  'a log cut in half': path => {
    if (path.endsWith('.log')) truncateSync(path, statSync(path).size >> 1)
  },
  'a log full of noise': path => {
    if (path.endsWith('.log')) writeFileSync(path, Buffer.alloc(statSync(path).size, 'noise'))
  },
  'the index of files gone': path => {
    if (/CURRENT$|MANIFEST/.test(path)) unlinkSync(path)
  },
  'every file full of noise': path => writeFileSync(path, Buffer.alloc(Math.max(100, statSync(path).size), 'noise')),
}

for (const [name, damage] of Object.entries(damages))
  fault(
    `a damaged profile: ${name}`,
    { expect: { atMost: 103, because: 'the device has lost what it kept' }, made: [103] },
    async house => {
      await house.proxy.down()
      const page = await house.open({ options: { flushEveryMs: 60_000 } })
      await page.evaluate(n => window.make(0, n), house.n - 20)
      await page.waitForTimeout(1000)
      await house.closeBrowser()
      const files = databaseFiles(house)
      for (const path of files) damage(path)
      await house.relaunch()
      await house.proxy.up()
      const next = await house.open()
      // Old records may be lost, but no new ones.
      await next.evaluate(([from, to]) => window.make(from as number, to as number), [house.n - 20, house.n])
      const kind = await next.evaluate(() => window.tracker.status().store)
      await next.close()
      const after = (): number => house.ledger().lost.filter(n => n >= house.n - 20).length
      await house.revisit({}, 5000)
      expect(after(), 'made after the damage').toBe(0)
      return `${kind}; ${files.length} files`
    },
  )

async function stall(house: House): Promise<{ page: Page; letGo: () => Promise<void> }> {
  const page = await house.open()
  const holder = await openBare(house)
  await holdStores(holder)
  return { page, letGo: () => holder.evaluate(() => window.letGo()) }
}

fault('another tab holds the database for four seconds', { expect: 'stored' }, async house => {
  const { page, letGo } = await stall(house)
  await page.evaluate(n => window.make(0, n), house.n)
  await page.waitForTimeout(4000)
  await letGo()
  await expect.poll(() => house.ledger().lost, { timeout: 20_000 }).toEqual([])
  await expect.poll(async () => (await expectBalance(page)).owed).toBe(0)
})

fault(
  'another tab holds the database, and the renderer is killed meanwhile',
  { expect: { atMost: 103, because: 'a transaction that has not begun dies with its tab' } },
  async house => {
    const { page, letGo } = await stall(house)
    await page.evaluate(n => window.make(0, n), house.n)
    await killRenderer(page)
    await letGo()
  },
)

fault('another tab holds the database, and the tab is closed meanwhile', { expect: 'stored' }, async house => {
  const { page, letGo } = await stall(house)
  await page.evaluate(n => window.make(0, n), house.n)
  await page.close()
  await letGo()
})

fault('a page load while another tab holds the database', { expect: 'stored' }, async house => {
  const { page, letGo } = await stall(house)
  const next = await house.open()
  await next.evaluate(n => window.make(0, n), house.n)
  await next.close()
  await page.close()
  await letGo()
})
