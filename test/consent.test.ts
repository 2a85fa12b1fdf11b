import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Tracker } from '../src/api.js'
import { inOrder } from '../src/record/event.js'
import { browserWith, type FakeBrowser } from './helpers/browser.js'
import { itemsOf } from './helpers/storage.js'
import { waitFor } from './helpers/wait.js'

type Options = Parameters<FakeBrowser['open']>[0]

/** The item that holds the word. */
const item = 'sojourn-test'

let browser: FakeBrowser
let pages: Tracker[] = []

beforeEach(() => {
  browser = browserWith()
})
afterEach(async () => {
  for (const page of pages) page.stop()
  // What a page still keeps as it stops must not meet the database of the next test.
  await Promise.all(pages.map(page => page.flush()))
  pages = []
  vi.unstubAllGlobals()
})

function open(options?: Options): Tracker {
  const page = browser.open(options)
  pages.push(page)
  return page
}

/** A page whose first task is over. */
async function openLater(options?: Options): Promise<Tracker> {
  const page = open(options)
  await nextTask()
  return page
}

const nextTask = (): Promise<void> => new Promise(resolve => setTimeout(resolve, 10))

const names = (): string[] =>
  [...browser.collector.facts.values()]
    .map(({ event }) => event)
    .sort(inOrder)
    .map(({ eventName }) => eventName)

/** As in Chromium. */
const addNavigation = (): void => void Object.assign(window, { navigation: new EventTarget() })

const remember = (word: string): void => browser.storage.setItem(item, word)
const remembered = (): string | null => browser.storage.getItem(item)
const shown = (persisted: boolean): Event => Object.assign(new Event('pageshow'), { persisted })

/** Numbers that look random, below a limit, the same for the same seed. */
function randomOf(seed: number): (limit: number) => number {
  let state = seed
  return limit => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * limit)
  }
}

function expectBalance(page: Tracker): void {
  const { made, stored, owed, dropped } = page.status()
  expect(stored + owed + Object.values(dropped).reduce((sum, count) => sum + count, 0)).toBe(made)
}

describe('the word of consent()', () => {
  it.each(['granted', 'denied'] as const)('%s holds at the next page load, and not the option', async word => {
    open().consent(word)
    for (const consent of ['granted', 'denied', 'pending'] as const)
      expect((await openLater({ consent })).status().consent).toBe(word)
  })

  it('is the only thing that its item holds, and an option is not remembered', async () => {
    await openLater({ consent: 'granted' })
    expect(remembered()).toBeNull()
    open().consent('denied')
    expect(remembered()).toBe('denied')
  })

  it('is forgotten with pending: then the option holds at the next page load', async () => {
    const page = open()
    page.consent('granted')
    page.consent('pending')
    expect(remembered()).toBeNull()
    expect((await openLater({ consent: 'denied' })).status().consent).toBe('denied')
  })

  it('is neither written nor read with rememberConsent: false', async () => {
    remember('denied')
    const page = await openLater({ rememberConsent: false })
    expect(page.status().consent).toBe('granted')
    page.consent('granted')
    expect(remembered()).toBe('denied')
  })

  it('holds while the page lives where localStorage is denied or full', async () => {
    vi.stubGlobal('localStorage', undefined)
    const page = open({ consent: 'pending' })
    page.consent('granted')
    await nextTask()
    browser.leave()
    window.dispatchEvent(shown(true))
    expect(page.status().consent).toBe('granted')
    vi.stubGlobal('localStorage', {
      getItem: () => null,
      removeItem() {},
      setItem() {
        throw new DOMException('full', 'QuotaExceededError')
      },
    })
    const next = open({ consent: 'pending' })
    next.consent('granted')
    await nextTask()
    browser.leave()
    window.dispatchEvent(shown(true))
    expect(next.status().consent).toBe('granted')
  })

  it.each(['yes', 'pending', '', '{"v":1}'])('is not %j, which is ignored and removed', async junk => {
    remember(junk)
    expect((await openLater({ consent: 'pending' })).status().consent).toBe('pending')
    expect(remembered() || null).toBeNull()
  })

  it('is outranked by a privacy signal, and then not read, nor written', async () => {
    vi.stubGlobal('navigator', { globalPrivacyControl: true, language: 'de', userAgent: 'a browser' })
    remember('granted')
    const page = await openLater()
    page.consent('granted')
    expect(page.status().consent).toBe('denied')
    const next = await openLater({ ignorePrivacySignals: true, consent: 'pending' })
    expect(next.status().consent).toBe('granted')
  })

  it('that is none is reported, and changes nothing', async () => {
    const page = await openLater()
    page.consent('yes' as never)
    expect([page.status().consent, browser.errors]).toEqual(['granted', ['consent-invalid: yes']])
  })
})

