import { expect, type Page } from '@playwright/test'
import type { RunningCollector } from './helpers/collector.js'
import { modulePage, type Site, startSite } from './helpers/site.js'
import { test } from './helpers/test.js'
import { openTracker, signIn } from './helpers/tracker.js'

// What a person does keeps the visit alive. What a page does by itself does not.

const idleLimitMs = 5000
/** Activity is noted no more often than this. */
const noteMs = idleLimitMs / 4

let collector: RunningCollector
let site: Site
let noise: string[]

test.beforeEach(async ({ context, shared }) => {
  noise = []
  context.on('console', message => noise.push(message.text()))
  context.on('weberror', error => noise.push(String(error.error())))
  collector = shared
  site = await startSite(path =>
    path === '/frame'
      ? '<!doctype html><title>Frame</title><input id="inner"><div style="height:9999px"></div>'
      : `${modulePage({ collector: collector.url, key: 'activity', idleLimitMs, automatic: path === '/automatic', flushEveryMs: 200 })}
         <input id="field"><div style="height:9999px"></div>`,
  )
})

test.afterEach(async () => {
  await site.stop()
  expect(noise).toEqual([])
})

/** The last activity that all tabs know of. */
const active = (page: Page): Promise<number> =>
  page.evaluate(
    () =>
      new Promise<number>(resolve => {
        const opening = indexedDB.open('sojourn-activity')
        opening.onsuccess = () => {
          const reading = opening.result.transaction('state').objectStore('state').get('active')
          reading.onsuccess = () => {
            resolve(reading.result as number)
            opening.result.close()
          }
        }
      }),
  )

/** Opens a page on which something has happened, and lets the time pass in which no more is noted. */
async function openPage(page: Page, path = '/'): Promise<void> {
  await openTracker(page, site.url + path)
  await page.evaluate(async () => {
    window.tracker.track('Opened')
    await window.tracker.flush()
  })
  await grow(page)
}

/** Waits until the next act would be noted. */
async function grow(page: Page): Promise<void> {
  const last = await active(page)
  await page.waitForFunction(at => Date.now() > at, last + noteMs + 100)
}

/** Whether a person who does this is noted as active. It must be, so it waits for it. */
async function expectNoted(page: Page, what: string, act: () => Promise<unknown>): Promise<void> {
  await grow(page)
  const before = await active(page)
  await act()
  await expect.poll(() => active(page), what).toBeGreaterThan(before)
}

/** Nothing tells that nothing was noted, so it waits for as long as two notes take. */
async function expectNotNoted(page: Page, what: string, act: () => Promise<unknown>): Promise<void> {
  await grow(page)
  const before = await active(page)
  await act()
  await page.waitForTimeout(2 * noteMs)
  expect(await active(page), what).toBe(before)
}

/** Adds a frame, and waits until it is loaded. */
async function addFrame(page: Page, src: string): Promise<void> {
  await page.evaluate(
    address =>
      new Promise(resolve => {
        const frame = document.createElement('iframe')
        frame.src = address
        frame.onload = resolve
        document.body.prepend(frame)
      }),
    src,
  )
}

const inner = (page: Page) => page.frameLocator('iframe').first().locator('#inner')

test('what a person does counts: keys, clicks, the wheel, and scrolling by either', async ({ page }) => {
  await openPage(page)
  await page.locator('#field').focus()
  await expectNoted(page, 'a key', () => page.keyboard.press('a'))
  await expectNoted(page, 'a click', () => page.mouse.click(10, 10))
  await expectNoted(page, 'the wheel', () => page.mouse.wheel(0, 300))
  await expectNoted(page, 'Page Down', () => page.keyboard.press('PageDown'))
})

test('what a page does by itself does not count: scrolling, smooth scrolling, and events that it makes', {
  tag: '@long',
}, async ({ page }) => {
  await openPage(page)
  await expectNotNoted(page, 'scrolling', () => page.evaluate(() => scrollBy(0, 200)))
  await expectNotNoted(page, 'smooth scrolling, again and again', () =>
    page.evaluate(() => {
      setInterval(() => scrollTo({ top: scrollY ? 0 : 900, behavior: 'smooth' }), 300)
    }),
  )
  await expectNotNoted(page, 'events of scripts', () =>
    page.evaluate(() => {
      const field = document.getElementById('field') as HTMLInputElement
      field.focus()
      field.click()
      for (const type of ['pointerdown', 'keydown', 'wheel', 'beforeinput'])
        field.dispatchEvent(new Event(type, { bubbles: true }))
      document.execCommand('insertText', false, 'a script types')
    }),
  )
})

test('a person counts whose events the page stops, and who acts within a shadow tree', { tag: '@long' }, async ({
  page,
}) => {
  await openPage(page)
  await page.evaluate(() => {
    for (const type of ['pointerdown', 'keydown', 'click', 'wheel'])
      document.addEventListener(type, event => event.stopImmediatePropagation(), true)
    const host = document.createElement('div')
    host.attachShadow({ mode: 'closed' }).innerHTML = '<button>Inside</button>'
    document.body.prepend(host)
  })
  await expectNoted(page, 'a click on a button of the shadow tree', () => page.mouse.click(20, 15))
  await expectNoted(page, 'a key', () => page.keyboard.press('a'))
})

