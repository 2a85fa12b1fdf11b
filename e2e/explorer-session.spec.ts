import { expect, type Page } from '@playwright/test'
import type { RunningCollector } from './helpers/collector.js'
import { expectAccessible, toExplorer } from './helpers/explorer.js'
import { untilCounted, watch } from './helpers/explorer-test.js'
import { makeEvening, Story, tell } from './helpers/story.js'
import { test } from './helpers/test.js'
import { makeIdentity } from './helpers/tracker.js'

// The explorer's pages of one session and of one visit.

const hour = 3_600_000

let made = 0

/** Sends an evening in the shop. Its session has 48 events by its end, with those before the sign-in, and there are 6 more in the visit. */
async function tellEvening(collector: RunningCollector, more: { identityId?: string; start?: number } = {}) {
  const { identityId = makeIdentity(), start = Date.now() - 5 * hour } = more
  const id = `${identityId}-${made++}`
  await tell(collector.url, makeEvening(id, identityId, start).batches())
  return { identityId, sessionID: `session-${id}`, visitID: `visit-${id}` }
}

async function openSession(page: Page, collector: RunningCollector, sessionID: string): Promise<void> {
  await page.goto(toExplorer(collector.url, 'sessions', sessionID))
  await expect(page.locator('.tl-bar').first()).toBeVisible()
}

/** How many events the marks of the timeline stand for. */
async function countMarked(page: Page): Promise<number> {
  const counts = await page
    .locator('.tl-mark')
    .evaluateAll(marks => marks.map(mark => Number(mark.getAttribute('data-events'))))
  return counts.reduce((sum, count) => sum + count, 0)
}

/** How many marks of the timeline are inside of what is seen of it. */
async function countInFrame(page: Page): Promise<number> {
  return page.locator('.tl-frame').evaluate(frame => {
    const { left, right } = frame.getBoundingClientRect()
    const boxes = [...frame.querySelectorAll('.tl-mark')].map(mark => mark.getBoundingClientRect())
    return boxes.filter(box => box.left >= left && box.right <= right).length
  })
}

test('the timeline has each event once, a bar for each page, a lane for each tab, and the idle gap', async ({
  page,
  shared,
}) => {
  const { identityId, sessionID } = await tellEvening(shared)
  const { faults } = watch(page, shared.url)
  await openSession(page, shared, sessionID)
  await expect(page.getByRole('heading', { name: '48 events, 10 pages' })).toBeVisible()
  expect(await countMarked(page)).toBe(48)
  await expect(page.locator('.tl-bar')).toHaveCount(10)
  await expect(page.locator('.tl-name')).toHaveText(['Tab 1', 'Tab 2', 'Tab 3'])
  await expect(page.locator('.tl-gap-text')).toHaveText(['23 min idle'])
  await expect(page.locator('.tl-band')).toHaveText(['before signing in', `${identityId}signed out`])
  // The person searched twice before the sign-in, and is drawn lighter there.
  await expect(page.locator('.tl-mark:not(.is-own)[aria-label^="Search,"]')).toHaveCount(2)
  await expect(page.locator('.tl-mark.is-own[aria-label^="Order,"]')).toHaveCount(1)
  await expect(page.locator('.session-head')).toContainText('34 min 20 s')
  await expect(page.locator('.session-head')).toContainText('signed out')
  expect(faults).toEqual([])
})

test('the timeline keeps its bars, marks and keys in high contrast, and on paper', { tag: '@long' }, async ({
  page,
  shared,
}) => {
  const { sessionID } = await tellEvening(shared)
  await page.emulateMedia({ forcedColors: 'active' })
  await openSession(page, shared, sessionID)
  const grounds = await page.evaluate(() => {
    const groundOf = (selector: string, pseudo?: string): string =>
      getComputedStyle(document.querySelector(selector) as Element, pseudo).backgroundColor
    return [groundOf('.tl-bar', '::before'), groundOf('.tl-active'), groundOf('.tl-key.is-active'), groundOf('body')]
  })
  const canvas = grounds.pop()
  for (const ground of grounds) expect(ground).not.toBe(canvas)
  const edgeOf = (link: string): Promise<string> =>
    page.evaluate(found => getComputedStyle(document.querySelector(found) as Element).borderBottomColor, link)
  expect(await edgeOf('.pages a:not([aria-current])')).toBe(canvas)
  expect(await edgeOf('.pages a[aria-current]')).not.toBe(canvas)

  await page.emulateMedia({ forcedColors: 'none', media: 'print' })
  await expect(page.getByRole('navigation')).toBeHidden()
  await expect(page.locator('.tl-active').first()).toHaveCSS('print-color-adjust', 'exact')

  // Paper has all events, because nobody can ask it for more.
  await page.emulateMedia({ media: null })
  const rows = page.getByRole('table', { name: 'All that is on the timeline' }).locator('tbody tr')
  await expect(rows).toHaveCount(20)
  await rows.first().evaluate(row => {
    const body = row.parentElement as HTMLElement
    // This happens after `beforeprint`.
    const print = matchMedia('print')
    print.addEventListener('change', () => print.matches && (document.title = `${body.children.length} printed`))
  })
  await page.pdf()
  await expect(page).toHaveTitle('48 printed')
  await expect(rows).toHaveCount(20)
})

