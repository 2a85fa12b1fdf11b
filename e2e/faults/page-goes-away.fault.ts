import { expect } from '@playwright/test'
import { killRenderer } from '../helpers/tracker.js'
import { group } from './fault.js'

const fault = group('1 the page goes away')

fault('tab closed at once', { expect: 'stored', isShort: true }, async house => {
  const page = await house.open()
  await page.evaluate(n => window.make(0, n), house.n)
  await page.close()
})

fault('renderer killed', { expect: 'stored' }, async house => {
  const page = await house.open()
  await page.evaluate(n => window.make(0, n), house.n)
  await killRenderer(page)
})

for (const after of [0, 50, 300, 3000])
  fault(
    `browser killed after ${after} ms`,
    after
      ? { expect: 'stored' }
      : { expect: { atMost: Number.POSITIVE_INFINITY, because: 'a race that nobody can win' } },
    async house => {
      const page = await house.open({ options: { flushEveryMs: 60_000 } })
      await page
        .evaluate(
          ([n, ms]) => {
            window.make(0, n as number)
            window.kill(ms as number)
          },
          [house.n, after],
        )
        .catch(() => {})
      await new Promise(resolve => setTimeout(resolve, after + 500))
      expect(house.ledger().found.length).toBeLessThanOrEqual(house.n)
    },
  )
