import { expect } from '@playwright/test'
import { group } from './fault.js'

const fault = group('7 scale')

const most = 100_000
const throttle = 4
// The default limit on owed records is too low for so many.
const options = { flushEveryMs: 3_600_000, owedMaxChars: 1e9 }
const mib = 1024 * 1024

fault(
  '2,000 records of an earlier page load, drained',
  { expect: 'stored without a revisit', made: [2000], isShort: true },
  async house => {
    await house.proxy.down()
    const first = await house.open({ options })
    await first.evaluate(async count => {
      window.make(0, count)
      await window.settled()
    }, house.n)
    await first.close()
    await house.proxy.up()
    const page = await house.open({ options })
    await page.evaluate(async () => {
      for (let left = 1; left > 0; ) left = (await window.tracker.flush()).owed
    })
    // If nothing is owed, the collector must have everything, because the page may close now.
    expect(house.ledger().lost).toEqual([])
    expect(Math.max(...house.proxy.log.map(({ ids }) => ids.length)), 'records in a batch').toBeLessThanOrEqual(200)
  },
)

fault(
  '100,000 records owed, drained at 4x CPU throttle',
  { expect: 'stored without a revisit', made: [most], timeoutMs: 600_000 },
  async house => {
    await house.proxy.down()
    const first = await house.open({ options })
    await first.evaluate(async count => {
      for (let made = 0; made < count; made += 1000) {
        window.make(made, made + 1000)
        await window.settled()
      }
    }, house.n)
    await first.close()
    await house.proxy.up()

    const page = await house.open({ options })
    const cdp = await page.context().newCDPSession(page)
    await cdp.send('Emulation.setCPUThrottlingRate', { rate: throttle })
    // Garbage collection is a long task that this test causes, so it must not count.
    const heap = async (): Promise<number> => {
      house.longest = Math.max(house.longest, await page.evaluate(() => window.longest))
      await cdp.send('HeapProfiler.collectGarbage')
      const { usedSize } = await cdp.send('Runtime.getHeapUsage')
      await page.waitForTimeout(1000)
      await page.evaluate(() => (window.longest = 0))
      return usedSize
    }
    const before = await heap()
    house.longest = 0
    let greatest = before
    const started = Date.now()
    const drained = page.evaluate(async () => {
      for (let left = 1; left > 0; ) left = (await window.tracker.flush()).owed
    })
    const draining = { isOver: false }
    void drained.finally(() => (draining.isOver = true))
    while (!draining.isOver) {
      await page.waitForTimeout(10_000)
      greatest = Math.max(greatest, await heap())
    }
    await drained
    const seconds = (Date.now() - started) / 1000
    house.longest = Math.max(house.longest, await page.evaluate(() => window.longest))
    const largest = Math.max(...house.proxy.log.map(({ ids }) => ids.length))
    expect(largest, 'records in a batch').toBeLessThanOrEqual(200)
    expect(greatest - before, 'bytes of heap more while it drains').toBeLessThan(4 * mib)
    return `${seconds.toFixed(0)} s, batches of ${largest} at most, longest task ${Math.round(house.longest)} ms, heap at most ${((greatest - before) / mib).toFixed(1)} MiB more`
  },
)
