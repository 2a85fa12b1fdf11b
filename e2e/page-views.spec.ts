import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { expect, type Frame, type Page } from '@playwright/test'
import { chromiumArgs, needChromium } from '../scripts/browser.mjs'
import { makeProfile, removeProfile } from './faults/browser.js'
import type { RunningCollector } from './helpers/collector.js'
import { type Site, startSite } from './helpers/site.js'
import { test } from './helpers/test.js'

declare global {
  interface Window {
    asked: unknown[]
  }
}

let collector: RunningCollector
let site: Site
/** The pages of the site, by path. Other paths are a page with a title of their own. */
let html: Record<string, string>
/** What pages have told the site: whether one was prerendered, and the visit. */
let isPrerendered: boolean
let visitID: string

test.beforeEach(async ({ shared }) => {
  html = {}
  isPrerendered = false
  visitID = ''
  collector = shared
  site = await startSite(path => {
    if (path === '/sojourn.js') return readFileSync('dist/sojourn.js', 'utf8')
    if (path === '/prerendered.js') isPrerendered = true
    if (path === '/was-prerendered.js') return isPrerendered ? 'yes' : 'no'
    if (path.startsWith('/report-')) visitID = path.slice('/report-'.length, -'.js'.length)
    return html[path] ?? `<!doctype html>${tag()}<title>Title of ${path}</title><body><h1>${path}</h1></body>`
  })
})

test.afterEach(async () => {
  await site.stop()
})

const tag = (attributes = ''): string =>
  `<script src="/sojourn.js" data-collector="${collector.url}" data-key="views" data-flush-every-ms="300" ${attributes}></script>`

/** A module that makes a tracker, as `window.sojourn`. `options` is code. */
const module = (options: string): string => `<!doctype html><title>Module</title><body>
<script type="module">
  import { createTracker } from '/core.js'
  window.asked = []
  window.errors = []
  window.sojourn = createTracker({ collector: '${collector.url}', key: 'views', flushEveryMs: 300,
    onError: ({ code }) => window.errors.push(code), ${options} })
</script></body>`

async function open(page: Page, path: string): Promise<void> {
  await page.goto(site.url + path)
  await page.waitForFunction(() => !!window.sojourn?.status)
}

interface Seen {
  readonly url: string
  readonly title: string
  readonly referrer: string
  readonly startDate: number
  readonly endDate: number
}

/** The pages that the collector has of this device, in order. */
async function pagesOf(page: Page | Frame): Promise<Seen[]> {
  const visitID = await page.evaluate(async () => {
    await window.sojourn.flush()
    return window.sojourn.status().visitID
  })
  const { items } = (await collector.get<{ items: Seen[] }>(`/v1/visits/${visitID}/pages`)) ?? { items: [] }
  return items.sort((a, b) => a.startDate - b.startDate)
}

const paths = async (page: Page | Frame): Promise<string[]> =>
  (await pagesOf(page)).map(({ url }) => url.replace(site.url, ''))
const titles = async (page: Page): Promise<string[]> => (await pagesOf(page)).map(({ title }) => title)

/** Waits until the collector has the first page. Then its tracker sees what the page does next. */
const expectTitle = (page: Page, title: string): Promise<void> => expect.poll(() => titles(page)).toEqual([title])

/** Waits until the collector has as many pages, and then compares. A page too many comes within that time. */
async function expectPaths(page: Page, wanted: string[]): Promise<void> {
  await page.waitForTimeout(300)
  await expect.poll(() => paths(page)).toEqual(wanted)
}

