import { expect, type Page } from '@playwright/test'
import { killRenderer } from '../helpers/tracker.js'
import { expectStored, group } from './fault.js'

const fault = group('5 storage goes wrong')

// In a profile on disk Chromium delivers a stored value above 64 KiB only after its transaction is complete.
const sizes = [60_000, 65_000, 66_000, 80_000, 100_000, 119_000]

/** Makes records of these sizes, a task each, of text that does not compress. */
function makeLarge(page: Page): Promise<void> {
  return page.evaluate(async chars => {
    for (const [n, size] of chars.entries()) {
      let text = ''
      while (text.length < size) text += Math.random().toString(36).slice(2)
      window.tracker.track('Numbered', { n, text: text.slice(0, size) })
      await new Promise(resolve => setTimeout(resolve))
    }
  }, sizes)
}

/** How many parcels lie on the device. */
const parcels = (page: Page): Promise<number> =>
  page.evaluate(
    () =>
      new Promise(resolve => {
        const opening = indexedDB.open('sojourn-fault')
        opening.onsuccess = () => {
          const counting = opening.result.transaction('parcels').objectStore('parcels').count()
          counting.onsuccess = () => {
            opening.result.close()
            resolve(counting.result)
          }
        }
      }),
  )

fault(
  'records of 60 to 119 KB of a killed tab: the next page load sends and deletes all of them',
  { expect: 'stored without a revisit', made: [sizes.length] },
  async house => {
    await house.proxy.down()
    const page = await house.open()
    await makeLarge(page)
    await page.evaluate(() => window.settled())
    await killRenderer(page)
    await house.proxy.up()
    const next = await house.open({ options: { flushEveryMs: 3_600_000 } })
    await expectStored(house, 20_000)
    await expect.poll(async () => (await next.evaluate(() => window.tracker.flush())).owed).toBe(0)
    expect(await parcels(next), 'parcels on the device').toBe(0)
    expect(await next.evaluate(() => window.errors), 'errors').toEqual([])
  },
)

fault(
  'records of 60 to 119 KB, and the browser killed a second later',
  { expect: 'stored', made: [sizes.length] },
  async house => {
    await house.proxy.down()
    const page = await house.open()
    await makeLarge(page)
    await page.waitForTimeout(1000)
    house.kill()
    await house.proxy.up()
  },
)
