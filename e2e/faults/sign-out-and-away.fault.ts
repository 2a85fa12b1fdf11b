import { expect, type Page } from '@playwright/test'
import { signIn } from '../helpers/tracker.js'
import { group } from './fault.js'
import type { House } from './house.js'

const fault = group('1 the page goes away')

/** Makes the events, signs out and leaves for the logout page of another origin, all in one task. */
async function leave(house: House, page: Page): Promise<void> {
  await page.evaluate(
    ([n, away]) => {
      window.make(0, n as number)
      window.tracker.signOut()
      location.href = away as string
    },
    [house.n, `${house.elsewhere.url}/logout`],
  )
  await page.waitForURL(`${house.elsewhere.url}/logout`)
}

const endDate = async (house: House, sessionID: string): Promise<number> =>
  (await house.collector.session(sessionID))?.endDate ?? 0

const expectEnd = (house: House, sessionID: string): Promise<void> =>
  expect.poll(() => endDate(house, sessionID), "the session's end").toBeGreaterThan(0)

/** Makes a tab keep the claim (the right to send), because its request is never answered. */
async function hang(house: House, page: Page): Promise<void> {
  const before = house.proxy.log.length
  house.proxy.rule = () => 'hang'
  await page.evaluate(() => {
    window.tracker.track('Hanging')
    void window.tracker.flush()
  })
  await expect.poll(() => house.proxy.log.length).toBeGreaterThan(before)
  house.proxy.rule = () => 'pass'
}

fault('sign-out and away to another origin', { expect: 'stored without a revisit' }, async house => {
  const page = await house.open({ options: { flushEveryMs: 60_000 } })
  const sessionID = await signIn(page)
  await leave(house, page)
  await expectEnd(house, sessionID)
})

fault('sign-out and away, while its own request hangs', { expect: 'stored without a revisit' }, async house => {
  const page = await house.open({ options: { flushEveryMs: 60_000 } })
  const sessionID = await signIn(page)
  await hang(house, page)
  await leave(house, page)
  await expectEnd(house, sessionID)
})

fault(
  'sign-out and away, while the request of another tab hangs',
  { expect: 'stored without a revisit' },
  async house => {
    const other = await house.open({ options: { flushEveryMs: 60_000 } })
    const page = await house.open({ options: { flushEveryMs: 60_000 } })
    const sessionID = await signIn(page)
    await hang(house, other)
    await leave(house, page)
    await expectEnd(house, sessionID)
  },
)

fault(
  'sign-out and away behind 2,000 events: the end arrives without a revisit',
  { expect: 'stored', made: [2000] },
  async house => {
    const page = await house.open({ options: { flushEveryMs: 60_000 } })
    const sessionID = await signIn(page)
    await leave(house, page)
    await page.close()
    await expectEnd(house, sessionID)
  },
)

fault('a logout page that signs out and leaves as it loads', { expect: 'stored' }, async house => {
  const page = await house.open({ options: { flushEveryMs: 60_000 } })
  const sessionID = await signIn(page)
  const away = `${house.elsewhere.url}/logout`
  await house.context.addInitScript(
    ([n, to]) => {
      if (location.pathname !== '/logout-page') return
      // Runs when the page sets `window.tracker`, in the task that makes the tracker.
      Object.defineProperty(window, 'tracker', {
        configurable: true,
        set(tracker) {
          Object.defineProperty(window, 'tracker', { value: tracker })
          queueMicrotask(() => {
            window.make(0, n as number)
            tracker.signOut()
            location.href = to as string
          })
        },
      })
    },
    [house.n, away],
  )
  await page.goto(house.site.address({ path: '/logout-page', options: { flushEveryMs: 60_000 } }), {
    waitUntil: 'commit',
  })
  await page.waitForURL(away)
  await page.close()
  await house.revisit()
  await expectEnd(house, sessionID)
})
