import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Tracker } from '../src/api.js'
import { inOrder } from '../src/record/event.js'
import { answerMs } from '../src/record/limits.js'
import { browserWith, type FakeBrowser } from './helpers/browser.js'
import { contentOf } from './helpers/database.js'
import { itemsOf } from './helpers/storage.js'
import { waitFor } from './helpers/wait.js'

let browser: FakeBrowser
let pages: Tracker[] = []

beforeEach(() => {
  browser = browserWith()
})
afterEach(async () => {
  for (const page of pages) page.stop()
  await Promise.all(pages.splice(0).map(page => page.flush()))
  vi.unstubAllGlobals()
})

function open(options?: Parameters<FakeBrowser['open']>[0]): Tracker {
  const page = browser.open({ debug: false, flushEveryMs: 60_000, ...options })
  pages.push(page)
  return page
}

/** A page that owes what anna has done. */
async function openOwing(options?: Parameters<FakeBrowser['open']>[0]): Promise<Tracker> {
  browser.collector.isDown = true
  const page = open(options)
  page.signIn('anna', { name: 'Anna' })
  page.track('Search')
  await page.flush()
  browser.collector.isDown = false
  return page
}

/** All that lies on the device, as text. */
async function onDevice(): Promise<string> {
  if (!(await indexedDB.databases()).length) return JSON.stringify(itemsOf(browser.storage))
  const stores = await Promise.all((['parcels', 'settled', 'state'] as const).map(contentOf))
  return JSON.stringify([stores.map(store => [...store]), itemsOf(browser.storage)])
}

const nextTask = (): Promise<void> => new Promise(resolve => setTimeout(resolve, 10))
const shown = (): Event => Object.assign(new Event('pageshow'), { persisted: true })
const sent = (): string => browser.collector.batches.join()
const names = (): string[] =>
  [...browser.collector.facts.values()]
    .map(({ event }) => event)
    .sort(inOrder)
    .map(({ eventName }) => eventName)

function expectBalance(...all: Tracker[]): void {
  for (const page of all) {
    const { made, stored, owed, dropped } = page.status()
    expect(stored + owed + Object.values(dropped).reduce((sum, count) => sum + count, 0)).toBe(made)
  }
}

/** The message of a tab that forgets, which it tells when it has begun to delete. */
const tellForgotten = (at = Date.now()): void => browser.tell({ forgotten: at })

