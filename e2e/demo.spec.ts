import { expect, type Locator, type Page } from '@playwright/test'
import type { Event } from '../src/index.js'
import { makeProfile, openBrowser, removeProfile } from './faults/browser.js'
import { type RunningDemo, startDemo } from './helpers/demo.js'
import { test } from './helpers/test.js'

// The demo tries to lose something. Its tally must be right at every moment, and each switch must do what it says.

let demo: RunningDemo

test.beforeAll(async () => {
  demo = await startDemo()
})

test.afterAll(async () => {
  await demo.stop()
})

const text = async (page: Page, id: string): Promise<string> => (await page.getByTestId(id).textContent()) ?? ''
const count = async (page: Page, id: string): Promise<number> => Number(await text(page, `live-${id}`))
const outcome = (page: Page, name: string): Locator => page.getByTestId(`did-${name}`)

/** Opens a page of the shop, and waits until the live view has counted. */
async function open(page: Page, path = '/', shop = demo.shop): Promise<void> {
  await page.goto(shop + path)
  await counted(page)
}

async function counted(page: Page): Promise<void> {
  await expect(page.getByTestId('ledger')).toHaveAttribute('aria-busy', 'false')
}

async function signIn(page: Page, email: string): Promise<void> {
  await open(page, '/sign-in.html')
  await page.getByTestId('email').fill(email)
  await page.getByTestId('sign-in-button').click()
  await page.waitForURL('**/account*')
  await counted(page)
}

/** Flushes, and waits until nothing is owed and the collector has everything. Then the tally is that of the collector. */
async function settle(page: Page): Promise<number> {
  await page.getByTestId('flush-now').dispatchEvent('click')
  await expect(page.getByTestId('live-owed')).toHaveText('0')
  await expect(page.getByTestId('judge')).toHaveText(/^The collector has (\d+) of \1\.$/)
  // A tab that was closed a moment ago may still be sending its exit. So the counts have to agree at some moment.
  let made = 0
  await expect(async () => {
    made = await count(page, 'made')
    expect([made, await count(page, 'stored'), (await eventsOf(page)).length]).toEqual([made, made, made])
  }).toPass({ timeout: 30_000 })
  expect(await count(page, 'dropped')).toBe(0)
  return made
}

/** All that the collector has of the visit of this browser. */
async function eventsOf(page: Page): Promise<Event[]> {
  const visitID = await page.evaluate(() => window.sojourn.status().visitID)
  const { items } = await demo.ask<{ items: Event[] }>(`/v1/visits/${visitID}/events`)
  expect(new Set(items.map(({ eventID }) => eventID)).size).toBe(items.length)
  return items
}

/** Notes every text that the live view shows from now on, on every page. */
async function noteTexts(page: Page): Promise<() => Promise<{ who: string[]; sums: number[][] }>> {
  await page.addInitScript(() => {
    const noted = JSON.parse(sessionStorage.getItem('noted') ?? '{"who":[],"sums":[]}')
    const note = (): void => {
      const read = (id: string): string => document.getElementById(id)?.textContent ?? ''
      const who = read('who')
      const sums = ['made', 'stored', 'owed', 'dropped'].map(read)
      if (who && who !== noted.who.at(-1)) noted.who.push(who)
      if (sums[3]) noted.sums.push(sums.map(one => (one === '…' ? -1 : Number(one))))
      sessionStorage.setItem('noted', JSON.stringify(noted))
    }
    new MutationObserver(note).observe(document, { childList: true, subtree: true, characterData: true })
  })
  return () => page.evaluate(() => JSON.parse(sessionStorage.getItem('noted') ?? ''))
}