test('the navigation of a phone lies over all of a session', async ({ page, shared }) => {
  const { sessionID } = await tellEvening(shared)
  await page.setViewportSize({ width: 390, height: 600 })
  await openSession(page, shared, sessionID)
  const covered = await page.locator('.pages').evaluate(pages => {
    const { left, top, height } = pages.getBoundingClientRect()
    const found: number[] = []
    for (let y = 0; y <= document.documentElement.scrollHeight - innerHeight; y += 40) {
      scrollTo({ top: y, behavior: 'instant' })
      if (!pages.contains(document.elementFromPoint(left + 10, top + height / 2))) found.push(y)
    }
    return found
  })
  expect(covered).toEqual([])
})

test('what follows the session is only on the page of the visit', { tag: '@long' }, async ({ page, shared }) => {
  const { identityId, sessionID, visitID } = await tellEvening(shared)
  await openSession(page, shared, sessionID)
  await expect(page.locator('.tl-mark[aria-label^="Review,"]')).toHaveCount(1)
  await page.getByRole('link', { name: 'the whole visit' }).click()
  await expect(page).toHaveURL(toExplorer(shared.url, 'visits', visitID))
  await expect(page.getByRole('heading', { name: '56 events, 12 pages' })).toBeVisible()
  expect(await countMarked(page)).toBe(56)
  await expect(page.locator('.tl-mark[aria-label^="Review,"]')).toHaveCount(2)
  await expect(page.locator('.tl-band.is-own')).toHaveText([`${identityId}signed out`, /^friend-of-/])
  await expect(page.locator('.session-head')).toContainText('Events without a sign-in4')
})

test('the keyboard goes through the timeline, zooms, and shows details', async ({ page, shared }) => {
  const { sessionID } = await tellEvening(shared)
  await openSession(page, shared, sessionID)
  // It is one stop of the Tab key.
  await page.locator('.session-head a').last().focus()
  await page.keyboard.press('Tab')
  const focused = page.locator('.tl-plane :focus')
  await expect(focused).toHaveAttribute('aria-label', /^(Page Harbour Lane|VisitStarted)/)
  for (let n = 0; n < 60 && !(await focused.getAttribute('aria-label'))?.startsWith('14 events'); n++)
    await page.keyboard.press('ArrowRight')
  await expect(focused).toHaveAttribute('aria-label', /^14 events from .*: 14 PhotoZoom$/)
  await page.keyboard.press('Enter')
  const details = page.getByRole('region', { name: 'Details' })
  await expect(details.getByRole('heading', { name: '14 events at one place' })).toBeVisible()
  const width = async () => (await page.locator('.tl-plane').boundingBox())?.width ?? 0
  const before = await width()
  // Enough of it separates what did not happen at the same time. The focus stays on the first of them.
  for (let n = 0; n < 10; n++) await page.keyboard.press('+')
  await expect(page.locator('.tl-mark[aria-label^="PhotoZoom,"]').first()).toBeVisible()
  expect(await width()).toBeGreaterThan(before * 50)
  await expect(focused).toHaveAttribute('aria-label', /^PhotoZoom, /)
  await page.keyboard.press('ArrowRight')
  await expect(focused).toHaveAttribute('aria-label', /^PhotoZoom, /)
  await expect(focused).toBeInViewport()
  await page.keyboard.press('Enter')
  await expect(details.getByRole('heading', { name: 'PhotoZoom' })).toBeVisible()
  await expect(details).toContainText('"photo": 2')
  await page.keyboard.press('End')
  await expect(focused).toBeInViewport()
  await page.keyboard.press('0')
  await expect.poll(width).toBe(before)
})