test.describe('the title of a page is the one that the person saw', () => {
  test('if the tag stands before the title, and a verb is called there', async ({ page }) => {
    html['/early'] = `<!doctype html>${tag()}<script>sojourn.track('Early')</script><title>Early bird</title><h1>x</h1>`
    await open(page, '/early')
    await expect.poll(() => titles(page)).toEqual(['Early bird'])
  })

  test('if an application replaces the title of its shell after a second', { tag: '@long' }, async ({ page }) => {
    html['/shell'] = `<!doctype html>${tag()}<title>App shell</title><h1>x</h1>
      <script>setTimeout(() => { document.title = 'Inbox (3)' }, 800)</script>`
    await open(page, '/shell')
    await expect.poll(() => titles(page)).toEqual(['App shell'])
    await expect.poll(() => page.title()).toBe('Inbox (3)')
    await open(page, '/next')
    await expect.poll(() => titles(page)).toEqual(['Inbox (3)', 'Title of /next'])
  })

  test('if routers set it before the address, right after it, or long after', { tag: '@long' }, async ({ page }) => {
    await open(page, '/a')
    await page.evaluate(async () => {
      const wait = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))
      await wait(100)
      document.title = 'B'
      history.pushState({}, '', '/b')
      window.sojourn.track('At once')
      await wait(100)
      history.pushState({}, '', '/c')
      document.title = 'C'
      await wait(100)
      history.pushState({}, '', '/d')
      window.sojourn.track('Too early')
      await wait(400)
      document.title = 'D'
      await wait(100)
      history.pushState({}, '', '/e')
      await wait(200)
      document.title = 'E'
    })
    await expect.poll(() => titles(page)).toEqual(['Title of /a', 'B', 'C', 'D', 'E'])
    expect(await paths(page)).toEqual(['/a', '/b', '/c', '/d', '/e'])
  })

  test('if the person goes back as soon as it is set', { tag: '@long' }, async ({ page }) => {
    await open(page, '/a')
    await page.evaluate(() => {
      addEventListener('popstate', () => {
        document.title = 'A again'
      })
      history.pushState({}, '', '/b')
    })
    await expect.poll(() => paths(page)).toEqual(['/a', '/b'])
    await page.evaluate(() => {
      const { navigation } = window as unknown as { navigation: EventTarget }
      // So that the browser goes back at once.
      navigation.addEventListener('navigate', () => {
        document.title = 'B, loaded'
      })
      history.back()
    })
    await expect.poll(() => titles(page)).toEqual(['Title of /a', 'B, loaded', 'A again'])
  })

  test('if the next page is entered by hand, long after its title was set', { tag: '@long' }, async ({ page }) => {
    html['/hand'] = module('automatic: false')
    await open(page, '/hand')
    await page.evaluate(async () => {
      const wait = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))
      document.title = 'A'
      window.sojourn.page()
      await wait(50)
      document.title = 'A, loaded'
      await new Promise(requestAnimationFrame)
      await wait(50)
      history.pushState({}, '', '/hand/b')
      document.title = 'B'
      await wait(500)
      window.sojourn.page()
      document.title = 'B, loaded'
      await wait(300)
    })
    await expect.poll(() => titles(page)).toEqual(['A, loaded', 'B, loaded'])
    expect((await pagesOf(page))[1]?.referrer).toBe(`${site.url}/hand`)
  })

  test('if it changes on the last page, which is then closed', async ({ page, context }) => {
    const other = await context.newPage()
    await open(other, '/other')
    await open(page, '/last')
    await expect.poll(() => titles(page)).toContain('Title of /last')
    await page.evaluate(() => {
      document.title = 'Thank you'
    })
    await page.close()
    await expect.poll(() => titles(other)).toContain('Thank you')
  })

  test('but not if it was given by hand', async ({ page }) => {
    html['/hand'] = module('automatic: false')
    await open(page, '/hand')
    await page.evaluate(async () => {
      window.sojourn.page({ title: 'By hand' })
      document.title = 'By a script'
      await new Promise(resolve => setTimeout(resolve, 50))
      window.sojourn.page({ step: 2 })
      document.title = 'By a script again'
    })
    await expect.poll(() => titles(page)).toEqual(['By hand', 'By a script again'])
  })

  test('and the local question knows it at once', async ({ page }) => {
    await open(page, '/local')
    const found = await page.evaluate(async () => {
      window.sojourn.signIn('ada')
      document.title = 'Corrected'
      await new Promise(resolve => setTimeout(resolve, 50))
      await window.sojourn.flush()
      window.sojourn.track('Later')
      return (await window.sojourn.pages(window.sojourn.status().sessionID as string)).map(({ title }) => title)
    })
    expect(found).toEqual(['Corrected'])
  })
})

