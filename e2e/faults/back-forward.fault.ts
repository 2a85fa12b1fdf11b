import { expectBalance, group } from './fault.js'
import { comeBack } from './tabs.js'

const fault = group('1 the page goes away')

fault('back/forward cache, in and out', { expect: 'stored' }, async house => {
  const page = await house.open()
  const half = house.n >> 1
  await page.evaluate(n => window.make(0, n), half)
  await page.goto(house.elsewhere.url)
  await comeBack(page)
  await page.evaluate(([from, to]) => window.make(from as number, to as number), [half, house.n])
  await expectBalance(page)
  await page.close()
})

fault(
  'back/forward cache: events in the very task of the return, and away again',
  { expect: 'stored' },
  async house => {
    const page = await house.open()
    const half = house.n >> 1
    await page.evaluate(
      ([from, to, away]) => {
        window.make(0, from as number)
        addEventListener('pageshow', () => {
          window.make(from as number, to as number)
          location.href = away as string
        })
        location.href = away as string
      },
      [half, house.n, house.elsewhere.url],
    )
    await page.waitForURL(house.elsewhere.url)
    // The page leaves again as soon as it is shown, so the test waits for the next address.
    const shown = page.waitForEvent('framenavigated')
    await page.evaluate(() => history.back())
    await shown
    await page.waitForURL(house.elsewhere.url)
  },
)