test('many events at one place are listed by a click, and separated by the zoom to them', { tag: '@long' }, async ({
  page,
  shared,
}) => {
  const { sessionID } = await tellEvening(shared)
  await openSession(page, shared, sessionID)
  await page.locator('.tl-mark[aria-label^="14 events"]').click()
  const details = page.getByRole('region', { name: 'Details' })
  await expect(details.getByRole('listitem')).toHaveCount(14)
  await details.getByRole('listitem').nth(4).getByRole('button').click()
  await expect(details).toContainText('"photo": 5')
  await page.getByRole('button', { name: 'Zoom to the 14' }).click()
  await expect(page.locator('.tl-mark[aria-label^="PhotoZoom,"]')).toHaveCount(14)
  // The address has the zoom and what is picked, so that a colleague sees the same.
  await expect(page).toHaveURL(/zoom=\d.*at=\d/)
  await page.reload()
  await expect(page.locator('.tl-mark[aria-label^="PhotoZoom,"]')).toHaveCount(14)
  await expect(page.locator('.tl-mark[aria-pressed="true"]')).toBeInViewport()
  await expect(details).toContainText('"photo": 5')
})

test('the wheel zooms with the control key only, and keeps what is below the pointer', { tag: '@long' }, async ({
  page,
  shared,
}) => {
  const { sessionID } = await tellEvening(shared)
  await openSession(page, shared, sessionID)
  const mark = page.locator('.tl-mark[aria-label^="Order,"]')
  const before = await mark.boundingBox()
  await mark.hover()
  await page.mouse.wheel(0, -100)
  expect(await mark.boundingBox()).toMatchObject({ x: before?.x })
  await page.evaluate(() => scrollTo(0, 0))
  await mark.hover()
  await page.keyboard.down('Control')
  await page.mouse.wheel(0, -300)
  await page.keyboard.up('Control')
  await expect.poll(async () => (await page.locator('.tl-plane').boundingBox())?.width ?? 0).toBeGreaterThan(2000)
  expect(Math.abs(((await mark.boundingBox())?.x ?? 0) - (before?.x ?? 0))).toBeLessThan(3)
  // Turns that come before the next drawing count too.
  await page.getByRole('button', { name: 'Whole' }).click()
  await page.locator('.tl-frame').evaluate(frame => {
    for (let n = 0; n < 4; n++)
      frame.dispatchEvent(new WheelEvent('wheel', { deltaY: -250, ctrlKey: true, cancelable: true }))
  })
  await expect(page).toHaveURL(/zoom=54\.6/)
})

test('a page tells when it was entered, last active and left', { tag: '@long' }, async ({ page, shared }) => {
  const { sessionID } = await tellEvening(shared)
  await openSession(page, shared, sessionID)
  await page.locator('.tl-bar[aria-label^="Page Hatchet"]').click()
  const details = page.getByRole('region', { name: 'Details' })
  await expect(details.getByRole('heading', { name: 'Hatchet with a leather sheath' })).toBeVisible()
  await expect(details).toContainText('https://shop.example/hammer-again')
  await expect(details).toContainText('after 1 min 50 s')
  await expect(details).toContainText('after 2 min 35 s')
})

test('the table has the same as the timeline, in the order of time', { tag: '@long' }, async ({ page, shared }) => {
  const { sessionID } = await tellEvening(shared)
  await openSession(page, shared, sessionID)
  const rows = page.getByRole('table', { name: 'All that is on the timeline' }).locator('tbody tr')
  await expect(rows).toHaveCount(20)
  await page.getByRole('button', { name: 'Show more' }).click()
  await expect(rows).toHaveCount(48)
  await expect(rows.first()).toContainText('VisitStarted')
  await expect(rows.last()).toContainText('SignOut')
  await rows.filter({ hasText: 'Order' }).getByRole('button').click()
  await expect(page.locator('.tl-mark[aria-pressed="true"]')).toHaveAttribute('aria-label', /^Order, /)
})

test('the resource is the same that a program reads, in our form and in that of Genesys', { tag: '@long' }, async ({
  page,
  shared,
}) => {
  const { sessionID } = await tellEvening(shared)
  await openSession(page, shared, sessionID)
  const resource = page.getByRole('region', { name: 'As a program reads it' })
  const text = resource.getByRole('region')
  const shown = async () => JSON.parse((await text.textContent()) ?? '') as unknown
  expect(await shown()).toEqual(await shared.get(`/v1/sessions/${sessionID}`))
  await resource.getByRole('tab', { name: 'Sojourn' }).focus()
  await page.keyboard.press('ArrowRight')
  await expect(resource.getByRole('tab', { name: 'Genesys (GWE)' })).toBeFocused()
  await expect(text).toContainText('"eventIds": null')
  expect(await shown()).toEqual(await shared.get(`/backend/data/sessions/${sessionID}`))
  await resource.getByLabel('with events').check()
  await expect(text).toContainText('"eventName": "Order"')
  const path = `/backend/data/sessions/${sessionID}?include_events=true&include_events_detail=true`
  await expect(resource).toContainText(path)
  expect(await shown()).toEqual(await shared.get(path))
})