describe('the start', () => {
  it('does not touch localStorage in its task', async () => {
    const touched = vi.fn(() => browser.storage)
    Object.defineProperty(globalThis, 'localStorage', { get: touched, configurable: true })
    for (const consent of ['granted', 'denied', 'pending'] as const) {
      open({ consent }).track('Search')
      await Promise.resolve()
    }
    expect(touched).not.toHaveBeenCalled()
    await nextTask()
    expect(touched).toHaveBeenCalled()
  })

  it('creates no database, writes and sends nothing where denied is remembered, whatever the option says', async () => {
    remember('denied')
    const created = vi.fn()
    const plain = indexedDB.open.bind(indexedDB)
    indexedDB.open = (...args: Parameters<typeof plain>) => {
      const request = plain(...args)
      request.addEventListener('success', created)
      return request
    }
    const page = open({ consent: 'granted' })
    page.signIn('anna')
    await nextTask()
    await nextTask()
    expect(created).not.toHaveBeenCalled()
    expect([await indexedDB.databases(), itemsOf(browser.storage), browser.collector.attempts]).toEqual([
      [],
      { [item]: 'denied' },
      0,
    ])
    expect(page.status()).toMatchObject({ made: 1, dropped: { denied: 1 }, waiting: 0, store: 'none' })
  })

  it('records the calls made since then where granted is remembered, whatever the option says', async () => {
    remember('granted')
    for (const [consent, name] of [
      ['pending', 'Search'],
      ['denied', 'Buy'],
    ] as const) {
      const page = open({ consent })
      page.track(name)
      await page.flush()
      expect(names()).toContain(name)
      expectBalance(page)
    }
  })

  it.each([
    ['status()', async (page: Tracker) => expect(page.status()).toMatchObject({ consent: 'denied', store: 'none' })],
    ['flush()', async (page: Tracker) => expect(await page.flush()).toEqual({ stored: 0, owed: 0 })],
    ['a question', async (page: Tracker) => expect(await page.session()).toBeUndefined()],
    ['pagehide', async () => browser.leave()],
  ])('knows the word before it answers %s in its task', async (_what, ask) => {
    remember('denied')
    const page = open({ consent: 'granted' })
    page.signIn('anna')
    await Promise.resolve(ask(page))
    expect(itemsOf(browser.storage)).toEqual({ [item]: 'denied' })
    await nextTask()
    expect([browser.collector.attempts, page.status().consent]).toEqual([0, 'denied'])
  })

  it('loses nothing when the page goes away in its task', async () => {
    remember('granted')
    const page = open({ consent: 'pending' })
    page.track('Search')
    browser.leave()
    page.stop()
    open()
    await waitFor(() => expect(browser.collector.countOf('Search')).toBe(1))
  })
})

