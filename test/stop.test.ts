import { afterEach, describe, expect, it, vi } from 'vitest'
import type { Tracker } from '../src/api.js'
import { createTracker } from '../src/tracker.js'
import { browserWith, type FakeBrowser } from './helpers/browser.js'
import { waitFor } from './helpers/wait.js'

const pages: Tracker[] = []

function openPage(browser: FakeBrowser, options?: Parameters<FakeBrowser['open']>[0]): Tracker {
  const tracker = browser.open(options)
  pages.push(tracker)
  return tracker
}

/** Calls `createTracker` once more in the same page load. */
function createAgain(key: string): Tracker {
  return createTracker({ collector: 'https://collector.example', key, automatic: false, flushEveryMs: 20 })
}

afterEach(async () => {
  for (const page of pages) page.stop()
  await Promise.all(pages.splice(0).map(page => page.flush()))
  vi.unstubAllGlobals()
})

const keyWith = (): string => `key-${Math.random().toString(36).slice(2)}`

describe('stop()', () => {
  it('keeps what was called before it in the same task, under its session', async () => {
    const browser = browserWith()
    const first = openPage(browser)
    first.signIn('anna')
    first.track('Search')
    first.stop()
    openPage(browser)
    await waitFor(() => expect(browser.collector.countOf('Search')).toBe(1))
    const sessions = new Set([...browser.collector.facts.values()].map(({ session }) => session?.sessionID))
    sessions.delete(undefined)
    expect(sessions.size).toBe(1)
    expect(browser.collector.countOf('SignIn')).toBe(1)
  })

  it('keeps what was called before it where the database is away', async () => {
    const browser = browserWith()
    const open = indexedDB.open.bind(indexedDB)
    indexedDB.open = () => {
      throw new DOMException('denied', 'SecurityError')
    }
    const first = openPage(browser)
    first.signIn('anna')
    first.track('Search')
    first.stop()
    await new Promise(resolve => setTimeout(resolve, 20))
    indexedDB.open = open
    openPage(browser)
    await waitFor(() => expect(browser.collector.countOf('Search')).toBe(1))
  })

  it('makes later verbs report that the tracker is stopped, and nothing else', async () => {
    const browser = browserWith()
    const page = openPage(browser)
    page.track('Search')
    page.stop()
    page.stop()
    page.track('Buy')
    page.signIn('anna')
    expect(page.status().errors).toEqual({ stopped: 2 })
    expect(browser.errors.map(error => error.split(':')[0])).toEqual(['stopped', 'stopped'])
    expect(await page.flush()).toMatchObject({ stored: 0 })
    const next = openPage(browser)
    await next.flush()
    await waitFor(() => expect(browser.collector.countOf('Search')).toBe(1))
    expect(browser.collector.countOf('Buy')).toBe(0)
  })
})

describe('createTracker for a key that the page has', () => {
  it('gives the tracker that is running', async () => {
    const key = keyWith()
    const browser = browserWith()
    const first = openPage(browser, { key })
    const second = createAgain(key)
    expect(second).toBe(first)
    second.track('Search')
    await first.flush()
    expect(browser.collector.countOf('Search')).toBe(1)
    expect(browser.collector.countOf('VisitStarted')).toBe(1)
  })

  it('starts the tracker again that was stopped, and goes on with its session', async () => {
    const key = keyWith()
    const browser = browserWith()
    const first = openPage(browser, { key })
    const { track } = first
    first.signIn('anna')
    track('Search')
    first.stop()
    expect(createAgain(key)).toBe(first)
    track('Buy')
    await first.flush()
    await waitFor(() => expect(browser.collector.countOf('Search')).toBe(1))
    const facts = [...browser.collector.facts.values()]
    const of = (name: string): string | undefined =>
      facts.find(({ event }) => event.eventName === name)?.session?.identityId
    expect([of('Search'), browser.collector.countOf('SignIn')]).toEqual(['anna', 1])
    expect(browser.collector.countOf('Buy')).toBe(1)
  })

  it('goes on with the page that was open at the stop, if it is still that page', async () => {
    const key = keyWith()
    const browser = browserWith()
    const first = openPage(browser, { key, automatic: true })
    await waitFor(() => expect(first.status().made).toBe(2))
    first.stop()
    await first.flush()
    createTracker({ collector: 'https://collector.example', key, flushEveryMs: 20 })
    first.track('Search')
    await first.flush()
    await waitFor(() => expect(browser.collector.countOf('PageEntered')).toBe(1))
    const pageIDs = [...browser.collector.facts.values()].map(({ page }) => page?.pageID).filter(Boolean)
    expect(browser.collector.countOf('Search')).toBe(1)
    expect(new Set(pageIDs).size).toBe(1)
  })

  it('keeps the calls that wait for consent, and the listeners', async () => {
    const key = keyWith()
    const browser = browserWith()
    const first = openPage(browser, { key, consent: 'pending' })
    const heard: string[] = []
    first.onError(({ code }) => heard.push(code))
    first.signIn('anna')
    first.track('Search')
    first.stop()
    createTracker({
      collector: 'https://collector.example',
      key,
      automatic: false,
      consent: 'pending',
      flushEveryMs: 20,
    })
    first.track('Buy')
    first.track('')
    first.consent('granted')
    await first.flush()
    expect([browser.collector.countOf('SignIn'), browser.collector.countOf('Search')]).toEqual([1, 1])
    expect(browser.collector.countOf('Buy')).toBe(1)
    expect(heard).toEqual(['event-unnamed'])
  })

  it('makes another tracker for another key', () => {
    const browser = browserWith()
    const first = openPage(browser, { key: keyWith() })
    const second = createAgain(keyWith())
    pages.push(second)
    expect(second).not.toBe(first)
  })
})

describe('track()', () => {
  it.each(['SignOut', 'SessionEnded', 'PageExited', 'SignIn', 'UserInfo'])(
    'does not take %s for a name',
    async name => {
      const browser = browserWith()
      const page = openPage(browser)
      page.track(name)
      await page.flush()
      expect(page.status().errors).toEqual({ 'event-unnamed': 1 })
      expect(browser.collector.countOf(name)).toBe(0)
    },
  )

  it('takes null for options that were left out', async () => {
    const browser = browserWith()
    const page = openPage(browser)
    page.track('Search', { q: 'tea' }, null as never)
    page.onError(undefined as never)
    page.track('')
    await page.flush()
    expect(browser.collector.countOf('Search')).toBe(1)
  })
})

describe('status()', () => {
  it('tells at once which visit and session are open, and who is signed in', async () => {
    const browser = browserWith()
    const page = openPage(browser)
    expect(page.status()).toMatchObject({ visitID: null, sessionID: null, identityId: null })
    page.track('Search')
    await page.flush()
    page.signIn('anna')
    const { sessionID, identityId, visitID } = page.status()
    expect(identityId).toBe('anna')
    expect(await page.session()).toMatchObject({ sessionID, visitID, identityId })
    page.signOut()
    expect(page.status()).toMatchObject({ visitID, sessionID: null, identityId: null })
  })
})
