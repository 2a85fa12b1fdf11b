import { afterEach, describe, expect, it, vi } from 'vitest'
import type { Tracker } from '../src/api.js'
import { inOrder } from '../src/record/event.js'
import { browserWith, type FakeBrowser } from './helpers/browser.js'
import { contentOf, databaseNamed } from './helpers/database.js'
import { itemsOf } from './helpers/storage.js'
import { waitFor } from './helpers/wait.js'

const pages: Tracker[] = []

function openPage(browser: FakeBrowser, options?: Parameters<FakeBrowser['open']>[0]): Tracker {
  const tracker = browser.open(options)
  pages.push(tracker)
  return tracker
}

afterEach(async () => {
  for (const page of pages) page.stop()
  await Promise.all(pages.splice(0).map(page => page.flush()))
  vi.unstubAllGlobals()
})

const namesIn = ({ collector }: FakeBrowser): string[] =>
  [...collector.facts.values()]
    .map(({ event }) => event)
    .sort(inOrder)
    .map(({ eventName }) => eventName)

const sumOf = ({ stored, owed, dropped }: ReturnType<Tracker['status']>): number =>
  stored + owed + Object.values(dropped).reduce((sum, count) => sum + count, 0)

describe('a tracker', () => {
  it('sends what was called, each once and in order, and made = stored + owed + dropped', async () => {
    const browser = browserWith()
    const page = openPage(browser)
    page.signIn('anna')
    page.track('Search', { q: 'tea' })
    page.signOut()
    expect(await page.flush()).toMatchObject({ owed: 0 })
    expect(namesIn(browser)).toEqual(['VisitStarted', 'SignIn', 'Search', 'SignOut'])
    const status = page.status()
    expect(status).toMatchObject({ made: 4, stored: 4, owed: 0, dropped: {}, store: 'indexeddb', errors: {} })
    expect(sumOf(status)).toBe(status.made)
  })

  it.each([
    [true, true],
    [false, undefined],
    [undefined, undefined],
  ])('marks its visit where navigator.webdriver is %s', async (webdriver, automated) => {
    const browser = browserWith()
    vi.stubGlobal('navigator', { language: 'de', userAgent: 'a browser', webdriver })
    const page = openPage(browser)
    page.track('Search')
    await page.flush()
    expect([...browser.collector.facts.values()].map(({ visit }) => visit.automated)).toEqual([automated, automated])
  })

  it('keeps everything while the collector is down, and sends it when it is back', async () => {
    const browser = browserWith()
    browser.collector.isDown = true
    const page = openPage(browser)
    for (let count = 0; count < 300; count++) page.track(`Event${count}`)
    expect(await page.flush()).toMatchObject({ stored: 0, owed: 301 })
    browser.collector.isDown = false
    expect(await page.flush()).toEqual({ stored: 301, owed: 0 })
    expect(browser.collector.facts.size).toBe(301)
  })

  it('leaves to the next page what it could not send', async () => {
    const browser = browserWith()
    browser.collector.isDown = true
    const first = openPage(browser)
    first.signIn('anna')
    first.track('Search')
    await first.flush()
    first.stop()
    browser.collector.isDown = false
    const second = openPage(browser)
    second.track('Buy')
    await waitFor(() => expect(namesIn(browser)).toEqual(['VisitStarted', 'SignIn', 'Search', 'Buy']))
    expect(new Set([...browser.collector.facts.values()].map(({ session }) => session?.sessionID)).size).toBe(2)
    expect(await second.session()).toMatchObject({ identityId: 'anna' })
  })

  it('leaves to the next page the calls of a page that died before its database was open', async () => {
    const browser = browserWith()
    const open = indexedDB.open.bind(indexedDB)
    indexedDB.open = () => new IDBOpenDBRequest()
    const first = openPage(browser)
    first.track('Search')
    browser.leave()
    expect(Object.keys(itemsOf(browser.storage))).toHaveLength(1)
    pages.splice(0)
    indexedDB.open = open
    const second = openPage(browser)
    second.track('Buy')
    await waitFor(() => expect(namesIn(browser)).toContain('Search'))
    expect(browser.collector.countOf('Search')).toBe(1)
    first.stop()
  })

  it('keeps anew what a script of the page has deleted with the database, and counts what only the database had', async () => {
    const browser = browserWith()
    browser.collector.isDown = true
    const page = openPage(browser)
    page.signIn('anna')
    const large = 'x'.repeat(100_000)
    // More than memory holds of what the database has.
    for (let n = 0; n < 20; n++) {
      page.track('Large', { large })
      await waitFor(async () => expect((await contentOf('parcels')).size).toBeGreaterThan(n))
    }
    page.track('Search')
    await waitFor(async () => expect(JSON.stringify([...(await contentOf('parcels')).values()])).toContain('Search'))
    await new Promise(resolve => indexedDB.deleteDatabase(databaseNamed).addEventListener('success', resolve))
    await waitFor(async () => expect((await contentOf('parcels')).size).toBeGreaterThan(0))
    const { dropped, errors, owed } = page.status()
    expect(dropped.cleared).toBeGreaterThan(0)
    expect(errors).toMatchObject({ 'record-dropped': 1 })
    expect(sumOf(page.status())).toBe(page.status().made)
    page.stop()
    await page.flush()
    browser.collector.isDown = false
    openPage(browser)
    await waitFor(() => expect(browser.collector.facts.size).toBeGreaterThanOrEqual(owed))
    expect(namesIn(browser)).toContain('Search')
  })

  it('sends from memory where there is no database, and reports that once', async () => {
    const browser = browserWith()
    indexedDB.open = () => {
      throw new DOMException('denied', 'SecurityError')
    }
    const page = openPage(browser)
    page.track('Search')
    await waitFor(() => expect(browser.collector.countOf('Search')).toBe(1))
    expect(page.status()).toMatchObject({ store: 'memory', stored: 2, errors: { 'store-failed': 1 } })
    await waitFor(() => expect(itemsOf(browser.storage)).toEqual({}))
  })

  it('tells the other tabs who is signed in, and who is not any more', async () => {
    const browser = browserWith()
    const [here, there] = [openPage(browser), openPage(browser)]
    here.track('Here')
    there.track('There')
    await Promise.all([here.flush(), there.flush()])
    here.signIn('anna')
    await waitFor(async () => expect(await there.session()).toMatchObject({ identityId: 'anna' }))
    there.track('Search')
    there.signOut()
    await there.flush()
    here.track('Alone')
    await here.flush()
    const identities = (name: string): (string | undefined)[] =>
      [...browser.collector.facts.values()]
        .filter(({ event }) => event.eventName === name)
        .map(({ session }) => session?.identityId)
    expect([identities('Search'), identities('Alone')]).toEqual([['anna'], [undefined]])
    for (const page of [here, there]) expect(sumOf(page.status())).toBe(page.status().made)
  })
})