test.describe('one view per page seen', () => {
  test('typing into a search box that replaces the query is one page', async ({ page }) => {
    await open(page, '/search')
    await page.evaluate(async () => {
      await new Promise(resolve => setTimeout(resolve, 1100))
      for (const q of ['s', 'sh', 'sho', 'shoe', 'shoes']) {
        history.replaceState({}, '', `/search?q=${q}`)
        await new Promise(resolve => setTimeout(resolve, 100))
      }
      history.pushState({}, '', '/search?q=shoes')
      await new Promise(resolve => setTimeout(resolve, 100))
      history.pushState({}, '', '/item')
      await new Promise(resolve => setTimeout(resolve, 100))
      history.back()
    })
    await expectPaths(page, ['/search', '/item', '/search?q=shoes'])
    expect((await pagesOf(page))[1]?.referrer).toBe(`${site.url}/search?q=shoes`)
  })

  test('typing into a search box of a page with a hash router is one page', { tag: '@long' }, async ({ page }) => {
    await open(page, '/app#/search')
    await page.evaluate(async () => {
      await new Promise(resolve => setTimeout(resolve, 1100))
      for (const q of ['s', 'sh']) {
        history.replaceState({}, '', `#/search?q=${q}`)
        await new Promise(resolve => setTimeout(resolve, 100))
      }
      location.hash = '#/item'
      await new Promise(resolve => setTimeout(resolve, 100))
    })
    await expectPaths(page, ['/app#/search', '/app#/item'])
  })

  test('back and forward between two pushed queries are pages, and jump links are none', { tag: '@long' }, async ({
    page,
  }) => {
    await open(page, '/list')
    await page.evaluate(async () => {
      const wait = (): Promise<void> => new Promise(resolve => setTimeout(resolve, 150))
      await wait()
      history.pushState({}, '', '/list?page=1')
      await wait()
      history.pushState({}, '', '/list?page=2')
      await wait()
      location.hash = 'reviews'
      await wait()
      history.back()
      await wait()
      history.back()
      await wait()
    })
    await expectPaths(page, ['/list', '/list?page=1', '/list?page=2', '/list?page=1'])
  })

  test('an application that removes a login code from its address is one page at the corrected address', {
    tag: '@long',
  }, async ({ page }) => {
    html['/callback'] = `<!doctype html>${tag()}<title>App</title><body><script>
      setTimeout(() => history.replaceState({}, '', '/callback?lang=de'), 300)</script></body>`
    await open(page, '/callback?code=s3cr3t&lang=de')
    await page.waitForURL('**/callback?lang=de')
    await page.waitForTimeout(200)
    await open(page, '/next')
    await expectPaths(page, ['/callback?lang=de', '/next'])
  })

  test('a router that redirects right after the load is one page', async ({ page }) => {
    html['/'] = `<!doctype html>${tag()}<title>App</title><body><script>
      sojourn.track('Started')
      setTimeout(() => { history.replaceState({}, '', '/dashboard'); document.title = 'Dashboard' }, 200)</script></body>`
    await open(page, '/')
    await page.waitForURL('**/dashboard')
    await expectPaths(page, ['/dashboard'])
    expect(await titles(page)).toEqual(['Dashboard'])
  })

  test('a router that redirects only when an answer has come is one page, at the load and later', async ({ page }) => {
    html['/'] = `<!doctype html>${tag()}<title>App</title><body><script>
      window.guard = async to => { await fetch('/me'); history.replaceState({}, '', to); document.title = to }
      guard('/sign-in')</script></body>`
    await page.route('**/me', async route => {
      await new Promise(resolve => setTimeout(resolve, 1300))
      await route.continue()
    })
    await open(page, '/')
    await page.waitForURL('**/sign-in')
    await page.waitForTimeout(100)
    await page.evaluate(() => {
      history.pushState({}, '', '/account')
      return (window as unknown as { guard: (to: string) => Promise<void> }).guard('/welcome')
    })
    await page.waitForTimeout(100)
    await open(page, '/next')
    await expectPaths(page, ['/sign-in', '/welcome', '/next'])
    expect((await pagesOf(page)).map(({ title, referrer }) => [title, referrer.replace(site.url, '')])).toEqual([
      ['/sign-in', ''],
      ['/welcome', '/sign-in'],
      ['Title of /next', ''],
    ])
  })

  test('a redirect of a page that is still loading is one page, also if it loads for seconds', {
    tag: '@long',
  }, async ({ page }) => {
    html['/'] = `<!doctype html>${tag()}<title>App</title><body><img src="/slow"><script>
      setTimeout(() => history.replaceState({}, '', '/new'), 1400)</script></body>`
    await page.route('**/slow', async route => {
      await new Promise(resolve => setTimeout(resolve, 2000))
      await route.continue()
    })
    await page.goto(site.url)
    await expect(page).toHaveURL(/new$/)
    await page.waitForTimeout(100)
    await open(page, '/next')
    await expectPaths(page, ['/new', '/next'])
  })

  test('a show that replaces its address when each slide was seen has a page for each, also if slides are loaded', {
    tag: '@long',
  }, async ({ page }) => {
    await open(page, '/slide-1')
    await page.evaluate(async () => {
      const wait = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))
      await wait(1200)
      history.replaceState({}, '', '/slide-2')
      await wait(1200)
      await fetch('/slide')
      history.replaceState({}, '', '/slide-3')
    })
    await expectPaths(page, ['/slide-1', '/slide-2', '/slide-3'])
  })

  test('Back that a router takes back, because the person stays when it asks, is no page', async ({ page }) => {
    await open(page, '/list')
    await page.mouse.click(5, 5)
    page.on('dialog', async dialog => {
      // Longer than an address must stay to be recorded.
      await new Promise(resolve => setTimeout(resolve, 300))
      await dialog.dismiss()
    })
    await page.evaluate(async () => {
      history.pushState({}, '', '/form')
      await new Promise(resolve => setTimeout(resolve, 150))
      const isBack = new Promise(resolve => addEventListener('popstate', () => history.state.n === 2 && resolve(0)))
      history.replaceState({ n: 2 }, '')
      addEventListener('popstate', () => confirm('Leave?') || history.go(1), { once: true })
      history.back()
      await isBack
    })
    await expectPaths(page, ['/list', '/form'])
  })

  test('an address that is replaced after a person did something is a page', { tag: '@long' }, async ({ page }) => {
    await open(page, '/step-1')
    await page.mouse.click(5, 5)
    await page.evaluate(() => history.replaceState({}, '', '/step-2'))
    await expectPaths(page, ['/step-1', '/step-2'])
  })

  for (const [what, form, code] of [
    ['location.replace in the head', '@short', `<script>location.replace('/new')</script>`],
    ['a new location in the head', '@long', `<script>location.href = '/new'</script>`],
    ['a refresh at once', '@long', `<meta http-equiv="refresh" content="0;url=/new">`],
    ['a module that replaces the location', '@long', `<script type="module">location.replace('/new')</script>`],
  ] as const)
    test(`a redirect on load by ${what} is one page`, { tag: form }, async ({ page }) => {
      html['/old'] = `<!doctype html>${tag()}${code}<title>Old</title><body><h1>Old</h1></body>`
      // Longer than a page must be open, or painted, to count as seen.
      await page.route('**/new', async route => {
        await new Promise(resolve => setTimeout(resolve, 1500))
        await route.continue()
      })
      await page.goto(`${site.url}/old`)
      await page.waitForURL('**/new')
      await page.waitForFunction(() => !!window.sojourn?.status)
      await expectPaths(page, ['/new'])
    })

  test('what was called before a redirect is kept, with its page', async ({ page }) => {
    html['/old'] =
      `<!doctype html>${tag()}<script>sojourn.track('Before'); location.replace('/new')</script><title>Old</title>`
    await page.goto(`${site.url}/old`)
    await page.waitForURL('**/new')
    await page.waitForFunction(() => !!window.sojourn?.status)
    await expectPaths(page, ['/old', '/new'])
  })

  test('without the Navigation API, pages are the same, also for a script that calls the method of the prototype', async ({
    page,
  }) => {
    await page.addInitScript(() => Object.defineProperty(window, 'navigation', { value: undefined }))
    await open(page, '/list')
    await page.evaluate(async () => {
      const wait = (ms = 150): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))
      await wait(1100)
      for (const q of ['a', 'ab']) {
        history.replaceState({}, '', `/list?q=${q}`)
        await wait()
      }
      document.title = 'Item'
      History.prototype.pushState.call(history, {}, '', '/item')
      await wait()
      History.prototype.replaceState.call(history, {}, '', '/checked-item')
      await wait()
      location.hash = 'reviews'
      await wait()
      history.back()
      await wait()
      history.back()
      await wait()
    })
    await expectPaths(page, ['/list', '/checked-item', '/list?q=ab'])
    expect((await titles(page)).slice(0, 2)).toEqual(['Title of /list', 'Item'])
    await page.evaluate(() => {
      window.sojourn.stop()
      history.pushState({}, '', '/stopped')
    })
    expect(await page.evaluate(() => String(history.pushState))).toContain('[native code]')
  })

  test('without the Navigation API, where the page has frozen the history, the next call tells of a new page', async ({
    page,
  }) => {
    await page.addInitScript(() => {
      Object.defineProperty(window, 'navigation', { value: undefined })
      Object.freeze(History.prototype)
      Object.freeze(history)
    })
    await open(page, '/list')
    await expectPaths(page, ['/list'])
    await page.evaluate(() => {
      history.pushState({}, '', '/item')
      window.sojourn.track('Seen')
    })
    await expectPaths(page, ['/list', '/item'])
    expect(await page.evaluate(() => window.sojourn.status().errors)).toEqual({})
  })

  test('a page that calls page() when its router has changed the address is not counted twice', {
    tag: '@long',
  }, async ({ page }) => {
    await open(page, '/a')
    await page.evaluate(async () => {
      await new Promise(resolve => setTimeout(resolve, 100))
      history.pushState({}, '', '/b')
      window.sojourn.page({ category: 'hand' })
    })
    await expectPaths(page, ['/a', '/b'])
  })

  test('pageKey decides instead, and a throw in it is reported', { tag: '@long' }, async ({ page }) => {
    html['/keyed'] = module(`pageKey: url => {
      if (url.includes('broken')) throw new Error('broken')
      return new URL(url).searchParams.get('id') ?? ''
    }`)
    await open(page, '/keyed?id=1')
    const errors = await page.evaluate(async () => {
      const wait = (): Promise<void> => new Promise(resolve => setTimeout(resolve, 150))
      await wait()
      history.pushState({}, '', '/other?id=1')
      await wait()
      history.pushState({}, '', '/other?id=2')
      await wait()
      history.pushState({}, '', '/broken?id=2')
      await wait()
      return window.errors
    })
    await expectPaths(page, ['/keyed?id=1', '/other?id=2', '/broken?id=2'])
    expect(new Set(errors)).toEqual(new Set(['hook-failed']))
  })
})