test('a person who types in a frame counts: added later, navigated, written anew, nested, or in a shadow tree', {
  tag: '@long',
}, async ({ page }) => {
  await openPage(page)
  await addFrame(page, '/frame')
  await expectNoted(page, 'a frame that was added later', () => inner(page).press('a'))

  await page.evaluate(
    () =>
      new Promise(resolve => {
        const frame = document.querySelector('iframe') as HTMLIFrameElement
        frame.onload = resolve
        frame.src = '/frame?next'
      }),
  )
  await expectNoted(page, 'a frame that was navigated', () => inner(page).press('a'))

  await page.evaluate(() => {
    const written = (document.querySelector('iframe') as HTMLIFrameElement).contentDocument as Document
    written.open()
    written.write('<input id="inner">')
    written.close()
  })
  await expectNoted(page, 'a frame that was written anew', () => inner(page).press('a'))

  await page.evaluate(
    () =>
      new Promise(resolve => {
        const outer = (document.querySelector('iframe') as HTMLIFrameElement).contentDocument as Document
        const frame = outer.createElement('iframe')
        frame.srcdoc = '<input id="deep">'
        frame.onload = resolve
        outer.body.append(frame)
      }),
  )
  await expectNoted(page, 'a frame within the frame', () =>
    page.frameLocator('iframe').first().frameLocator('iframe').locator('#deep').press('a'),
  )

  await page.evaluate(
    () =>
      new Promise(resolve => {
        document.querySelector('iframe')?.remove()
        const host = document.createElement('div')
        const frame = document.createElement('iframe')
        frame.src = '/frame'
        frame.onload = resolve
        host.attachShadow({ mode: 'open' }).append(frame)
        document.body.prepend(host)
      }),
  )
  await page.mouse.click(60, 20)
  await expectNoted(page, 'a frame in a shadow tree', () => page.keyboard.press('a'))
})

test('a frame of another origin is no trouble, and does not hide the frames beside it', { tag: '@long' }, async ({
  page,
}) => {
  const other = await startSite(() => '<title>Other</title>')
  await openPage(page)
  await addFrame(page, other.url.replace('127.0.0.1', 'localhost'))
  await page.evaluate(
    () =>
      new Promise(resolve => {
        const frame = document.createElement('iframe')
        frame.srcdoc = '<input id="inner">'
        frame.onload = resolve
        document.body.append(frame)
      }),
  )
  await expectNoted(page, 'the frame beside it', () => page.frameLocator('iframe').last().locator('#inner').press('a'))
  await other.stop()
})

test('a page that was written anew with document.open() hears the person, and its own end', { tag: '@long' }, async ({
  page,
}) => {
  await openPage(page, '/automatic')
  await page.evaluate(() => {
    document.open()
    document.write('<title>Anew</title><input id="field">')
    document.close()
  })
  await expectNoted(page, 'a key', () => page.locator('#field').press('a'))
  const sessionID = await signIn(page)
  await page.goto('about:blank')
  await page.goto(site.url)
  await expect
    .poll(async () => (await collector.events(sessionID)).map(({ eventName }) => eventName))
    .toContain('PageExited')
})

test('a page that was written anew hears its end in the same task, and not at the next look', { tag: '@long' }, async ({
  page,
}) => {
  await openTracker(page, `${site.url}/automatic`)
  const exits = await page.evaluate(async () => {
    document.open()
    document.write('<title>Anew</title>')
    document.close()
    await Promise.resolve()
    await window.tracker.flush()
    const { made } = window.tracker.status()
    dispatchEvent(new PageTransitionEvent('pagehide'))
    return window.tracker.status().made - made
  })
  expect(exits).toBe(1)
})

test('a person who types once a second stays in one session, in every tab, with a limit of five seconds', {
  tag: '@long',
}, async ({ page, context }) => {
  const other = await context.newPage()
  await openTracker(other, site.url)
  await openTracker(page, site.url)
  await page.bringToFront()
  const sessionID = await signIn(page)
  await page.locator('#field').focus()
  for (let second = 0; second < 12; second++) {
    await page.keyboard.press('a')
    await page.waitForTimeout(1000)
  }
  for (const tab of [other, page]) {
    const open = await tab.evaluate(async () => {
      window.tracker.track('Still')
      await window.tracker.flush()
      return (await window.tracker.session())?.sessionID
    })
    expect(open).toBe(sessionID)
  }
  const names = (await collector.events(sessionID)).map(({ eventName }) => eventName)
  expect(names).toEqual(['SignIn', 'Still', 'Still'])
})

test('holds no frame in memory that is gone', { tag: '@long' }, async ({ page }) => {
  await openPage(page)
  await addFrame(page, '/frame')
  await inner(page).press('a')
  await page.evaluate(() => {
    const frame = document.querySelector('iframe') as HTMLIFrameElement
    Object.assign(window, { gone: new WeakRef(frame.contentDocument as Document) })
    frame.remove()
  })
  const session = await page.context().newCDPSession(page)
  await expect
    .poll(async () => {
      await session.send('HeapProfiler.collectGarbage')
      return page.evaluate(() => !(window as unknown as { gone: WeakRef<Document> }).gone.deref())
    })
    .toBe(true)
})