describe('a call that no person has made', () => {
  function calls(browser: FakeBrowser, make: (page: Tracker) => void): unknown[] {
    indexedDB.open = () => new IDBOpenDBRequest()
    const page = openPage(browser)
    make(page)
    browser.leave()
    const [item = '{}'] = Object.values(itemsOf(browser.storage))
    return (JSON.parse(item) as { calls: { name?: string; verb: string; passive?: boolean }[] }).calls.map(
      ({ name, verb, passive }) => [name ?? verb, !!passive],
    )
  }

  it('is one with activity: false, and each one of a hidden page that nobody has touched, whatever it says', () => {
    const browser = browserWith()
    const made = calls(browser, page => {
      page.track('Search')
      page.track('Heartbeat', {}, { activity: false })
      Object.assign(document, { visibilityState: 'hidden' })
      page.track('Token', {}, { activity: true })
      page.signIn('anna')
    })
    expect(made).toEqual([
      ['Search', false],
      ['Heartbeat', true],
      ['Token', true],
      ['signIn', true],
      ['exit', true],
    ])
  })

  it('is none in the second in which the page is hidden: somebody has just left it', () => {
    const browser = browserWith()
    const made = calls(browser, page => {
      Object.assign(document, { visibilityState: 'hidden' })
      document.dispatchEvent(new Event('visibilitychange'))
      page.track('Away')
    })
    expect(made).toEqual([
      ['Away', false],
      ['exit', false],
    ])
  })
})

describe('consent', () => {
  it('that is pending writes and sends nothing anywhere, and what waits is recorded once it is granted', async () => {
    const browser = browserWith()
    const page = openPage(browser, { consent: 'pending' })
    page.track('Search')
    await new Promise(resolve => setTimeout(resolve, 50))
    expect([browser.collector.attempts, itemsOf(browser.storage), await indexedDB.databases()]).toEqual([0, {}, []])
    expect(page.status()).toMatchObject({ store: 'none', made: 0, waiting: 1 })
    page.consent('granted')
    await page.flush()
    expect(namesIn(browser)).toEqual(['VisitStarted', 'Search'])
  })

  it('that is denied deletes everything, in every tab, and counts it', async () => {
    const browser = browserWith()
    browser.collector.isDown = true
    const [here, there] = [openPage(browser), openPage(browser)]
    here.track('Search')
    there.track('Buy')
    await Promise.all([here.flush(), there.flush()])
    here.consent('denied')
    await waitFor(async () => expect(await indexedDB.databases()).toEqual([]))
    expect(itemsOf(browser.storage)).toEqual({ 'sojourn-test': 'denied' })
    for (const page of [here, there]) {
      expect(page.status()).toMatchObject({ consent: 'denied', owed: 0, store: 'none' })
      expect(page.status().dropped.denied).toBeGreaterThan(0)
      expect(sumOf(page.status())).toBe(page.status().made)
    }
    browser.collector.isDown = false
    here.track('Later')
    expect(await here.flush()).toEqual({ stored: 0, owed: 0 })
    expect(browser.collector.facts.size).toBe(0)
  })

  it('that is granted after it was denied records anew', async () => {
    const browser = browserWith()
    const page = openPage(browser, { consent: 'denied' })
    page.track('Search')
    page.consent('granted')
    page.track('Buy')
    await page.flush()
    expect(namesIn(browser)).toEqual(['VisitStarted', 'Buy'])
  })
})
