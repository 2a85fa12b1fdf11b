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
  const killed = new Promise<void>(resolve => {
    house.site.onKill = () => house.killRenderers().then(resolve)
  })
  // The page hangs in the next task, before any answer of the database can reach it.
  page
    .evaluate(n => {
      window.make(0, n)
      const { port1, port2 } = new MessageChannel()
      port1.onmessage = () => window.kill(0)
      port2.postMessage('')
    }, house.n)
    .catch(() => {})
  await killed
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
