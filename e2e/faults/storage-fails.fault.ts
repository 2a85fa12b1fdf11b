import { expect, type Page } from '@playwright/test'
import { expectBalance, group } from './fault.js'
import { countTransactions, limitQuota } from './storage.js'

const fault = group('5 storage goes wrong')

fault(
  'the owed bound is reached: the oldest of nobody go first',
  { expect: { atMost: 103, because: 'more is owed than the site allows' } },
  async house => {
    const inSession = 20
    await house.proxy.down()
    const page = await house.open({ options: { owedMaxChars: 20_000 } })
    for (let n = 0; n < house.n - inSession; n += 10)
      await page.evaluate(
        ([from, to]) => window.make(from as number, to as number),
        [n, Math.min(n + 10, house.n - inSession)],
      )
    await page.evaluate(() => window.tracker.signIn('user-42'))
    await page.evaluate(([from, to]) => window.make(from as number, to as number), [house.n - inSession, house.n])
    await expect
      .poll(
        async () => {
          await page.evaluate(() => window.tracker.flush())
          return (await expectBalance(page)).dropped.full ?? 0
        },
        { timeout: 20_000 },
      )
      .toBeGreaterThan(0)
    // One more flush must drop nothing more.
    await page.evaluate(() => window.tracker.flush())
    const { dropped, errors } = await expectBalance(page)
    expect(Object.keys(dropped)).toEqual(['full'])
    expect(errors['record-dropped'], 'reported only a few times').toBeLessThanOrEqual(4)
    await house.proxy.up()
    await house.revisit({}, 5000)
    const { lost } = house.ledger()
    expect(lost, 'the oldest').toEqual(lost.map((_, place) => place))
    // Only two records are older: the start of the visit and the page view. They have no number.
    expect((dropped.full as number) - lost.length).toBeLessThanOrEqual(2)
    expect(lost.length).toBeLessThan(house.n - inSession)
    return `${dropped.full} dropped, told ${errors['record-dropped']} times`
  },
)

interface Cost {
  readonly usPerCall: number
  readonly transactions: number
  readonly errors: number
}

/** Makes each call in a separate task, and measures what the calls cost the page. */
function callInTasks(page: Page, from: number, to: number): Promise<Cost> {
  return page.evaluate(
    async ([first, end]) => {
      const before = { transactions: window.transactions, errors: window.errors.length }
      let ms = 0
      for (let n = first as number; n < (end as number); n++) {
        const start = performance.now()
        window.make(n, n + 1)
        ms += performance.now() - start
        await new Promise(resolve => setTimeout(resolve))
      }
      return {
        usPerCall: (ms * 1000) / ((end as number) - (first as number)),
        transactions: window.transactions - before.transactions,
        errors: window.errors.length - before.errors,
      }
    },
    [from, to],
  )
}

fault(
  'storage that fails for good: told once, and then quiet and cheap',
  { expect: 'stored', made: [1000] },
  async house => {
    await countTransactions(house)
    // The quota is enough for the start of the tracker, and for nothing more.
    const restore = await limitQuota(house, 60_000)
    const page = await house.open()
    await callInTasks(page, 0, 200)
    await expect
      .poll(() => page.evaluate(() => window.tracker.status().errors['store-failed'] ?? 0), 'storage fails')
      .toBeGreaterThan(0)
    const cost = await callInTasks(page, 200, house.n)
    await page.waitForTimeout(3000)
    const { errors } = await expectBalance(page)
    await restore()
    await house.relaunch()
    await countTransactions(house)
    const healthy = await house.open({ options: { key: 'healthy' } })
    const before = await callInTasks(healthy, 1000, 1800)
    const say = ({ usPerCall, transactions, errors: told }: Cost): string =>
      `${Math.round(usPerCall)} µs, ${transactions} transactions, ${told} errors`
    const note = `a call in a task of its own, healthy: ${say(before)}; failing: ${say(cost)}; ratio ${(cost.usPerCall / before.usPerCall).toFixed(2)}`
    expect.soft(errors['store-failed'], note).toBeLessThanOrEqual(1)
    expect.soft(cost.transactions, note).toBeLessThan(100)
    return note
  },
)