test('the other sessions of the visit and the other visits of the identity are one click away, and Back leads back', {
  tag: '@long',
}, async ({ page, shared }) => {
  const first = await tellEvening(shared)
  const second = await tellEvening(shared, { identityId: first.identityId, start: Date.now() - 30 * hour })
  await openSession(page, shared, first.sessionID)
  await page.getByRole('table', { name: 'Other sessions of this visit' }).getByRole('link').click()
  await expect(page.getByRole('heading', { name: `friend-of-${first.identityId}` })).toBeVisible()
  await page.goBack()
  await expect(page).toHaveURL(toExplorer(shared.url, 'sessions', first.sessionID))
  await page.getByRole('table', { name: 'Other visits of this identity' }).getByRole('link').click()
  await expect(page).toHaveURL(toExplorer(shared.url, 'visits', second.visitID))
  await page.goBack()
  await page.getByRole('heading', { level: 1 }).getByRole('link').click()
  await expect(page).toHaveURL(toExplorer(shared.url, 'identities', first.identityId))
})

test('a session of 5,000 events is whole, and only what is seen is drawn', { tag: '@long' }, async ({
  page,
  shared,
}) => {
  const id = makeIdentity()
  const story = new Story(`visit-${id}`, Date.now() - 5 * hour)
  const inIt = { sessionID: `session-${id}` }
  story.page('home', 0, hour, { title: 'Home' })
  story.signIn(inIt.sessionID, id, 1000, 'home')
  for (let n = 0; n < 5000; n++) story.event('Click', 2000 + n * 700 + ((n * 7919) % 500), 'home', inIt)
  story.event('SignOut', hour - 1000, 'home', inIt)
  await tell(shared.url, story.batches())
  await openSession(page, shared, inIt.sessionID)
  await expect(page.getByRole('heading', { name: '5,004 events, 1 page' })).toBeVisible()
  expect(await countMarked(page)).toBe(5004)
  const drawn = page.locator('.tl-mark')
  for (let n = 0; n < 14; n++) {
    expect(await drawn.count()).toBeLessThan(400)
    const zoomIn = page.getByRole('button', { name: 'Zoom in' })
    if (await zoomIn.isEnabled()) await zoomIn.click()
  }
  await expect(page.locator('.tl-mark[aria-label^="Click,"]').first()).toBeVisible()
  // Far away from where it was, all is drawn too.
  await page.locator('.tl-frame').evaluate(frame => frame.scrollTo(frame.scrollWidth / 3, 0))
  await expect.poll(() => countInFrame(page)).toBeGreaterThan(0)
  await page.getByRole('button', { name: 'Show more' }).click()
  await expect(page.getByRole('table', { name: 'All that is on the timeline' }).locator('tbody tr')).toHaveCount(220)
})

test('an open session says so, and its latest page goes on to the present', { tag: '@long' }, async ({
  page,
  shared,
}) => {
  const id = makeIdentity()
  const story = new Story(`visit-${id}`, Date.now() - 100_000)
  story.page('home', 0, null, { title: 'Home' })
  story.signIn(`session-${id}`, id, 20_000, 'home')
  story.event('Search', 50_000, 'home', { sessionID: `session-${id}` })
  await tell(shared.url, story.batches())
  await openSession(page, shared, `session-${id}`)
  await expect(page.locator('.session-head')).toContainText('open')
  await expect(page.locator('.tl-now')).toHaveText('now')
  await expect(page.locator('.tl-bar.is-open')).toHaveCount(1)
})

test('a session says whether all its records have arrived, and whether a program drove the browser', {
  tag: '@long',
}, async ({ page, shared }) => {
  const { sessionID } = await tellEvening(shared)
  const id = makeIdentity()
  const story = makeEvening(id, id, Date.now() - 5 * hour, { automated: true })
  story.owe(3)
  await tell(shared.url, story.batches())
  await untilCounted(shared.url)
  await openSession(page, shared, sessionID)
  await expect(page.locator('.session-head')).toContainText('Recordscomplete')
  await expect(page.locator('.session-head')).not.toContainText('automated')
  await openSession(page, shared, `session-${id}`)
  await expect(page.locator('.session-head')).toContainText('Recordssome are still owed')
  await expect(page.locator('.session-head')).toContainText('automated')
})

