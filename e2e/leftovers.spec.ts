import { expect } from '@playwright/test'
import type { RunningCollector } from './helpers/collector.js'
import { modulePage, type Site, startSite } from './helpers/site.js'
import { test } from './helpers/test.js'
import { killRenderer, numbers, openTracker, upTo } from './helpers/tracker.js'

let collector: RunningCollector
let site: Site

// The flush timer is an hour. So a page sends only because of its page load, or because the test calls `flush()`.
test.beforeEach(async ({ shared }) => {
  collector = shared
  const options = { collector: collector.url, key: 'left', flushEveryMs: 3_600_000 }
  site = await startSite(path =>
    path === '/bare' ? '<!doctype html><title>Bare</title>' : modulePage({ ...options, key: path.slice(1) || 'left' }),
  )
})

test.afterEach(async () => {
  await site.stop()
})

const sessionOf = (sessionID: string, name: string) => async (): Promise<number[]> =>
  numbers(await collector.events(sessionID), name)

for (const [what, count, chars] of [
  ['20 small records', 20, 10],
  ['records of 100 KB', 3, 100_000],
] as const)
  test(`a page load sends ${what} that a killed tab has left, without a call of flush()`, async ({ context }) => {
    const page = await context.newPage()
    await openTracker(page, site.url)
    const sessionID = await page.evaluate(async () => {
      window.tracker.signIn('user-42')
      await window.tracker.flush()
      return (await window.tracker.session())?.sessionID as string
    })
    await page.route(`${collector.url}/**`, route => route.abort())
    await page.evaluate(
      async ([n, length]) => {
        for (let i = 0; i < (n as number); i++)
          window.tracker.track('Left', { n: i, text: 'x'.repeat(length as number) })
      },
      [count, chars],
    )
    await killRenderer(page)
    expect(await sessionOf(sessionID, 'Left')()).toEqual([])
    await openTracker(await context.newPage(), site.url)
    await expect.poll(sessionOf(sessionID, 'Left')).toEqual(upTo(count))
  })

test('a page load sends the exit of a page that was killed', { tag: '@long' }, async ({ context }) => {
  const page = await context.newPage()
  await openTracker(page, site.url)
  const sessionID = await page.evaluate(async () => {
    window.tracker.signIn('user-42')
    window.tracker.page({ title: 'Last page' })
    await window.tracker.flush()
    return (await window.tracker.session())?.sessionID as string
  })
  await killRenderer(page)
  await openTracker(await context.newPage(), site.url)
  const ends = async (): Promise<boolean[]> =>
    ((await collector.pages(sessionID)) as { title: string; endDate: number }[])
      .filter(({ title }) => title === 'Last page')
      .map(({ endDate }) => endDate > 0)
  await expect.poll(ends, { timeout: 30_000 }).toEqual([true])
})

/** Fills a database in the layout of schema version 1: an object for each record, in two stores. */
const fillOld = (key: string): Promise<string[]> =>
  new Promise(resolve => {
    const at = Date.now()
    const id = (n: number): string =>
      `${at.toString(36).padStart(9, '0')}OldWriter${n.toString().padStart(3, '0')}00000`
    const visit = { visitID: id(900), globalVisitID: id(901), startDate: at, languageCode: 'de', userAgent: 'old' }
    const session = { sessionID: id(902), identityId: 'user-41', visitID: visit.visitID, startDate: at }
    const record = (n: number) => ({
      id: id(n),
      writer: id(903),
      seq: n + 1,
      event: JSON.stringify({
        eventID: id(n),
        eventType: 'BUSINESS',
        eventName: 'Old',
        timestamp: at + n,
        writer: id(903),
        seq: n + 1,
        data: { n },
      }),
      visit: JSON.stringify(visit),
      session: JSON.stringify(session),
      page: '',
      ends: 0,
      lies: n % 2,
    })
    const keyOf = (n: number): string => `1${id(n)}.${(300).toString(36)}`
    for (const n of [6, 7])
      localStorage.setItem(`sojourn-${key}:${id(n)}`, JSON.stringify({ ...record(n), at: at - 60_000 }))
    const opening = indexedDB.open(`sojourn-${key}`, 1)
    opening.onupgradeneeded = () => {
      for (const name of ['owed0', 'owed1', 'history', 'state']) opening.result.createObjectStore(name)
    }
    opening.onsuccess = () => {
      const tx = opening.result.transaction(['owed0', 'owed1', 'state'], 'readwrite')
      for (let n = 0; n < 6; n++) tx.objectStore(n % 2 ? 'owed1' : 'owed0').put(record(n), keyOf(n))
      const state = { rev: at, globalVisitID: visit.globalVisitID, visit, session, active: at, left: false }
      tx.objectStore('state').put(state, 'presence')
      tx.oncomplete = () => {
        opening.result.close()
        resolve([session.sessionID])
      }
    }
  })

test('sends records that are owed in the layout of version 1 once each, and continues their session', async ({
  context,
}) => {
  const bare = await context.newPage()
  await bare.goto(`${site.url}/bare`)
  const [sessionID] = (await bare.evaluate(fillOld, 'old')) as [string]
  const page = await context.newPage()
  await openTracker(page, `${site.url}/old`)
  await expect.poll(sessionOf(sessionID, 'Old')).toEqual(upTo(8))
  await page.evaluate(() => window.tracker.track('New', { n: 0 }))
  await page.evaluate(() => window.tracker.flush())
  expect(await sessionOf(sessionID, 'New')()).toEqual([0])
  await expect.poll(() => page.evaluate(() => localStorage.length)).toBe(0)
})
