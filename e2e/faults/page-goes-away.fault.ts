import { expect } from '@playwright/test'
import { activityMs } from '../../src/record/limits.js'
import { killRenderer, signIn } from '../helpers/tracker.js'
import { group } from './fault.js'
import { moveClock } from './house.js'

const fault = group('1 the page goes away')

fault('tab closed at once', { expect: 'stored', isShort: true }, async house => {
  const page = await house.open()
  await page.evaluate(n => window.make(0, n), house.n)
  await page.close()
})

fault('tab closed at once, with beforeunload', { expect: 'stored' }, async house => {
  const page = await house.open()
  await page.evaluate(n => window.make(0, n), house.n)
  await page.close({ runBeforeUnload: true })
  await expect.poll(() => page.isClosed()).toBe(true)
})

fault('tab closed, and the page asks whether one is sure', { expect: 'stored' }, async house => {
  const page = await house.open()
  await page.evaluate(() => addEventListener('beforeunload', event => event.preventDefault()))
  let isAsked = false
  page.on('dialog', dialog => {
    isAsked = true
    void dialog.accept()
  })
  // The browser shows the question only if a person has used the page.
  await page.mouse.click(10, 10)
  await page.evaluate(n => window.make(0, n), house.n)
  await page.close({ runBeforeUnload: true })
  await expect.poll(() => page.isClosed()).toBe(true)
  expect(isAsked, 'the browser asked').toBe(true)
})

fault('a tab that closes itself in the task of the call', { expect: 'stored' }, async house => {
  const page = await house.open()
  const [popup] = await Promise.all([
    page.waitForEvent('popup'),
    page.evaluate(() => void window.open(`${location.href}&popup`)),
  ])
  await popup.waitForFunction(() => window.tracker?.status().store === 'indexeddb')
  const closed = popup.waitForEvent('close')
  await popup
    .evaluate(n => {
      window.make(0, n)
      window.close()
    }, house.n)
    .catch(() => {})
  await closed
})

for (const { name, away } of [
  { name: 'another origin', away: 'elsewhere' },
  { name: 'another page of the site', away: 'next' },
] as const)
  fault(`navigation to ${name} in the task of the call`, { expect: 'stored' }, async house => {
    const page = await house.open()
    const url = away === 'elsewhere' ? house.elsewhere.url : house.site.address({ path: '/next' })
    await page.evaluate(
      ([n, to]) => {
        window.make(0, n as number)
        location.href = to as string
      },
      [house.n, url],
    )
    await page.waitForURL(url)
  })

fault('reload in the task of the call', { expect: 'stored' }, async house => {
  const page = await house.open()
  const reloaded = page.waitForEvent('domcontentloaded')
  await page.evaluate(n => {
    window.make(0, n)
    location.reload()
  }, house.n)
  await reloaded
})

for (const type of ['beforeunload', 'pagehide', 'unload'])
  fault(`events made in the page's own ${type}`, { expect: 'stored' }, async house => {
    const page = await house.open()
    await page.evaluate(([n, on]) => addEventListener(on as string, () => window.make(0, n as number)), [house.n, type])
    await page.goto(house.elsewhere.url)
  })

fault('a frame that is removed in the task of the call', { expect: 'stored' }, async house => {
  const page = await house.open()
  await page.evaluate(async n => {
    const frame = document.createElement('iframe')
    frame.src = location.href
    document.body.append(frame)
    const inner = frame.contentWindow as Window & typeof globalThis
    while (inner.tracker?.status().store !== 'indexeddb') await new Promise(resolve => setTimeout(resolve, 10))
    inner.make(0, n)
    frame.remove()
  }, house.n)
  // This page is killed too, so it cannot send the records of the frame.
  await killRenderer(page)
})

fault('renderer killed', { expect: 'stored' }, async house => {
  const page = await house.open()
  await page.evaluate(n => window.make(0, n), house.n)
  await killRenderer(page)
})

fault('2,000 events and close', { expect: 'stored', made: [2000] }, async house => {
  const page = await house.open()
  await page.evaluate(n => window.make(0, n), house.n)
  await page.close()
})

fault('one event of 100 KB and close', { expect: 'stored', made: [1] }, async house => {
  const page = await house.open()
  await page.evaluate(() => window.tracker.track('Numbered', { n: 0, text: 'x'.repeat(100 * 1024) }))
  await page.close()
})

fault('tab closed: the exit of its page is kept', { expect: 'stored without a revisit' }, async house => {
  const page = await house.open({ options: { flushEveryMs: 60_000 } })
  await signIn(page)
  await page.goto(house.site.address({ path: '/last' }))
  await page.waitForFunction(() => window.tracker?.status().store === 'indexeddb')
  const sessionID = await page.evaluate(async () => (await window.tracker.session())?.sessionID as string)
  await page.evaluate(n => window.make(0, n), house.n)
  const madeAt = Date.now()
  await page.close()
  const lastPage = async () => (await house.collector.pages(sessionID)).find(({ url }) => url.includes('/last'))
  await expect.poll(async () => (await lastPage())?.endDate ?? 0).toBeGreaterThanOrEqual(madeAt - 1000)
})

// A person only reads. That activity makes no record, and a killed tab cannot record its exit.
fault(
  'renderer killed while somebody reads: the page ends at their last activity, not where it began',
  { expect: 'stored', made: [1], timeoutMs: 180_000 },
  async house => {
    await moveClock(house.context, 0)
    const page = await house.open()
    await signIn(page)
    await page.goto(house.site.address({ path: '/read' }))
    await page.waitForFunction(() => window.tracker?.status().store === 'indexeddb')
    const sessionID = await page.evaluate(async () => (await window.tracker.session())?.sessionID as string)
    await page.evaluate(n => window.make(0, n), house.n)
    await page.waitForTimeout(activityMs + 1000)
    await page.mouse.click(10, 10)
    await page.evaluate(() => window.settled())
    await killRenderer(page)
    await house.relaunch()
    await moveClock(house.context, 3_600_000)
    const next = await house.open()
    // The page of the sign-in belongs to the session too.
    const pageRead = async () => (await house.collector.pages(sessionID)).find(({ url }) => url.includes('/read'))
    await expect
      .poll(async () => {
        await next.evaluate(() => window.tracker.flush())
        return (await pageRead())?.endDate ?? 0
      })
      .toBeGreaterThan(0)
    const { startDate, endDate } = (await pageRead()) as { startDate: number; endDate: number }
    expect(endDate - startDate, 'ms on the page').toBeGreaterThanOrEqual(activityMs)
    expect(endDate - startDate, 'ms on the page').toBeLessThan(10 * activityMs)
    return `${Math.round((endDate - startDate) / 1000)} s on the page`
  },
)