for (const [name, viewport] of [
  ['a desktop', { width: 1280, height: 800 }],
  ['a phone', { width: 390, height: 844 }],
] as const)
  test.describe(`on ${name}`, () => {
    test.use({ viewport })

    test('names the product and three things to try on the first screen', {
      tag: viewport.width > 1000 ? '@long' : [],
    }, async ({ page }) => {
      await open(page)
      await expect(page.getByTestId('pitch')).toContainText('Sojourn')
      await expect(page.getByTestId('dare')).toHaveCount(3)
      for (const dare of await page.getByTestId('dare').all()) await expect(dare).toBeInViewport({ ratio: 1 })
      await page.getByTestId('dare').first().click()
      await expect(page.getByTestId('switch-collector')).toBeFocused()
      await expect(page.getByTestId('switch-collector')).toBeInViewport({ ratio: 1 })
      // A dare is no page of the shop.
      expect(new URL(page.url()).hash).toBe('')
    })

    test('shows the inspector beside the live view', async ({ page }) => {
      await open(page)
      if (name === 'a phone') await page.locator('#live-handle').click()
      await page.getByTestId('inspect').click()
      const panel = await page.locator('sojourn-inspector').boundingBox()
      const live = await page.locator('#live').boundingBox()
      if (!panel || !live) throw new Error('nothing is shown')
      expect(panel.x + panel.width <= live.x || panel.y + panel.height <= live.y).toBe(true)
    })

    test('moves nothing while a page loads, with a full cart too', { tag: '@long' }, async ({ page }) => {
      await signIn(page, 'full@example.com')
      await page.evaluate(() => localStorage.setItem('harbour-lane.cart', '[{"id":"logbook","quantity":128}]'))
      await page.addInitScript(() => {
        const shifts: number[] = []
        Object.assign(window, { shifts })
        new PerformanceObserver(list => {
          for (const entry of list.getEntries()) shifts.push((entry as unknown as { value: number }).value)
        }).observe({ type: 'layout-shift', buffered: true })
      })
      for (const path of ['/', '/product.html?id=logbook', '/cart.html', '/account.html', '/signed-out.html']) {
        await open(page, path)
        const shifts = await page.evaluate(() => (window as unknown as { shifts: number[] }).shifts)
        expect([path, shifts.reduce((sum, one) => sum + one, 0) < 0.01, shifts]).toEqual([path, true, shifts])
        const links = await page
          .locator('.masthead nav a:visible')
          .evaluateAll(all => all.map(one => one.getBoundingClientRect().top))
        expect([path, new Set(links.map(Math.round)).size]).toEqual([path, 1])
        expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true)
      }
    })
  })

test('keeps the header in its place until it is known who is signed in and what is in the cart', {
  tag: '@long',
}, async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 })
  const places = async (): Promise<number[][]> =>
    page.locator('.masthead a').evaluateAll(all =>
      all
        .filter(one => !one.hasAttribute('data-away'))
        .map(one => {
          const { x, y, width } = one.getBoundingClientRect()
          return [x, y, width]
        }),
    )
  await page.goto(`${demo.shop}/cart.html`)
  await page.evaluate(() => {
    localStorage.setItem('harbour-lane.cart', '[{"id":"logbook","quantity":12}]')
    localStorage.setItem('harbour-lane.customer', '{"email":"full@example.com","name":"Full"}')
  })
  let release = (): void => {}
  await page.route('**/shop.js', async route => {
    await new Promise<void>(resolve => (release = resolve))
    await route.continue()
  })
  await page.goto(`${demo.shop}/cart.html`, { waitUntil: 'commit' })
  await expect(page.locator('.colophon')).toBeAttached()
  const before = await places()
  release()
  await expect(page.getByTestId('sign-out')).toBeVisible()
  expect((await places()).slice(0, before.length)).toEqual(before)
  expect(before.length).toBe(3)
})

test('never tells a signed-in visitor that nobody is signed in, or a false zero', { tag: '@long' }, async ({
  page,
}) => {
  await signIn(page, 'ada@example.com')
  const noted = await noteTexts(page)
  // The tracker loads late, as on a slow connection.
  let release = (): void => {}
  await page.route('**/collector/sojourn.js', async route => {
    await new Promise<void>(resolve => (release = resolve))
    await route.continue()
  })
  await page.goto(demo.shop, { waitUntil: 'commit' })
  await expect(page.getByTestId('live-who')).toHaveText('ada@example.com')
  await expect(page.getByTestId('live-made')).not.toHaveText('…')
  expect(await count(page, 'made')).toBeGreaterThan(3)
  release()
  await counted(page)
  await page.unroute('**/collector/sojourn.js')
  for (const path of ['/account.html', '/cart.html', '/']) await open(page, path)
  await settle(page)
  const { who, sums } = await noted()
  expect(new Set(who.filter(one => one !== '…'))).toEqual(new Set(['ada@example.com']))
  const known = sums.filter(([made]) => made !== -1) as [number, number, number, number][]
  expect(known.length).toBeGreaterThan(3)
  let last = 0
  for (const [made, stored, owed, dropped] of known) {
    // Four numbers are written one after the other, so the sum is right once the last was written.
    expect(made).toBeGreaterThanOrEqual(last)
    last = made
    expect(stored + owed + dropped).toBeGreaterThan(0)
  }
})