describe('forget()', () => {
  it('deletes what the device has of the visitor, and counts what was owed as forgotten', async () => {
    const page = await openOwing()
    page.track('Waiting')
    await page.forget()
    expect(page.status()).toMatchObject({ made: 4, stored: 0, owed: 0, dropped: { forgotten: 4 }, identityId: null })
    expect(await onDevice()).not.toMatch(/anna|Anna|Search|Waiting/)
    await page.flush()
    expect(sent()).toBe('')
    expectBalance(page)
  })

  it('goes on with a new visitor: a new browser id, visit and session, from the next call in the same task', async () => {
    const page = await openOwing()
    await page.flush()
    const before = [...browser.collector.facts.values()]
    void page.forget()
    page.track('Next')
    page.signIn('anna')
    await page.flush()
    const [first] = before
    const after = [...browser.collector.facts.values()].slice(before.length)
    expect(after.map(({ event }) => event.eventName)).toEqual(['VisitStarted', 'Next', 'SignIn'])
    expect(after.map(({ session }) => !!session)).toEqual([false, false, true])
    for (const { visit, session } of after) {
      expect(visit.visitID).not.toBe(first?.visit.visitID)
      expect(visit.globalVisitID).not.toBe(first?.visit.globalVisitID)
      for (const one of before) expect(session?.sessionID ?? null).not.toBe(one.session?.sessionID)
    }
    expectBalance(page)
  })

  it('enters the page that is shown, as a new one', async () => {
    Object.assign(window, { navigation: new EventTarget() })
    const page = open({ automatic: true })
    page.signIn('anna')
    await page.flush()
    void page.forget()
    await page.flush()
    expect(names()).toEqual(['VisitStarted', 'PageEntered', 'SignIn', 'VisitStarted', 'PageEntered'])
    const ids = [...browser.collector.facts.values()].map(({ page: one }) => one?.pageID).filter(Boolean)
    expect(new Set(ids).size).toBe(2)
  })

  it('stops what is in flight, and takes no answer of it', async () => {
    const page = await openOwing()
    let signal: AbortSignal | null | undefined
    let answer: (response: Response) => void = () => {}
    const plain = fetch
    vi.stubGlobal('fetch', (_url: string, init: RequestInit) => {
      signal = init.signal
      return new Promise(resolve => (answer = resolve))
    })
    const flushed = page.flush()
    await waitFor(() => expect(signal).toBeDefined())
    const forgotten = page.forget()
    expect(signal?.aborted).toBe(true)
    answer(Response.json({ v: 1, stored: [], refused: [], gone: [] }))
    vi.stubGlobal('fetch', plain)
    await Promise.all([forgotten, flushed])
    page.track('Next')
    await page.flush()
    expect(names()).toEqual(['VisitStarted', 'Next'])
    expect(page.status()).toMatchObject({ stored: 2, dropped: { forgotten: 3 }, failures: 0 })
    expectBalance(page)
  })

  it('leaves nothing to a page that goes away in the same task', async () => {
    const page = await openOwing()
    const { attempts } = browser.collector
    void page.forget()
    browser.leave()
    expect(JSON.stringify(itemsOf(browser.storage))).not.toMatch(/anna|Search/)
    await nextTask()
    expect([browser.collector.attempts, sent()]).toEqual([attempts, ''])
  })

  it('may come before anything else, twice, and with calls of the same task before it', async () => {
    const page = open()
    void page.forget()
    void page.forget()
    page.signIn('anna')
    void page.forget()
    page.track('Next')
    await page.flush()
    expect(names()).toEqual(['VisitStarted', 'Next'])
    expect(page.status().dropped).toEqual({ forgotten: 1 })
    expectBalance(page)
  })

  it('drops what was bound in the same task', async () => {
    const page = await openOwing()
    page.track('AtOnce')
    page.status()
    await page.forget()
    expect(page.status().dropped).toEqual({ forgotten: 4 })
    expectBalance(page)
  })

  it('lets nobody wait for ever, and keeps the calls after it, where the database is opening', async () => {
    const plain = indexedDB.open.bind(indexedDB)
    indexedDB.open = () => new IDBOpenDBRequest()
    const page = open()
    page.signIn('anna')
    const flushed = page.flush()
    await nextTask()
    indexedDB.open = plain
    const forgotten = page.forget()
    page.track('Next')
    expect(await flushed).toEqual({ stored: 0, owed: 0 })
    await forgotten
    await page.flush()
    expect(names()).toEqual(['VisitStarted', 'Next'])
    expect(page.status().dropped).toEqual({ forgotten: 1 })
    expectBalance(page)
  })

  it('deletes what lies in a database that is away, when it is back', async () => {
    const first = await openOwing()
    first.stop()
    await first.flush()
    const plain = indexedDB.open.bind(indexedDB)
    const plainDelete = indexedDB.deleteDatabase.bind(indexedDB)
    const fail = (): never => {
      throw new DOMException('away', 'UnknownError')
    }
    indexedDB.open = indexedDB.deleteDatabase = fail
    const page = open()
    await page.forget()
    page.track('Next')
    await page.flush()
    expect(names()).toEqual(['VisitStarted', 'Next'])
    indexedDB.open = plain
    indexedDB.deleteDatabase = plainDelete
    const next = open()
    next.track('Later')
    await next.flush()
    await waitFor(async () => expect(await onDevice()).not.toMatch(/anna|Search/))
    expect(sent()).not.toContain('anna')
    expect(next.status()).toMatchObject({ identityId: null, store: 'indexeddb' })
    // Only once: what comes later stays.
    browser.collector.isDown = true
    next.track('Kept')
    await next.flush()
    await open().flush()
    expect(await onDevice()).toContain('Kept')
  })

  it('settles where the browser never opens its database', async () => {
    indexedDB.open = indexedDB.deleteDatabase = () => new IDBOpenDBRequest()
    const page = open()
    page.signIn('anna')
    await page.forget()
    expect(page.status()).toMatchObject({ identityId: null, dropped: { forgotten: 1 } })
  })

  it('forgets without localStorage too', async () => {
    const page = await openOwing()
    vi.stubGlobal('localStorage', undefined)
    await page.forget()
    page.track('Next')
    await page.flush()
    expect(names()).toEqual(['VisitStarted', 'Next'])
  })

  it('takes over no exit of a page that died, which it was just about to take over', async () => {
    const dead = open()
    dead.page({ url: 'https://shop.example/' })
    dead.signIn('anna')
    await dead.flush()
    dead.stop()
    const asked = new Promise(resolve => {
      const other = new BroadcastChannel('sojourn-test')
      other.onmessage = ({ data }) => data.isAsked && resolve(other.close())
    })
    const page = open()
    page.track('Search')
    // It asks now which pages live, and waits for their answers.
    await asked
    await page.forget()
    await new Promise(resolve => setTimeout(resolve, answerMs + 100))
    await page.flush()
    expect(names()).not.toContain('PageExited')
    expect(await onDevice()).not.toContain('anna')
    expectBalance(page)
  })
})

describe('the word of consent', () => {
  it('stays: pending waits anew, and what was called or left on the device before is gone', async () => {
    const page = await openOwing()
    page.consent('pending')
    page.track('Waiting')
    await page.forget()
    page.track('Next')
    await nextTask()
    expect([await onDevice(), page.status()]).toMatchObject([
      expect.not.stringMatching(/anna|Search|Waiting/),
      { consent: 'pending', waiting: 1 },
    ])
    page.consent('granted')
    await page.flush()
    expect(names()).toEqual(['VisitStarted', 'Next'])
    expectBalance(page)
  })

  it('stays denied: nothing begins', async () => {
    const page = await openOwing()
    page.consent('denied')
    await page.forget()
    page.track('Lost')
    expect(page.status()).toMatchObject({ consent: 'denied', waiting: 0, store: 'none' })
    expect(await page.flush()).toEqual({ stored: 0, owed: 0 })
    expectBalance(page)
  })

  it('is not what the item of forget() holds: that is a time alone', async () => {
    const page = await openOwing()
    page.consent('granted')
    await page.forget()
    const items = itemsOf(browser.storage)
    expect(items['sojourn-test']).toBe('granted')
    expect(items['sojourn-test!']).toMatch(/^\d+$/)
    expect(Object.keys(items)).toHaveLength(2)
  })
})

