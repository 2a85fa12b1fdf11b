import { expect, type Page } from '@playwright/test'
import { make, numbersOf, range, sessionsOf, untilStored } from './clock.js'
import { expectBalance, group } from './fault.js'
import type { House } from './house.js'

const fault = group('6 time goes wrong')

/**
 * Stops the wall clock of every new page, `afterTurnMs` after a turn of the segments. With `isAll` it also stops
 * `performance.now`.
 */
async function stopClock(house: House, afterTurnMs: number, isAll = false): Promise<void> {
  await house.context.addInitScript(
    ([after, all]) => {
      const now = Math.floor(Date.now() / 2000) * 2000 + after
      Date.now = () => now
      if (!all) return
      const even = performance.now()
      performance.now = () => even
    },
    [afterTurnMs, isAll] as const,
  )
}

for (const [name, afterTurnMs] of [
  ['', 500],
  [', just where the tabs would change over', 1800],
] as const)
  fault(`a wall clock that stands still${name}`, { expect: 'stored without a revisit' }, async house => {
    await stopClock(house, afterTurnMs)
    const page = await house.open()
    await make(page, 0, house.n)
    await untilStored(house)
    // A page under test may have such a clock, and wait for `flush()`.
    const flushed = page.evaluate(() => window.tracker.flush())
    expect(await Promise.race([flushed, new Promise(resolve => setTimeout(resolve, 10_000, 'never'))])).not.toBe(
      'never',
    )
  })

fault('equal timestamps: all clocks stand still', { expect: 'stored' }, async house => {
  await stopClock(house, 500, true)
  const page = await house.open()
  await page.evaluate(() => window.tracker.signIn('user-42'))
  await make(page, 0, house.n)
  await page.evaluate(() => window.tracker.flush())
  await untilStored(house)
  const [session] = await sessionsOf(house)
  expect(numbersOf(session)).toEqual(range(0, house.n))
})

fault('equal timestamps in two tabs: each keeps its order', { expect: 'stored' }, async house => {
  const half = house.n >> 1
  await stopClock(house, 500, true)
  const one = await house.open()
  await one.evaluate(() => window.tracker.signIn('user-42'))
  // The second tab opens after the sign-in, so it finds the session in the store.
  const two = await house.open()
  await Promise.all([make(one, 0, half), make(two, half, house.n)])
  await Promise.all([one, two].map(page => page.evaluate(() => window.tracker.flush())))
  await untilStored(house)
  const [session] = await sessionsOf(house)
  const found = numbersOf(session)
  expect(found.filter(n => n < half)).toEqual(range(0, half))
  expect(found.filter(n => n >= half)).toEqual(range(half, house.n))
})

/** Makes each reading of the clock wrong by up to this many ms, in both directions. */
async function shakeClock(house: House, ms: number): Promise<void> {
  await house.context.addInitScript(most => {
    const real = Date.now
    // The random generator has a fixed seed, so that each run is the same.
    let state = 42
    Date.now = () => {
      state = (state * 1_103_515_245 + 12_345) & 0x7fffffff
      return real() + ((state >> 8) % (2 * most)) - most
    }
  }, ms)
}

for (const ms of [3000, 50_000])
  fault(`a wall clock that jumps by up to ${ms} ms while two tabs drain`, { expect: 'stored' }, async house => {
    await shakeClock(house, ms)
    const pages: Page[] = [await house.open(), await house.open()]
    for (let n = 0; n < house.n; n += 10) {
      await make(pages[(n / 10) % 2] as Page, n, Math.min(n + 10, house.n))
      await pages[0]?.waitForTimeout(200)
    }
    await untilStored(house)
    for (const page of pages)
      await expect.poll(async () => (await expectBalance(page)).owed, { timeout: 20_000 }).toBe(0)
  })