test('counts nothing while consent is denied, and begins anew when it is granted', { tag: '@long' }, async ({
  page,
}) => {
  await open(page, '/')
  await settle(page)
  await page.evaluate(() => window.sojourn.consent('denied'))
  await expect(page.getByTestId('live-made')).toHaveText('–')
  await expect(page.getByTestId('live-who')).toHaveText('not recorded')
  await page.reload()
  await expect(page.getByTestId('live-who')).toHaveText('not recorded')
  await expect(page.getByTestId('live-made')).not.toHaveText(/\d/)
  await page.evaluate(() => window.sojourn.consent('granted'))
  await counted(page)
  await settle(page)
})

test('counts before it knows: a first page says that it is counting, and no zero', { tag: '@long' }, async ({
  page,
}) => {
  await page.route('**/collector/sojourn.js', () => {})
  await page.goto(demo.shop, { waitUntil: 'commit' })
  for (const id of ['made', 'stored', 'owed', 'dropped']) await expect(page.getByTestId(`live-${id}`)).toHaveText('…')
  await expect(page.getByTestId('judge')).toHaveText(/^(Counting …|Not counted, because the tracker is missing\.)$/)
  await expect(page.getByTestId('live-who')).toHaveText('…')
})

test('counts the whole visit: before the sign-in, over page loads, in two tabs, and after the sign-out', async ({
  page,
  context,
}) => {
  await open(page)
  const before = await settle(page)
  expect(before).toBeGreaterThan(0)
  await expect(page.getByTestId('collector-events')).toContainText('VisitStarted')
  await signIn(page, 'grace@example.com')
  await open(page, '/product.html?id=low-tide')
  await page.getByTestId('add-to-cart').click()
  await page.reload()
  await counted(page)
  const [second] = await Promise.all([context.waitForEvent('page'), page.getByTestId('switch-tab').click()])
  await counted(second)
  await expect(outcome(second, 'tab')).toContainText('2 tabs are open')
  await open(second, '/cart.html')
  await second.getByTestId('checkout').click()
  await expect(second.getByTestId('collector-events')).toContainText('Checkout')
  const made = await settle(second)
  await page.bringToFront()
  await expect(page.getByTestId('live-made')).toHaveText(String(made))
  await second.close()
  await page.getByTestId('sign-out').click()
  await page.waitForURL('**/signed-out.html')
  await counted(page)
  await expect(page.getByTestId('live-who')).toHaveText('nobody')
  expect(await settle(page)).toBeGreaterThan(made)
  await expect(page.getByTestId('collector-events')).toContainText('VisitStarted')
  await expect(page.getByTestId('collector-events')).toContainText('SignOut')
  await expect(page.getByTestId('collector-end')).not.toHaveText(/not yet|^$/)
  // Every page has said goodbye.
  await expect(outcome(page, 'crash')).toHaveText('Not tried yet.')
})

test('counts what is owed of a session that is closed, although this browser may no longer show it', {
  tag: '@long',
}, async ({ page }) => {
  await signIn(page, 'edith@example.com')
  await settle(page)
  await page.getByTestId('switch-offline').click()
  await expect(page.getByTestId('switch-offline')).toHaveText('Go online')
  // The page knows that the collector cannot be reached, and waits.
  await page.evaluate(() => window.sojourn.track('Underground'))
  await page.getByTestId('flush-now').click()
  await expect(page.getByTestId('live-attempts')).toContainText('failed')
  await page.getByTestId('sign-out').click()
  await page.waitForURL('**/signed-out.html')
  await counted(page)
  // Owed are that event, the sign-out, the exit of that page and the entry of this one.
  await expect(page.getByTestId('live-owed')).toHaveText('4')
  const made = await count(page, 'made')
  await page.getByTestId('switch-offline').click()
  expect(await settle(page)).toBe(made)
})

/** Where the switches are in the panel. */
const placesOf = (page: Page): Promise<number[]> =>
  page.evaluate(() => {
    const panel = document.querySelector('.live-body') as HTMLElement
    const topOf = (part: Element): number => part.getBoundingClientRect().top
    return [...panel.querySelectorAll('.try')].map(row => Math.round(topOf(row) - topOf(panel) + panel.scrollTop))
  })

