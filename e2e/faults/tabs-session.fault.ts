import { expect, type Page } from '@playwright/test'
import type { Event } from '../../src/index.js'
import { numbers, signIn, upTo } from '../helpers/tracker.js'
import { group } from './fault.js'
import type { House } from './house.js'
import { comeBack, freeze } from './tabs.js'

const fault = group('4 several tabs')

const make = (page: Page, from: number, to: number): Promise<void> =>
  page.evaluate(([first, end]) => window.make(first as number, end as number), [from, to])

/** The id of the session that is open according to this tab; empty if none. */
const openSession = (page: Page): Promise<string> =>
  page.evaluate(async () => (await window.tracker.session())?.sessionID ?? '')

/** Waits until the collector has all events. @returns the numbers of those in this session. */
async function inSession(house: House, sessionID: string): Promise<number[]> {
  await expect.poll(() => house.ledger().lost, { timeout: 30_000 }).toEqual([])
  return numbers(await house.collector.events(sessionID), 'Numbered')
}

const range = (from: number, to: number): number[] => upTo(to).slice(from)

fault('sign-in in one tab is the session of all', { expect: 'stored without a revisit' }, async house => {
  const half = house.n >> 1
  const two = await house.open({ path: '/two' })
  const one = await house.open({ path: '/one' })
  const sessionID = await signIn(one)
  await expect.poll(() => openSession(two)).toBe(sessionID)
  await make(one, 0, half)
  await make(two, half, house.n)
  expect(await inSession(house, sessionID)).toEqual(upTo(house.n))
})

fault('another identity in one tab replaces it for all', { expect: 'stored without a revisit' }, async house => {
  const half = house.n >> 1
  const two = await house.open({ path: '/two' })
  const one = await house.open({ path: '/one' })
  const first = await signIn(one)
  await expect.poll(() => openSession(two)).toBe(first)
  await make(two, 0, half)
  const second = await signIn(one, 'user-43')
  await expect.poll(() => openSession(two)).toBe(second)
  await make(two, half, house.n)
  expect(await inSession(house, second)).toEqual(range(half, house.n))
  expect(numbers(await house.collector.events(first), 'Numbered')).toEqual(upTo(half))
})

const rounds = 10

/** Tracks one event in each task, as fast as possible, for 400 ms. The session ends in this time. */
const probe = (page: Page): Promise<void> =>
  page.evaluate(async () => {
    const { port1, port2 } = new MessageChannel()
    const end = performance.now() + 400
    await new Promise<void>(resolve => {
      port1.onmessage = () => {
        if (performance.now() > end) return resolve()
        window.tracker.track('Probe', { at: performance.timeOrigin + performance.now() })
        const pause = performance.now() + 1
        while (performance.now() < pause);
        port2.postMessage(0)
      }
      port2.postMessage(0)
    })
  })

fault(
  `sign-out in one tab ends it for all, ${rounds} times`,
  { expect: 'stored without a revisit', timeoutMs: 180_000 },
  async house => {
    const other = await house.open({ path: '/other' })
    const front = await house.open({ path: '/front' })
    const windows: number[] = []
    const ended: string[] = []
    for (let round = 0; round < rounds; round++) {
      const from = Math.floor((house.n * round) / rounds)
      const to = Math.floor((house.n * (round + 1)) / rounds)
      const sessionID = await signIn(front)
      ended.push(sessionID)
      await expect.poll(() => openSession(other)).toBe(sessionID)
      const probing = probe(other)
      await front.waitForTimeout(100)
      const signedOutAt = await front.evaluate(() => {
        const at = performance.timeOrigin + performance.now()
        window.tracker.signOut()
        return at
      })
      await probing
      await make(other, from, to)
      const probes = async (): Promise<Event[]> =>
        (await house.collector.events(sessionID)).filter(({ eventName }) => eventName === 'Probe')
      await other.evaluate(() => window.tracker.flush())
      await expect.poll(async () => (await probes()).length).toBeGreaterThan(0)
      await expect.poll(async () => await other.evaluate(() => window.tracker.status().owed)).toBe(0)
      const last = Math.max(...(await probes()).map(({ data }) => (data as { at: number }).at))
      windows.push(Math.max(0, last - signedOutAt))
    }
    for (const sessionID of ended) expect(await inSession(house, sessionID)).toEqual([])
    windows.sort((a, b) => a - b)
    const longest = windows[rounds - 1] as number
    expect(longest, 'another tab knows soon').toBeLessThan(300)
    return `another tab knew after ${windows[rounds >> 1]?.toFixed(1)} ms (median), ${longest.toFixed(1)} ms (longest)`
  },
)

/** Ends the session of all tabs, and waits until it is on disk. A tab that thaws earlier may not know it yet. */
async function signOut(page: Page): Promise<void> {
  await page.evaluate(() => window.tracker.signOut())
  await expect.poll(() => openSession(page)).toBe('')
}

/** Makes a tab record events in the task in which it is thawed or shown again. */
async function makeOnReturn(page: Page, type: 'resume' | 'pageshow', from: number, to: number): Promise<void> {
  await page.evaluate(
    ([on, first, end]) =>
      (on === 'resume' ? document : window).addEventListener(on as string, () =>
        window.make(first as number, end as number),
      ),
    [type, from, to],
  )
}

for (const then of ['nobody is signed in', 'somebody else is signed in'])
  fault(`a frozen tab whose session ends, thawed: ${then}`, { expect: 'stored without a revisit' }, async house => {
    const third = Math.floor(house.n / 3)
    const other = await house.open({ path: '/other' })
    const sleeper = await house.open({ path: '/sleeper' })
    const sessionID = await signIn(sleeper)
    await make(sleeper, 0, third)
    await makeOnReturn(sleeper, 'resume', third, 2 * third)
    await expect.poll(() => openSession(other)).toBe(sessionID)
    const thaw = await freeze(sleeper)
    await signOut(other)
    const next = then === 'nobody is signed in' ? '' : await signIn(other, 'user-43')
    await thaw()
    await make(sleeper, 2 * third, house.n)
    expect(await inSession(house, sessionID)).toEqual(upTo(third))
    if (next) expect(await inSession(house, next)).toEqual(range(third, house.n))
  })

fault(
  'a tab in the back/forward cache whose session ends, and back',
  { expect: 'stored without a revisit' },
  async house => {
    const third = Math.floor(house.n / 3)
    const other = await house.open({ path: '/other' })
    const sleeper = await house.open({ path: '/sleeper' })
    const sessionID = await signIn(sleeper)
    await make(sleeper, 0, third)
    await makeOnReturn(sleeper, 'pageshow', third, 2 * third)
    await expect.poll(() => openSession(other)).toBe(sessionID)
    await sleeper.goto(house.elsewhere.url)
    await signOut(other)
    await comeBack(sleeper)
    await make(sleeper, 2 * third, house.n)
    expect(await inSession(house, sessionID)).toEqual(upTo(third))
  },
)
