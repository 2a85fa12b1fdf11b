import { expect } from '@playwright/test'
import { killRenderer } from '../helpers/tracker.js'
import { hourMs, make, numbersOf, range, sessionsOf, shiftClock, untilStored, yearMs } from './clock.js'
import { expectBalance, group } from './fault.js'
import { type House, moveClock } from './house.js'
import { holdOpen, openBare } from './storage.js'

const fault = group('6 time goes wrong')

fault('clock set back an hour in the middle of a session', { expect: 'stored without a revisit' }, async house => {
  const half = house.n >> 1
  await moveClock(house.context, 0)
  const page = await house.open()
  await page.evaluate(() => window.tracker.signIn('user-42'))
  await make(page, 0, half)
  await shiftClock(page, -hourMs)
  await make(page, half, house.n)
  await page.evaluate(() => window.tracker.signOut())
  await untilStored(house)
  await expect.poll(async () => (await sessionsOf(house))[0]?.ended).toBe('SignOut')
  const [session, ...more] = await sessionsOf(house)
  expect(more).toEqual([])
  expect(numbersOf(session)).toEqual(range(0, house.n))
  // Within a page load the time does not jump, so the duration of the session is right.
  expect(session?.duration).toBeGreaterThanOrEqual(1)
  expect(session?.duration).toBeLessThan(60)
})

fault('clock set forward a year in the middle of a session', { expect: 'stored without a revisit' }, async house => {
  const half = house.n >> 1
  await moveClock(house.context, 0)
  const page = await house.open()
  await page.evaluate(() => window.tracker.signIn('user-42'))
  await make(page, 0, half)
  await shiftClock(page, yearMs)
  await make(page, half, house.n)
  await untilStored(house)
  const sessions = await sessionsOf(house)
  expect(sessions.map(({ started, ended }) => [started, ended])).toEqual([
    ['SignIn', 'SessionEnded idle'],
    ['SignIn resumed', ''],
  ])
  expect(sessions.map(numbersOf)).toEqual([range(0, half), range(half, house.n)])
  expect(sessions[0]?.duration).toBeLessThan(60)
})

fault('clock set forward a year while the collector is down', { expect: 'stored' }, async house => {
  await moveClock(house.context, 0)
  await house.proxy.down()
  const page = await house.open()
  await make(page, 0, house.n)
  await shiftClock(page, yearMs)
  // The records were owed for seconds and not for a year, so none of them is too old.
  for (let turn = 0; turn < 3; turn++) {
    await page.evaluate(() => window.tracker.flush())
    await page.waitForTimeout(2000)
  }
  const { dropped } = await expectBalance(page)
  expect(dropped).toEqual({})
  await house.proxy.up()
})

for (const [name, wrongMs] of [
  ['in 1970', -Date.now() + 86_400_000],
  ['a year behind', -yearMs],
] as const)
  fault(`a clock ${name} at first, then right, and the collector is down`, { expect: 'stored' }, async house => {
    await moveClock(house.context, wrongMs)
    await house.proxy.down()
    const page = await house.open()
    await make(page, 0, house.n)
    await house.relaunch()
    await moveClock(house.context, 0)
    const next = await house.open()
    for (let turn = 0; turn < 3; turn++) {
      await next.evaluate(() => window.tracker.flush())
      await next.waitForTimeout(2000)
    }
    await house.proxy.up()
    expect((await expectBalance(next)).errors['record-dropped']).toBeUndefined()
  })

fault('a clock years ahead at first, then right', { expect: 'stored' }, async house => {
  const half = house.n >> 1
  await moveClock(house.context, 5 * yearMs)
  await house.proxy.down()
  const page = await house.open()
  await page.evaluate(() => window.tracker.signIn('user-42'))
  await make(page, 0, half)
  await house.relaunch()
  await moveClock(house.context, 0)
  await house.proxy.up()
  const next = await house.open()
  await make(next, half, house.n)
  await untilStored(house)
  // The session continues, and ends after the idle limit without activity. It does not last for five years.
  await house.relaunch()
  await moveClock(house.context, hourMs)
  const later = await house.open()
  await later.evaluate(() => window.tracker.track('Later'))
  await later.evaluate(() => window.tracker.flush())
  await expect.poll(async () => (await sessionsOf(house))[0]?.ended).toBe('SessionEnded idle')
  const [session] = await sessionsOf(house)
  expect(numbersOf(session).toSorted((a, b) => a - b)).toEqual(range(0, house.n))
  expect(session?.duration).toBe(0)
})

fault('calls left behind by a page whose clock was a year ahead', { expect: 'stored' }, async house => {
  await moveClock(house.context, yearMs)
  const holder = await openBare(house)
  await holdOpen(holder)
  const page = await house.open({}, false)
  await page.waitForFunction(() => !!window.make)
  // The calls are few enough for localStorage to keep all of them.
  await make(page, 0, house.n)
  await killRenderer(page)
  await holder.evaluate(() => window.letGo())
  await house.relaunch()
  await moveClock(house.context, 0)
})

const withoutLocks = (house: House): Promise<unknown> =>
  house.context.addInitScript(() => void Reflect.deleteProperty(Navigator.prototype, 'locks'))

fault('the right to send, taken by a clock a year ahead, without Web Locks', { expect: 'stored' }, async house => {
  await withoutLocks(house)
  await moveClock(house.context, yearMs)
  house.proxy.rule = () => 'hang'
  const page = await house.open()
  await make(page, 0, house.n)
  await expect.poll(() => house.proxy.log.length).toBeGreaterThan(0)
  await killRenderer(page)
  await house.relaunch()
  await withoutLocks(house)
  await moveClock(house.context, 0)
})

fault('clock set back an hour between two page loads', { expect: 'stored' }, async house => {
  const half = house.n >> 1
  await moveClock(house.context, 0)
  const page = await house.open()
  await page.evaluate(() => window.tracker.signIn('user-42'))
  await make(page, 0, half)
  await page.close()
  await house.relaunch()
  await moveClock(house.context, -hourMs)
  const next = await house.open()
  await make(next, half, house.n)
  await next.evaluate(() => window.tracker.signOut())
  await untilStored(house)
  await expect.poll(async () => (await sessionsOf(house))[0]?.ended).toBe('SignOut')
  const [session, ...more] = await sessionsOf(house)
  expect(more).toEqual([])
  // Over page loads, no time is before the last activity. So the order of events is right.
  expect(numbersOf(session)).toEqual(range(0, house.n))
  const names = session?.events.filter(event => typeof event === 'string')
  expect(names).toEqual(['SignIn', 'PageExited', 'PageEntered', 'SignOut'])
})