test.describe('a page that does what no tracker expects', () => {
  const route = async (page: Page, ...paths: string[]): Promise<void> => {
    for (const path of paths)
      await page.evaluate(async to => {
        history.pushState(null, '', to)
        await new Promise(resolve => setTimeout(resolve, 200))
      }, path)
  }

  for (const [what, form, script] of [
    ['an object', '@long', 'var navigation = { open: true }'],
    ['a list', '@long', 'var navigation = [1, 2]'],
    ['an element', '@short', 'var navigation = document.documentElement'],
  ] as const)
    test(`and has ${what} under the name navigation has all its pages`, { tag: form }, async ({ page }) => {
      html['/'] = `<!doctype html><script>${script}</script>${tag()}<title>A</title><h1>A</h1>`
      await open(page, '/')
      await expectTitle(page, 'A')
      await route(page, '/b', '/c')
      await expectPaths(page, ['/', '/b', '/c'])
    })

  test('and has forms under the names title and referrer has its title', { tag: '@long' }, async ({ page }) => {
    html['/'] = `<!doctype html>${tag()}<title>A</title><form name="title"></form><form name="referrer"></form>`
    await open(page, '/')
    await expect
      .poll(async () => (await pagesOf(page)).map(({ title, referrer }) => [title, referrer]))
      .toEqual([['A', '']])
  })

  test('and sets the title before the address, in one frame that takes long, has each title on its page', async ({
    page,
  }) => {
    html['/'] = `<!doctype html>${tag()}<title>A</title><h1>A</h1>`
    await open(page, '/')
    await expectTitle(page, 'A')
    for (const name of ['B', 'C'])
      await page.evaluate(async to => {
        document.title = to
        for (let turn = 0; turn < 5; turn++) await Promise.resolve()
        for (const until = performance.now() + 50; performance.now() < until; );
        history.pushState(null, '', `/${to}`)
        await new Promise(resolve => setTimeout(resolve, 300))
      }, name)
    await expect.poll(async () => (await pagesOf(page)).map(({ title }) => title)).toEqual(['A', 'B', 'C'])
  })

  test('and replaces its head is watched as before', { tag: '@long' }, async ({ page }) => {
    html['/'] = `<!doctype html>${tag()}<title>A</title><h1>A</h1>`
    await open(page, '/')
    await expectTitle(page, 'A')
    await page.evaluate(() =>
      document.head.replaceWith(
        Object.assign(document.createElement('head'), { innerHTML: '<title>New head</title>' }),
      ),
    )
    await page.waitForTimeout(300)
    await page.evaluate(() => void (document.title = 'Later'))
    await expect
      .poll(async () => {
        await page.evaluate(() => window.sojourn.track('Look'))
        return (await pagesOf(page)).map(({ title }) => title)
      })
      .toEqual(['Later'])
  })

  test('and goes nowhere as it loads was seen', { tag: '@long' }, async ({ page }) => {
    html['/'] =
      `<!doctype html>${tag()}<title>Thanks</title><h1>Thanks</h1><script>location.href = 'mailto:nobody@shop.example'</script>`
    await page.goto(`${site.url}/`, { waitUntil: 'commit' })
    await page.waitForTimeout(2500)
    expect((await pagesOf(page)).map(({ title }) => title)).toEqual(['Thanks'])
  })

  test('and starts the tracker again on another page has both pages', { tag: '@long' }, async ({ page }) => {
    html['/'] = module('')
    await open(page, '/')
    await expectTitle(page, 'Module')
    await page.evaluate(async collector => {
      const { createTracker } = (await import('/core.js' as string)) as { createTracker: (options: object) => unknown }
      window.sojourn.stop()
      history.pushState(null, '', '/b')
      createTracker({ collector, key: 'views', flushEveryMs: 300 })
      window.sojourn.track('Look')
    }, collector.url)
    await expectPaths(page, ['/', '/b'])
  })
})