test('the collector is really stopped, and what was made meanwhile arrives when it runs again', async ({ page }) => {
  const own = await startDemo()
  try {
    await open(page, '/product.html?id=fog-bell', own.shop)
    await page.getByTestId('flush-now').click()
    await expect(page.getByTestId('live-owed')).toHaveText('0')
    const stored = await count(page, 'stored')
    const places = await placesOf(page)
    await page.getByTestId('switch-collector').click()
    await expect(page.getByTestId('switch-collector')).toHaveText('Start it again')
    expect((await fetch(`${own.shop}/live/v1/visits`)).status).toBe(502)
    await expect(page.getByTestId('judge')).toHaveText(/does not answer/)
    expect(await placesOf(page)).toEqual(places)
    await page.getByTestId('add-to-cart').click()
    await expect(page.getByTestId('live-owed')).toHaveText('1')
    await expect(outcome(page, 'collector')).toHaveText(
      /^Not running for \d+ s\. 1 record made meanwhile, 1 owed, 0 dropped\.$/,
    )
    // The next page loads too, and has not forgotten what is owed.
    await open(page, '/', own.shop)
    expect(await count(page, 'stored')).toBe(stored)
    // The page looks for what the page before it left a moment after its start.
    await expect.poll(() => count(page, 'owed')).toBeGreaterThanOrEqual(3)
    await expect(page.getByTestId('collector-state')).toHaveText(/is not running/)
    await page.getByTestId('switch-collector').click()
    await expect(page.getByTestId('switch-collector')).toHaveText('Stop it')
    await expect(outcome(page, 'collector')).toHaveText(/All arrived within \d+ s\. The collector had (\d+) of \1\.$/)
    await expect(page.getByTestId('live-owed')).toHaveText('0')
    expect(await placesOf(page)).toEqual(places)
    expect(await count(page, 'stored')).toBe(await count(page, 'made'))
  } finally {
    await own.stop()
  }
})

test('offline cuts this browser off, and no other', { tag: '@long' }, async ({ page, browser }) => {
  await open(page, '/product.html?id=fog-bell')
  await settle(page)
  await page.getByTestId('switch-offline').click()
  await expect(page.getByTestId('switch-offline')).toHaveText('Go online')
  const failed = page.waitForEvent('requestfailed', request => request.url().includes('/collector/v1/sessions'))
  await page.getByTestId('add-to-cart').click()
  await page.getByTestId('flush-now').click()
  await failed
  await expect(page.getByTestId('live-owed')).toHaveText('1')
  await expect(outcome(page, 'offline')).toHaveText(
    /^Offline for \d+ s\. 1 record made meanwhile, 1 owed, 0 dropped\.$/,
  )
  const other = await (await browser.newContext()).newPage()
  await open(other)
  await settle(other)
  await other.context().close()
  await expect(page.getByTestId('live-owed')).toHaveText('1')
  await page.getByTestId('switch-offline').click()
  await expect(outcome(page, 'offline')).toContainText('All arrived within')
  await settle(page)
})

test('lost answers make copies, and no copy counts', { tag: '@long' }, async ({ page }) => {
  await open(page, '/product.html?id=night-watch')
  await settle(page)
  await page.getByTestId('add-to-cart').click()
  await page.getByTestId('switch-answers').click()
  // The collector has it, and this browser does not know.
  await expect(page.getByTestId('judge')).toHaveText(/has (\d+) of \1\. This browser has not heard that yet\.$/)
  await expect(page.getByTestId('live-owed')).not.toHaveText('0')
  for (let lost = 1; lost < 4; lost++) await page.getByTestId('flush-now').click()
  await expect(outcome(page, 'answers')).toHaveText(
    /^3 answers lost, for \d+ records?\. .* none counts twice\. The collector had (\d+) of \1\.$/,
  )
  await expect(outcome(page, 'answers')).toHaveAttribute('data-mood', 'well')
  await settle(page)
  expect((await eventsOf(page)).filter(({ eventName }) => eventName === 'AddToCart').length).toBe(1)
})

test('a tab that hangs and is closed has lost nothing', { tag: '@long' }, async ({ page, context }) => {
  await open(page)
  const hangs = page.waitForEvent('console', message => message.text().startsWith('This tab hangs'))
  await page.getByTestId('switch-hang').click()
  await hangs
  await page.close()
  const next = await context.newPage()
  await open(next)
  await settle(next)
  await expect(outcome(next, 'crash')).toContainText('All of them are stored.')
  const burst = (await eventsOf(next)).filter(({ eventName }) => eventName === 'Burst')
  expect(burst.length).toBe(20)
  expect(new Set(burst.map(({ data }) => data?.name)).size).toBe(20)
})

