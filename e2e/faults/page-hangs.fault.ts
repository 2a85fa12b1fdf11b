import { expect } from '@playwright/test'
import { group } from './fault.js'

const fault = group('1 the page goes away')

const hang = (): void => {
  for (;;);
}

fault('page hung, then closed', { expect: 'stored' }, async house => {
  const page = await house.open()
  await page.evaluate(n => window.make(0, n), house.n)
  page.evaluate(hang).catch(() => {})
  await page.close()
})

fault('page hung, then its renderer killed', { expect: 'stored' }, async house => {
  const page = await house.open()
  await page.evaluate(n => window.make(0, n), house.n)
  page.evaluate(hang).catch(() => {})
  await house.killRenderers()
})

fault(
  'page hung in the task of the call, then its renderer killed',
  { expect: { atMost: 103, because: 'the task never ends, and its records are committed at its end' } },
  async house => {
    const page = await house.open()
    page
      .evaluate(n => {
        window.make(0, n)
        for (;;);
      }, house.n)
      .catch(() => {})
    await page.waitForTimeout(1000)
    await house.killRenderers()
    expect(house.ledger().found.length).toBeLessThanOrEqual(house.n)
  },
)