test.describe('a prerendered page', () => {
  let browser: ChildProcess
  let profile: string

  // DevTools forbid prerendering, so the browser runs without them. The pages do what a person would do, and report.
  const start = (next: string): string => `<!doctype html>${tag()}<title>Start</title><body>
    <script type="speculationrules">{"prerender":[{"urls":["/ahead"],"eagerness":"immediate"}]}</script>
    <a href="${next}">go</a><script>
      const ask = setInterval(async () => {
        if (await (await fetch('/was-prerendered.js')).text() !== 'yes') return
        clearInterval(ask)
        setTimeout(() => document.querySelector('a').click(), 1000)
      }, 50)</script></body>`
  const ahead = (): string => `<!doctype html>${tag()}<title>Ahead</title><body><script>
      if (document.prerendering) fetch('/prerendered.js')
      const data = { n: 1 }
      sojourn.track('Early', data)
      data.n = 2
      ${reporting}</script></body>`
  const reporting = `setInterval(async () => {
      if (document.prerendering) return
      await sojourn.flush()
      const { visitID } = sojourn.status()
      if (visitID) fetch('/report-' + visitID + '.js')
    }, 100)`

  interface Found {
    readonly pages: readonly Seen[]
    readonly events: readonly { eventName: string; timestamp: number; data: unknown; url: string }[]
  }

  /** Opens a page in a browser of its own. Resolves with what the collector has when the last page reports. */
  async function run(startPage: string, isDone: (found: Found) => boolean): Promise<Found> {
    html['/start'] = startPage
    html['/ahead'] = ahead()
    html['/next'] = `<!doctype html>${tag()}<title>Next</title><body><script>${reporting}</script></body>`
    browser = spawn(needChromium(), [
      ...chromiumArgs,
      '--headless=new',
      `--user-data-dir=${profile}`,
      `${site.url}/start`,
    ])
    let found: Found = { pages: [], events: [] }
    await expect
      .poll(async () => {
        if (!visitID) return false
        const [pages, events] = await Promise.all(
          ['pages', 'events'].map(what => collector.get<{ items: unknown[] }>(`/v1/visits/${visitID}/${what}`)),
        )
        found = { pages: pages?.items ?? [], events: events?.items ?? [] } as Found
        return isDone(found)
      })
      .toBe(true)
    return found
  }

  test.beforeEach(() => {
    profile = makeProfile()
  })

  test.afterEach(async () => {
    const ended = new Promise(resolve => browser.once('exit', resolve))
    browser.kill()
    await ended
    removeProfile(profile)
  })

  test('counts when it is shown, from then, with what was called before', { tag: '@long' }, async () => {
    const { pages, events } = await run(start('/ahead'), ({ pages }) => pages.length === 2)
    expect(pages.map(({ url, title }) => [url.replace(site.url, ''), title])).toEqual([
      ['/start', 'Start'],
      ['/ahead', 'Ahead'],
    ])
    const [first, second] = pages as [Seen, Seen]
    // The page was prepared long before the first page was left.
    expect(second.startDate - first.startDate).toBeGreaterThan(1000)
    // The browser shows the one page and leaves the other at the same time, in two processes.
    expect(second.startDate).toBeGreaterThan(first.endDate - 500)
    const early = events.filter(({ eventName }) => eventName === 'Early')
    expect(early.map(({ url, data }) => [url.replace(site.url, ''), data])).toEqual([['/ahead', { n: 1 }]])
    expect(early[0]?.timestamp).toBeGreaterThanOrEqual(second.startDate)
  })

  test('that is never shown is never recorded', { tag: '@long' }, async () => {
    const { pages, events } = await run(start('/next'), ({ pages }) => pages.some(({ url }) => url.endsWith('/next')))
    expect(pages.map(({ url }) => url.replace(site.url, ''))).toEqual(['/start', '/next'])
    expect(events.filter(({ eventName }) => eventName === 'Early')).toEqual([])
  })
})