test('a tab that crashes has lost nothing', { tag: '@long' }, async ({ page, context }) => {
  await open(page, '/product.html?id=bulkhead')
  await expect(page.locator('#crash-url')).toHaveText('chrome://crash')
  await page.getByTestId('add-to-cart').click()
  await expect(page.getByTestId('collector-events')).toContainText('AddToCart')
  const crashed = page.waitForEvent('crash')
  await page.goto('chrome://crash').catch(() => {})
  await crashed
  const next = await context.newPage()
  await open(next)
  await settle(next)
  await expect(outcome(next, 'crash')).toHaveText(
    /^1 tab has gone without a goodbye, having made \d+ records\. All of them are stored\./,
  )
})

test('a browser that is killed has lost nothing', { tag: '@long' }, async () => {
  const profile = makeProfile()
  try {
    const first = await openBrowser(profile)
    const page = await first.context.newPage()
    await open(page, '/product.html?id=bulkhead')
    await expect(page.getByTestId('kill-command')).toHaveText(/^(pkill -KILL -x|taskkill \/F)/)
    // Playwright has no mouse in a browser that it has not started.
    await page.getByTestId('switch-kill').dispatchEvent('click')
    await page.getByTestId('add-to-cart').dispatchEvent('click')
    await expect(page.getByTestId('collector-events')).toContainText('AddToCart')
    const made = await count(page, 'made')
    first.kill()
    const second = await openBrowser(profile)
    try {
      const next = await second.context.newPage()
      await open(next)
      expect(await settle(next)).toBeGreaterThan(made)
      await expect(outcome(next, 'kill')).toContainText('All of them are stored.')
    } finally {
      await second.close()
    }
  } finally {
    removeProfile(profile)
  }
})

test('only a page of the demo on this machine turns a switch', async () => {
  const turn = async (headers: Record<string, string>): Promise<number> => {
    const response = await fetch(`${demo.shop}/switch/offline`, { method: 'POST', headers, body: '{"visitID":"none"}' })
    return response.status
  }
  const json = { 'content-type': 'application/json' }
  expect(await turn(json)).toBe(200)
  expect(await turn({})).toBe(403)
  expect(await turn({ ...json, 'sec-fetch-site': 'cross-site' })).toBe(403)
  expect(await turn({ ...json, 'x-forwarded-for': '192.0.2.7' })).toBe(403)
})

test('the policy allows only what the shop itself serves', { tag: '@long' }, async ({ page }) => {
  const noise: string[] = []
  page.on('console', message => noise.push(message.text()))
  const foreign: string[] = []
  page.on('request', request => {
    if (!request.url().startsWith(demo.shop)) foreign.push(request.url())
  })
  await open(page)
  const { headers } = await fetch(demo.shop)
  expect(headers.get('content-security-policy')).toMatch(/default-src 'none'; script-src 'self'; style-src 'self';/)
  expect([noise, foreign]).toEqual([[], []])
})

test('--seed-days fills the days until now', { tag: '@long' }, async () => {
  const own = await startDemo('--seed-days', '2', '--seed', '7')
  try {
    await expect.poll(() => own.said()).toContain('Filled 2 days')
    const [, sessions] = /visits, ([\d,]+) sessions/.exec(own.said()) ?? []
    type Found = { items: { startDate: number; identityId: string }[] }
    const { items } = await own.ask<Found>('/v1/sessions')
    expect(items.length).toBe(Number(sessions))
    expect(items.length).toBeGreaterThan(10)
    const today = Math.floor(Date.now() / 86_400_000)
    for (const { startDate } of items) expect([0, 1]).toContain(today - Math.floor(startDate / 86_400_000))
    const all = await own.ask<Found>('/v1/visits?automated=only')
    expect(all.items.length).toBeGreaterThan(0)
  } finally {
    await own.stop()
  }
})

test('--traffic drives browser tabs as visitors who count', { tag: '@long' }, async () => {
  const own = await startDemo('--traffic', '2')
  try {
    await expect.poll(() => own.said(), { timeout: 60_000 }).toContain('2 visitors have been here.')
    // Automated browsers are left out of this list.
    const visits = await own.ask<{ items: { visitID: string }[] }>('/v1/visits')
    expect(visits.items.length).toBeGreaterThanOrEqual(2)
    const { items } = await own.ask<{ items: Event[] }>('/v1/events')
    for (const { visitID } of visits.items)
      expect(items.filter(one => one.visitID === visitID).map(({ eventName }) => eventName)).toContain('PageEntered')
  } finally {
    await own.stop()
  }
})