test('hostile texts and clocks are shown harmlessly', { tag: '@long' }, async ({ page, shared }) => {
  const id = makeIdentity()
  const script = '<script>window.hacked = 1</script><img src=x onerror="window.hacked = 1">'
  const turned = '\u202Egnp.exe\u202C'
  const identityId = `${script}${turned}/../${id}?#%`
  const sessionID = `session ${id}/?#%${turned}`
  const start = Date.now() - 5 * hour
  const story = new Story(`visit-${id}`, start, { userAgent: script.repeat(99), languageCode: turned })
  const inIt = { sessionID }
  story.page('x', 0, 60_000, {
    title: script + turned + 'n'.repeat(10_000),
    url: 'javascript:window.hacked = 1',
    referrer: script,
  })
  story.signIn(sessionID, identityId, 1000, 'x', { name: 'A'.repeat(10_000), location: turned })
  story.event(`${script}${'E'.repeat(900)}`, 2000, 'x', {
    ...inIt,
    data: { [script]: 'x'.repeat(10_000), turned },
    category: script,
  })
  story.event('SignOut', 30_000, 'x', inIt)
  story.event('Beyond', Number.MAX_SAFE_INTEGER - start, null)
  story.event('First', -start, null)
  await tell(shared.url, story.batches())
  const { faults } = watch(page, shared.url)
  await openSession(page, shared, sessionID)
  await expect(page.getByRole('heading', { level: 1 })).toContainText(`${script}[U+202E]gnp.exe[U+202C]`)
  await page.locator(`.tl-mark[aria-label^="<script>"]`).click()
  await expect(page.getByRole('region', { name: 'Data of the event' })).toContainText('[U+202E]gnp.exe')
  await expect(page.locator('.tl-gap-text').first()).toContainText(/\d years/)
  await page.locator('.tl-bar').click()
  await page.goto(toExplorer(shared.url, 'visits', `visit-${id}`))
  await page.locator('.tl-mark[aria-label^="Beyond"]').click()
  await expect(page.getByRole('region', { name: 'Details' })).toContainText(`${Number.MAX_SAFE_INTEGER} ms`)
  await expectAccessible(page)
  await page.getByRole('table', { name: 'Sessions of this visit' }).getByRole('link').click()
  await page.getByRole('heading', { level: 1 }).getByRole('link').click()
  await expect(page.locator('.session-head')).toContainText('[U+202E]gnp.exe')
  await expect(page.locator('.days-box.is-session')).toHaveCount(1)
  // Nothing makes the page wider than the window.
  for (const width of [1280, 390]) {
    await page.setViewportSize({ width, height: 800 })
    expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)).toBe(
      0,
    )
  }
  expect(await page.evaluate(() => (window as { hacked?: number }).hacked)).toBeUndefined()
  expect(faults).toEqual([])
})

test('axe finds nothing serious on a session with details of events', { tag: '@long' }, async ({ page, shared }) => {
  const { sessionID } = await tellEvening(shared)
  await openSession(page, shared, sessionID)
  await page.locator('.tl-mark[aria-label^="14 events"]').click()
  await expectAccessible(page)
})

test('axe finds nothing serious on a visit with details of a page, on a phone', { tag: '@long' }, async ({
  page,
  shared,
}) => {
  const { visitID } = await tellEvening(shared)
  await page.goto(toExplorer(shared.url, 'visits', visitID))
  await page.locator('.tl-bar').first().click()
  await page.setViewportSize({ width: 390, height: 844 })
  await expectAccessible(page)
})

test('a session that is not there says so, and a collector that does not answer can be asked again', {
  tag: '@long',
}, async ({ page, shared }) => {
  await page.goto(toExplorer(shared.url, 'sessions', 'never-was'))
  await expect(page.getByRole('alert')).toContainText('The collector does not have it')
  await page.goto(toExplorer(shared.url, 'visits', 'never-was'))
  await expect(page.getByRole('alert')).toContainText('The collector does not have it')

  const { sessionID } = await tellEvening(shared)
  let isDown = true
  await page.route('**/v1/sites/default/visits/*/events*', route => (isDown ? route.abort() : route.continue()))
  await page.goto(toExplorer(shared.url, 'sessions', sessionID))
  await expect(page.getByRole('alert')).toContainText('does not answer')
  isDown = false
  await page.getByRole('alert').getByRole('button', { name: 'Try again' }).click()
  await expect(page.getByRole('heading', { name: '48 events, 10 pages' })).toBeVisible()
  await expect(page.getByRole('alert')).toHaveCount(0)
})