test.describe('a frame', () => {
  const around = (frame: string): string =>
    `<!doctype html>${tag()}<title>Around</title><body><iframe id="frame" ${frame}></iframe></body>`

  test('that nobody can see records no page view, and is no page of the visit', { tag: '@long' }, async ({ page }) => {
    const looks = {
      'without-a-size': 'width="0" height="0" style="border:0"',
      'of-one-pixel': 'width="1" height="1"',
      'not-displayed': 'style="display:none"',
      'not-visible': 'style="visibility:hidden"',
      'beside-the-page': 'style="position:absolute;left:-9999px"',
    }
    const frames = Object.entries(looks).map(([name, look]) => `<iframe src="/${name}" ${look}></iframe>`)
    html['/around'] = around('').replace(/<iframe.*<\/iframe>/, frames.join(''))
    await open(page, '/around')
    await page.waitForTimeout(500)
    await expectPaths(page, ['/around'])
  })

  test('that is visible records its page view', async ({ page }) => {
    html['/around'] = around(`src="/inner" width="300" height="200"`)
    await open(page, '/around')
    await expect.poll(async () => (await paths(page)).sort()).toEqual(['/around', '/inner'])
  })

  test('that the page has written is a part of it, and its events are kept', async ({ page }) => {
    const inner = `${tag()}<title>Preview</title><script>sojourn.track('InPreview')</script><p>Preview</p>`
    html['/around'] = around(`srcdoc="${inner.replaceAll('"', '&quot;')}" width="300" height="200"`)
    await open(page, '/around')
    const frame = page.frames()[1] as Frame
    await expect.poll(() => frame.evaluate(() => window.sojourn.status().stored)).toBeGreaterThan(0)
    await expectPaths(page, ['/around'])
    const events = await collector.get<{ items: { eventName: string }[] }>(
      `/v1/visits/${await page.evaluate(() => window.sojourn.status().visitID)}/events`,
    )
    expect(events?.items.map(({ eventName }) => eventName)).toContain('InPreview')
  })

  test('of another origin without a size records none, and one with a size does', { tag: '@long' }, async ({
    page,
  }) => {
    const elsewhere = site.url.replace('127.0.0.1', 'localhost')
    html['/around'] = around(`src="${elsewhere}/hidden" width="0" height="0"`).replace(
      '</body>',
      `<iframe src="${elsewhere}/visible" width="300" height="200"></iframe></body>`,
    )
    await open(page, '/around')
    const inner = (name: string): Frame => page.frames().find(frame => frame.url().endsWith(name)) as Frame
    await expect.poll(() => inner('/visible').evaluate(() => window.sojourn.status().visitID)).toBeTruthy()
    await page.waitForTimeout(500)
    await expect.poll(() => paths(inner('/visible'))).toEqual([`${elsewhere}/visible`])
  })

  test('that becomes visible later records its page view then', { tag: '@long' }, async ({ page }) => {
    html['/around'] = around(`src="/inner" width="0" height="0" style="border:0"`)
    await open(page, '/around')
    await page.waitForTimeout(500)
    await expectPaths(page, ['/around'])
    await page.evaluate(() => {
      const frame = document.getElementById('frame') as HTMLIFrameElement
      frame.width = '300'
      frame.height = '200'
    })
    await expect.poll(() => paths(page)).toEqual(['/around', '/inner'])
  })

  test('with the option frames records its page view although nobody can see it', { tag: '@long' }, async ({
    page,
  }) => {
    html['/around'] = around(`src="/inner" style="display:none"`)
    html['/inner'] = `<!doctype html>${tag('data-frames')}<title>Inner</title>`
    await open(page, '/around')
    await expect.poll(async () => (await paths(page)).sort()).toEqual(['/around', '/inner'])
  })
})