describe('every tab', () => {
  it('hears each word at once, whatever it holds', async () => {
    const here = await openLater({ consent: 'pending' })
    const there = await openLater({ consent: 'pending' })
    for (const word of ['granted', 'pending', 'denied', 'pending', 'denied', 'granted'] as const) {
      here.consent(word)
      await waitFor(() => expect(there.status().consent).toBe(word))
    }
  })

  it('is told in the words of version 0.1 too, and understands them', async () => {
    const told: unknown[] = []
    const old = new BroadcastChannel('sojourn-test')
    old.onmessage = ({ data }) => void told.push(data)
    const page = await openLater()
    page.consent('denied')
    await waitFor(() => expect(told).toContainEqual({ consent: 'denied', isDenied: true }))
    page.consent('granted')
    browser.tell({ isDenied: true })
    expect(page.status().consent).toBe('denied')
    old.close()
  })

  it('hears nothing that is no word', async () => {
    const page = await openLater()
    for (const consent of ['yes', 1, null, {}]) browser.tell({ consent })
    expect(page.status().consent).toBe('granted')
  })

  it('hears of it from localStorage where there is no channel', async () => {
    vi.stubGlobal('BroadcastChannel', undefined)
    const page = await openLater()
    for (const word of ['denied', 'granted', null]) {
      if (word) remember(word)
      else browser.storage.removeItem(item)
      window.dispatchEvent(Object.assign(new Event('storage'), { key: item }))
      expect(page.status().consent).toBe(word ?? 'pending')
    }
  })

  it.each(['denied', 'granted', 'pending'] as const)(
    'that was away reads %s before it records anything',
    async word => {
      open({ consent: 'pending' }).consent(word === 'granted' ? 'denied' : 'granted')
      const page = await openLater()
      page.signIn('anna')
      await page.flush()
      const before = browser.collector.facts.size
      browser.leave()
      // Another tab says it, which this page cannot hear.
      if (word === 'pending') browser.storage.removeItem(item)
      else remember(word)
      page.track('Away')
      window.dispatchEvent(shown(true))
      page.track('Back')
      expect(page.status().consent).toBe(word)
      await page.flush()
      if (word === 'granted') expect(names()).toContain('Back')
      else expect(browser.collector.facts.size - before).toBeLessThanOrEqual(1)
      expect(browser.collector.countOf('Back')).toBe(word === 'granted' ? 1 : 0)
    },
  )

  it('that was away reads the word once more, because what another tab writes takes a moment to arrive', async () => {
    const page = await openLater({ idleLimitMs: 5000 })
    browser.leave()
    window.dispatchEvent(shown(true))
    remember('denied')
    expect(page.status().consent).toBe('granted')
    await waitFor(() => expect(page.status().consent).toBe('denied'))
  })

  it.each(['denied', 'pending'] as const)(
    'that was away hears %s that arrives when it has looked twice',
    async word => {
      const page = await openLater()
      page.consent('granted')
      browser.leave()
      window.dispatchEvent(shown(true))
      document.dispatchEvent(new Event('visibilitychange'))
      if (word === 'pending') browser.storage.removeItem(item)
      else remember(word)
      window.dispatchEvent(Object.assign(new Event('storage'), { key: item }))
      expect(page.status().consent).toBe(word)
    },
  )

  it('that reads while another one writes finds one word or the other', async () => {
    const page = await openLater()
    page.consent('denied')
    const removed = vi.spyOn(browser.storage, 'removeItem')
    page.consent('granted')
    expect(remembered()).toBe('granted')
    expect(removed.mock.calls.filter(([name]) => name === item)).toEqual([])
  })

  it('keeps its word when another tab removes the item, as a site does that clears its localStorage', async () => {
    const page = await openLater()
    page.consent('granted')
    browser.storage.removeItem(item)
    window.dispatchEvent(Object.assign(new Event('storage'), { key: item }))
    expect(page.status().consent).toBe('granted')
  })

  it('keeps its word when the site clears its localStorage', async () => {
    const page = await openLater()
    page.consent('granted')
    browser.storage.removeItem(item)
    document.dispatchEvent(new Event('visibilitychange'))
    expect(page.status().consent).toBe('granted')
  })
})

