import { expect } from '@playwright/test'
import { killRenderer } from '../helpers/tracker.js'
import { hourMs, make, numbersOf, range, sessionsOf, shiftClock, slackMs, untilStored } from './clock.js'
import { expectBalance, group } from './fault.js'
import { moveClock } from './house.js'

const fault = group('6 time goes wrong')

fault(
  'a machine asleep for eight hours, a session open',
  { expect: 'stored without a revisit', isShort: true },
  async house => {
    const half = house.n >> 1
    await moveClock(house.context, 0)
    const page = await house.open()
    await page.evaluate(() => window.tracker.signIn('user-42'))
    await make(page, 0, half)
    const before = Date.now()
    await shiftClock(page, 8 * hourMs)
    await make(page, half, house.n)
    await page.evaluate(() => window.tracker.flush())
    await untilStored(house)
    const [slept, resumed, ...more] = await sessionsOf(house)
    expect(more).toEqual([])
    // The session ended at its last activity. The next events are in a new session of the same identity.
    expect(slept).toMatchObject({ identityId: 'user-42', ended: 'SessionEnded idle' })
    expect(numbersOf(slept)).toEqual(range(0, half))
    expect(slept?.endDate).toBeLessThanOrEqual(before)
    expect(slept?.duration).toBeLessThan(slackMs / 1000)
    expect(resumed).toMatchObject({ identityId: 'user-42', started: 'SignIn resumed', endDate: 0 })
    expect(numbersOf(resumed)).toEqual(range(half, house.n))
    expect(Math.abs((resumed?.startDate ?? 0) - before - 8 * hourMs)).toBeLessThan(slackMs)
    expect((await expectBalance(page)).owed).toBe(0)
  },
)

fault('a machine asleep for eight hours, then a new page load', { expect: 'stored' }, async house => {
  const half = house.n >> 1
  await moveClock(house.context, 0)
  const page = await house.open()
  await page.evaluate(() => window.tracker.signIn('user-42'))
  await make(page, 0, half)
  const before = Date.now()
  await house.relaunch()
  await moveClock(house.context, 8 * hourMs)
  const next = await house.open()
  await make(next, half, house.n)
  await next.evaluate(() => window.tracker.flush())
  await untilStored(house)
  // A new page load does not resume a session that is over. Its site decides whether to call `signIn`.
  const [slept, ...more] = await sessionsOf(house)
  expect(more).toEqual([])
  expect(slept).toMatchObject({ identityId: 'user-42', ended: 'SessionEnded idle' })
  expect(numbersOf(slept)).toEqual(range(0, half))
  expect(slept?.endDate).toBeLessThan(before + slackMs)
  expect(slept?.duration).toBeLessThan(slackMs / 1000)
})

fault('a tab dies, and a person comes back after eight hours', { expect: 'stored' }, async house => {
  await moveClock(house.context, 0)
  const page = await house.open()
  await page.evaluate(() => window.tracker.signIn('user-42'))
  for (let n = 0; n < house.n; n += 20) {
    await make(page, n, Math.min(n + 20, house.n))
    await page.waitForTimeout(500)
  }
  await killRenderer(page)
  await house.relaunch()
  await moveClock(house.context, 8 * hourMs)
  const next = await house.open()
  await next.evaluate(() => window.tracker.flush())
  await untilStored(house)
  await expect.poll(async () => (await sessionsOf(house))[0]?.ended).toBe('SessionEnded idle')
  const [session] = await sessionsOf(house)
  // The last activity is at least the last event, even if the tab had no time to note it.
  const events = await house.collector.events(session?.sessionID as string)
  expect(session?.endDate).toBe(events.at(-1)?.timestamp)
  expect(numbersOf(session)).toEqual(range(0, house.n))
})

fault('a machine asleep for eight hours, two tabs open', { expect: 'stored' }, async house => {
  const quarter = house.n >> 2
  await moveClock(house.context, 0)
  const one = await house.open()
  const two = await house.open()
  await one.evaluate(() => window.tracker.signIn('user-42'))
  await make(one, 0, quarter)
  await expect.poll(() => two.evaluate(async () => (await window.tracker.session())?.identityId)).toBe('user-42')
  await make(two, quarter, 2 * quarter)
  await Promise.all([one, two].map(page => shiftClock(page, 8 * hourMs)))
  // Both tabs wake at the same time. Only one of them may end the session and start the next.
  await Promise.all([make(one, 2 * quarter, 3 * quarter), make(two, 3 * quarter, house.n)])
  await Promise.all([one, two].map(page => page.evaluate(() => window.tracker.flush())))
  await untilStored(house)
  const sessions = await sessionsOf(house)
  expect(sessions.map(({ started, ended }) => [started, ended])).toEqual([
    ['SignIn', 'SessionEnded idle'],
    ['SignIn resumed', ''],
  ])
  expect(numbersOf(sessions[0]).toSorted((a, b) => a - b)).toEqual(range(0, 2 * quarter))
  // The tab in front resumes the session. The other one is hidden, so it resumes nothing by itself: if it is the first to wake,
  // its events belong to nobody's session.
  const resumed = numbersOf(sessions[1]).toSorted((a, b) => a - b)
  expect(resumed.slice(-quarter)).toEqual(range(house.n - quarter, house.n))
  expect([0, quarter]).toContain(resumed.length - quarter)
})

fault('nobody does anything for the idle limit, in real time', { expect: 'stored without a revisit' }, async house => {
  const half = house.n >> 1
  const page = await house.open({ options: { idleLimitMs: 5000 } })
  await page.evaluate(() => window.tracker.signIn('user-42'))
  await make(page, 0, half)
  const last = Date.now()
  await page.waitForTimeout(6000)
  await make(page, half, house.n)
  await untilStored(house)
  const sessions = await sessionsOf(house)
  expect(sessions.map(({ started, ended }) => [started, ended])).toEqual([
    ['SignIn', 'SessionEnded idle'],
    ['SignIn resumed', ''],
  ])
  expect(sessions.map(numbersOf)).toEqual([range(0, half), range(half, house.n)])
  expect(Math.abs((sessions[0]?.endDate ?? 0) - last)).toBeLessThan(1000)
  expect((sessions[1]?.startDate ?? 0) - (sessions[0]?.endDate ?? 0)).toBeGreaterThanOrEqual(5000)
})

// The tracker does not read the wall clock at each call. So events right after a sleep could get a time before it.
fault('a machine falls asleep 100 ms after a call, and wakes in another', { expect: 'stored' }, async house => {
  const half = house.n >> 1
  await moveClock(house.context, 0)
  const page = await house.open()
  await page.evaluate(() => window.tracker.signIn('user-42'))
  await page.evaluate(
    async ([middle, end, ms]) => {
      window.make(0, middle as number)
      await new Promise(resolve => setTimeout(resolve, 100))
      window.shiftMs += ms as number
      window.make(middle as number, end as number)
    },
    [half, house.n, 8 * hourMs],
  )
  await untilStored(house)
  const [before, after] = await sessionsOf(house)
  expect(numbersOf(before)).toEqual(range(0, half))
  expect(numbersOf(after)).toEqual(range(half, house.n))
  expect(after?.started).toBe('SignIn resumed')
})