test.describe('what is recorded of an address', () => {
  test('holds no secret in url, title and referrer', async ({ page }) => {
    await open(page, '/reset?token=s3cr3t#access_token=s3cr3t')
    await page.evaluate(async () => {
      document.title = `${location.href}`
      await new Promise(resolve => setTimeout(resolve, 100))
      history.pushState({}, '', '/#/next?reset=s3cr3t&a=1')
      await new Promise(resolve => setTimeout(resolve, 100))
      window.sojourn.page({ url: '/by-hand?code=s3cr3t', referrer: 'https://mail.example/in?q=s3cr3t' })
    })
    const pages = await pagesOf(page)
    expect(JSON.stringify(pages)).not.toContain('s3cr3t')
    expect(pages.map(({ url, referrer }) => [url, referrer])).toEqual([
      [`${site.url}/reset?token=…`, ''],
      [`${site.url}/#/next?reset=…&a=1`, `${site.url}/reset?token=…`],
      ['/by-hand?code=…', 'https://mail.example/in'],
    ])
  })

  test('is what the option url says, and the default if it throws', { tag: '@long' }, async ({ page }) => {
    html['/a'] = module(`url: url => {
      if (url.includes('broken')) throw new Error('broken')
      return url.includes('odd') ? 5 : new URL(url).pathname
    }`)
    await open(page, '/a?x=1')
    const errors = await page.evaluate(async () => {
      const wait = (): Promise<void> => new Promise(resolve => setTimeout(resolve, 150))
      await wait()
      history.pushState({}, '', '/broken?x=1&token=2')
      await wait()
      history.pushState({}, '', '/odd?x=1&token=2')
      await wait()
      return window.errors
    })
    await expectPaths(page, ['/a', '/broken?x=1&token=…', '/odd?x=1&token=…'])
    expect(errors).toContain('hook-failed')
  })
})