describe('a tracker that is stopped', () => {
  it('forgets, and begins nothing', async () => {
    const page = await openOwing()
    page.stop()
    await page.forget()
    expect(await onDevice()).not.toMatch(/anna|Search/)
    expect(page.status()).toMatchObject({ owed: 0, identityId: null, errors: {} })
    const next = open()
    next.track('Next')
    await next.flush()
    expect(names()).toEqual(['VisitStarted', 'Next'])
  })
})

describe('every tab', () => {
  it('forgets at once, and goes on with the one new visitor', async () => {
    const here = await openOwing()
    browser.collector.isDown = true
    const there = open()
    there.track('There')
    await there.flush()
    expect(there.status().identityId).toBe('anna')
    browser.collector.isDown = false
    await here.forget()
    await waitFor(() => expect(there.status()).toMatchObject({ identityId: null, dropped: { forgotten: 1 } }))
    expect(await onDevice()).not.toMatch(/anna|Search|There/)
    here.track('Here')
    await here.flush()
    there.track('Next')
    await there.flush()
    await here.flush()
    expect(sent()).not.toContain('anna')
    expect(new Set([...browser.collector.facts.values()].map(({ visit }) => visit.visitID)).size).toBe(1)
    expectBalance(here, there)
  })

  it('deletes what it wrote before it heard of it, and nothing of the new visitor', async () => {
    const page = await openOwing()
    await page.flush()
    browser.collector.isDown = true
    page.page({ url: 'https://shop.example/' })
    page.track('Late')
    await page.flush()
    expect(await onDevice()).toMatch(/anna.*Late/)
    const other = open()
    other.track('Other')
    await other.flush()
    const state = (await contentOf('state')).get('presence')
    // The other tab has cleared the database, and begun anew, before this page wrote that.
    tellForgotten()
    await waitFor(async () => expect(await onDevice()).not.toMatch(/anna|Late|Other/))
    // An old open state comes late. Nobody takes it.
    browser.tell({ presence: state })
    expect(page.status().identityId).toBeNull()
    expectBalance(page, other)
  })

  it.each(['in the back/forward cache', 'frozen'])(
    'that was %s forgets when it wakes, and writes nothing back',
    async away => {
      const page = await openOwing()
      page.track('AtOnce')
      // Nothing of it leaves now.
      browser.collector.isDown = true
      if (away === 'frozen') document.dispatchEvent(new Event('freeze'))
      else browser.leave()
      // Another tab, which this page cannot hear.
      await nextTask()
      browser.collector.isDown = false
      const other = open()
      await other.forget()
      other.track('Other')
      await other.flush()
      if (away === 'frozen') document.dispatchEvent(new Event('resume'))
      else window.dispatchEvent(shown())
      page.track('Back')
      await waitFor(async () => {
        await page.flush()
        expect(names()).toContain('Back')
      })
      expect(sent()).not.toMatch(/anna|Search|AtOnce/)
      expect(await onDevice()).not.toMatch(/anna|Search|AtOnce/)
      expect(page.status().dropped.forgotten).toBeGreaterThan(3)
      expectBalance(page, other)
    },
  )

  it('that goes away without having heard leaves nothing', async () => {
    const page = await openOwing()
    browser.storage.setItem('sojourn-test!', `${Date.now()}`)
    page.track('Last')
    browser.leave()
    expect(JSON.stringify(itemsOf(browser.storage))).not.toMatch(/anna|Search|Last/)
    expectBalance(page)
  })

  it('hears of it from localStorage where there is no channel', async () => {
    vi.stubGlobal('BroadcastChannel', undefined)
    const page = await openOwing()
    await nextTask()
    browser.storage.setItem('sojourn-test!', `${Date.now()}`)
    window.dispatchEvent(Object.assign(new Event('storage'), { key: 'sojourn-test!' }))
    expect(page.status()).toMatchObject({ identityId: null, dropped: { forgotten: 3 } })
  })

  it.each([0, -5, 'soon', null, {}, 2 ** 60])(
    'forgets nothing where a script tells %j, and not twice',
    async forgotten => {
      const page = await openOwing()
      await nextTask()
      browser.tell({ forgotten })
      browser.storage.setItem('sojourn-test!', `${forgotten as string}`)
      window.dispatchEvent(Object.assign(new Event('storage'), { key: 'sojourn-test!' }))
      expect(page.status()).toMatchObject({ identityId: 'anna', owed: 3 })
      tellForgotten(5)
      page.track('Next')
      tellForgotten(5)
      await page.flush()
      expect(names()).toEqual(['VisitStarted', 'Next'])
    },
  )
})