describe('pending after granted', () => {
  it('leaves what is owed on the device, and holds what comes after in memory', async () => {
    browser.collector.isDown = true
    const page = await openLater()
    page.track('Before')
    await page.flush()
    page.track('AtOnce')
    page.consent('pending')
    page.track('After')
    const written = itemsOf(browser.storage)
    browser.collector.isDown = false
    const { attempts } = browser.collector
    expect(await page.flush()).toEqual({ stored: 0, owed: 1 })
    await nextTask()
    expect([browser.collector.attempts, page.status().waiting]).toEqual([attempts, 1])
    expect(JSON.stringify(written)).not.toContain('After')
    expectBalance(page)
    page.consent('granted')
    await waitFor(async () => {
      await page.flush()
      expect(names()).toEqual(['VisitStarted', 'Before', 'AtOnce', 'After'])
    })
    expectBalance(page)
  })

  it('ends the page that is open, and enters it anew', async () => {
    addNavigation()
    const page = await openLater({ automatic: true, consent: 'pending' })
    page.consent('granted')
    await page.flush()
    page.consent('pending')
    page.consent('granted')
    await waitFor(async () => {
      await page.flush()
      expect(names()).toEqual(['VisitStarted', 'PageEntered', 'PageExited', 'PageEntered'])
    })
  })

  it('and denied right after it leave nothing of the visitor on the device, although a database was opening', async () => {
    const page = open()
    for (const name of ['One', 'Two']) page.track(name)
    page.consent('pending')
    page.consent('denied')
    for (let n = 0; n < 5; n++) await nextTask()
    const written = Object.keys(itemsOf(browser.storage)).filter(name => name !== item)
    expect([written, await indexedDB.databases()]).toEqual([[], []])
    expectBalance(page)
  })

  it.each([
    ['pending', 'granted', 'pending', 'denied'],
    ['pending', 'granted', 'pending', 'granted', 'denied'],
  ] as const)(
    'and again, and denied in the end, leave nothing of the visitor on the device: %s, %s, %s, %s',
    async (...words) => {
      addNavigation()
      const page = open({ automatic: true })
      page.track('One')
      for (const word of words) {
        page.consent(word)
        page.track('More')
      }
      for (let n = 0; n < 5; n++) await nextTask()
      const written = Object.keys(itemsOf(browser.storage)).filter(name => name !== item)
      expect([written, await indexedDB.databases()]).toEqual([[], []])
      expectBalance(page)
    },
  )

  it.each([1, 5, 11])('counts right while two tabs change the word again and again (%i)', async seed => {
    const random = randomOf(seed)
    const here = await openLater()
    const there = await openLater()
    for (let n = 0; n < 40; n++) {
      const page = random(2) ? here : there
      const what = random(6)
      if (what < 2) page.track(`Event${n}`)
      else if (what === 2) page.consent('granted')
      else if (what === 3) page.consent(page === there ? 'pending' : 'denied')
      else if (what === 4) void page.flush()
      else await new Promise(resolve => setTimeout(resolve, random(8)))
    }
    here.consent('granted')
    await nextTask()
    for (const page of [here, there]) await page.flush()
    await waitFor(() => expect(here.status().owed + there.status().owed).toBe(0))
    for (const page of [here, there]) expectBalance(page)
  })

  it('and after denied waits likewise', async () => {
    const page = await openLater()
    page.consent('denied')
    page.track('Lost')
    page.consent('pending')
    page.track('Kept')
    await nextTask()
    expect([await indexedDB.databases(), page.status().waiting]).toEqual([[], 1])
    page.consent('granted')
    await page.flush()
    expect(names()).toEqual(['VisitStarted', 'Kept'])
    expectBalance(page)
  })
})

describe('granted after denied', () => {
  it('enters the page that is open', async () => {
    addNavigation()
    const page = await openLater({ automatic: true })
    page.consent('denied')
    page.consent('granted')
    await page.flush()
    expect(names()).toEqual(['VisitStarted', 'PageEntered'])
  })
})