test('the sample of the guide for addresses leaves out who it is about', { tag: '@long' }, async ({ page }) => {
  const guide = readFileSync('docs/guide/consent-and-privacy.md', 'utf8')
  const [, code = ''] = /<!-- sample: url -->\s+```js\n([\s\S]*?)\n```/.exec(guide) ?? []
  html['/users/ada'] = `<!doctype html><title>Ada</title><body><script type="module">
    import { createTracker } from '/core.js'
    ${code.replace('https://collector.example', collector.url)}
    window.sojourn = tracker</script></body>`
  await open(page, '/users/ada?tab=1')
  await expectPaths(page, ['/users/…'])
})

test('beforeRecord sees each event at the call, changes it, leaves it out, and costs nothing if it throws', async ({
  page,
}) => {
  html['/before'] = module(`beforeRecord: event => {
    window.asked.push(event.eventName)
    if (event.eventName === 'Secret' || (event.view && event.view.url.includes('/hidden'))) return null
    if (event.eventName === 'Broken') throw new Error('broken')
    if (event.eventName === 'Odd') return { eventName: 5 }
    if (event.eventName === 'SignIn') return { ...event, identityId: 'id-' + event.identityId }
    if (event.view) return { ...event, view: { ...event.view, title: event.view.title.replace(/\\d+/g, '#') } }
    if (event.data) event.data.list.push('changed')
    return event.eventName === 'Search' ? { ...event, eventName: 'Found', data: { ...event.data, n: 2 } } : event
  }`)
  await open(page, '/before')
  const { own, asked, errors, made } = await page.evaluate(async () => {
    const { sojourn } = window
    const own = { list: ['mine'] }
    sojourn.signIn('ada')
    sojourn.track('Search', own)
    for (const name of ['Secret', 'Broken', 'Odd']) sojourn.track(name)
    document.title = 'Order 4711'
    await new Promise(resolve => setTimeout(resolve, 50))
    sojourn.userInfo({ list: [] })
    history.pushState({}, '', '/hidden')
    document.title = 'A secret'
    sojourn.track('On no page')
    sojourn.signOut()
    await sojourn.flush()
    return { own, asked: window.asked, errors: window.errors, made: sojourn.status() }
  })
  expect(own).toEqual({ list: ['mine'] })
  expect(asked.filter(name => name !== 'PageEntered')).toEqual([
    'SignIn',
    'Search',
    'Secret',
    'Broken',
    'Odd',
    'UserInfo',
    'On no page',
    'SignOut',
  ])
  expect(errors).toEqual(['hook-failed', 'hook-failed'])
  const all = await collector.get<{ items: { eventName: string; data: unknown; url: string }[] }>(
    `/v1/visits/${made.visitID}/events`,
  )
  const events = all?.items.map(({ eventName, data, url }) => [eventName, data, url.replace(site.url, '')])
  expect(events).toEqual([
    ['VisitStarted', null, expect.anything()],
    ['PageEntered', null, '/before'],
    ['SignIn', null, '/before'],
    ['Found', { list: ['mine', 'changed'], n: 2 }, '/before'],
    ['Broken', null, '/before'],
    ['Odd', null, '/before'],
    ['UserInfo', { list: ['changed'] }, '/before'],
    ['PageExited', null, '/before'],
    ['On no page', null, ''],
    ['SignOut', null, ''],
  ])
  expect(made.stored + made.owed).toBe(made.made)
  const seen = await pagesOf(page)
  expect(seen.map(({ title }) => title)).toEqual(['Order #'])
})
