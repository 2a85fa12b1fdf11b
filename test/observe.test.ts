import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Observed, Question, Tracker } from '../src/api.js'
import { createTracker } from '../src/tracker.js'
import { browserWith, type FakeBrowser, writeKey } from './helpers/browser.js'
import { itemsOf } from './helpers/storage.js'
import { waitFor } from './helpers/wait.js'

let browser: FakeBrowser
const pages: Tracker[] = []
/** How often the store was read as a whole: each time reads `settled` and `parcels`. */
let reads = 0

beforeEach(() => {
  browser = browserWith()
  reads = 0
  const getAll = IDBObjectStore.prototype.getAll
  vi.spyOn(IDBObjectStore.prototype, 'getAll').mockImplementation(function (this: IDBObjectStore, ...how) {
    if (this.name === 'parcels') reads++
    return getAll.apply(this, how)
  })
})

afterEach(async () => {
  for (const page of pages) page.stop()
  await Promise.all(pages.splice(0).map(page => page.flush()))
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
})

function openPage(options?: Parameters<FakeBrowser['open']>[0]): Tracker {
  const tracker = browser.open({ flushEveryMs: 60_000, ...options })
  pages.push(tracker)
  return tracker
}

/** What a listener was told, in order. */
function listen<Q extends Question>(tracker: Tracker, question: Q): Observed<Q>[] & { undo(): void } {
  const told: Observed<Q>[] = []
  const undo = tracker.observe(question, answer => void told.push(answer))
  return Object.defineProperty(told, 'undo', { value: undo }) as Observed<Q>[] & { undo(): void }
}

const last = <T>(list: readonly T[]): T | undefined => list[list.length - 1]
const namesOf = (events: readonly { eventName: string }[] = []): string[] => events.map(({ eventName }) => eventName)
/** Waits until everything that is under way is told. */
const quiet = (): Promise<void> => new Promise(resolve => void setTimeout(resolve, 60))

async function signedIn(tracker: Tracker, identityId = 'anna'): Promise<string> {
  tracker.signIn(identityId)
  return waitFor(async () => {
    const session = await tracker.session()
    expect(session?.identityId).toBe(identityId)
    return (session as { sessionID: string }).sessionID
  })
}

describe('a question that is observed', () => {
  it('is answered at once, and again after each change', async () => {
    const page = openPage()
    const told = listen(page, 'session')
    await waitFor(() => expect(told).toEqual([undefined]))
    page.signIn('anna')
    await waitFor(() => expect(last(told)).toMatchObject({ identityId: 'anna', endDate: 0 }))
    page.signOut()
    await waitFor(() => expect(last(told)).toBeUndefined())
    expect(told).toHaveLength(3)
  })

  it('is answered once for several changes of a task', async () => {
    const page = openPage()
    const sessionID = await signedIn(page)
    const told = listen(page, { events: sessionID })
    await waitFor(() => expect(namesOf(last(told))).toEqual(['SignIn']))
    for (let n = 0; n < 50; n++) page.track(`Event${n}`)
    await waitFor(() => expect(last(told)).toHaveLength(51))
    await quiet()
    expect(told).toHaveLength(2)
  })

  it('is not answered again if nothing has changed, and keeps what has not changed in a list', async () => {
    const page = openPage()
    const sessionID = await signedIn(page)
    const events = listen(page, { events: sessionID })
    const session = listen(page, 'session')
    await waitFor(() => expect([events.length, session.length]).toEqual([1, 1]))
    page.track('')
    browser.tell({ isAsked: true })
    await quiet()
    expect([events.length, session.length]).toEqual([1, 1])
    const before = events[0] as Observed<{ events: string }>
    page.track('Search')
    await waitFor(() => expect(namesOf(last(events))).toContain('Search'))
    expect(last(events)?.[0]).toBe(before[0])
    expect(before.map(({ eventName }) => eventName)).not.toContain('Search')
  })

  it('gives what the local questions give', async () => {
    const page = openPage()
    const sessionID = await signedIn(page)
    page.page({ title: 'Cart' })
    page.track('Search')
    await page.flush()
    const { visitID } = (await page.session()) as { visitID: string }
    const [session, events, ofPages, sessions, visits] = [
      listen(page, { session: sessionID }),
      listen(page, { events: sessionID }),
      listen(page, { pages: sessionID }),
      listen(page, { sessions: visitID }),
      listen(page, { visits: 'anna' }),
    ]
    page.track('Buy')
    await waitFor(async () => {
      expect(namesOf(last(events))).toContain('Buy')
      expect([last(session), last(events), last(ofPages), last(sessions), last(visits)]).toEqual([
        await page.session(sessionID),
        await page.events(sessionID),
        await page.pages(sessionID),
        await page.sessions(visitID),
        await page.visits('anna'),
      ])
    })
    expect(last(ofPages)).toHaveLength(1)
  })

  it('is answered in every tab, once for each change, and without a read of the store for each event', async () => {
    const tabs = [openPage(), openPage(), openPage()] as [Tracker, Tracker, Tracker]
    const sessionID = await signedIn(tabs[0])
    const told = tabs.map(tab => listen(tab, { events: sessionID }))
    await waitFor(() => expect(told.map(one => namesOf(last(one)))).toEqual([['SignIn'], ['SignIn'], ['SignIn']]))
    const [calls, before] = [told.map(one => one.length), reads]
    for (let n = 0; n < 20; n++) {
      tabs[n % 3]?.track(`Event${n}`)
      await waitFor(() => expect(told.map(one => last(one)?.length)).toEqual([n + 2, n + 2, n + 2]))
    }
    expect(told.map((one, tab) => one.length - (calls[tab] as number))).toEqual([20, 20, 20])
    expect(reads).toBe(before)
  })

  it('is answered with what a tab makes that was opened later', async () => {
    const page = openPage()
    const sessionID = await signedIn(page)
    const told = listen(page, { events: sessionID })
    await waitFor(() => expect(told).toHaveLength(1))
    const later = openPage()
    later.track('Later')
    await waitFor(() => expect(namesOf(last(told))).toContain('Later'))
  })

  it('reads the store once for all listeners', async () => {
    const page = openPage()
    const sessionID = await signedIn(page)
    const before = reads
    const told = [listen(page, 'session'), listen(page, { events: sessionID }), listen(page, { pages: sessionID })]
    await waitFor(() => expect(told.map(one => one.length)).toEqual([1, 1, 1]))
    expect(reads - before).toBe(1)
  })

  it('shows nothing of who was signed in before', async () => {
    const page = openPage()
    const sessionID = await signedIn(page)
    const [events, records] = [listen(page, { events: sessionID }), listen(page, 'records')]
    await waitFor(() => expect(last(events)).toHaveLength(1))
    page.signIn('bob')
    await waitFor(() => expect(last(events)).toEqual([]))
    await waitFor(() => expect(namesOf(last(records)?.map(({ event }) => event))).toContain('SignIn'))
    expect(last(records)?.map(({ session }) => session && session.identityId)).not.toContain('anna')
  })

  it('is read again when the page was away, in the back/forward cache', async () => {
    const [page, other] = [openPage(), openPage()]
    const sessionID = await signedIn(page)
    const told = listen(page, { events: sessionID })
    await waitFor(() => expect(told).toHaveLength(1))
    page.track('Before')
    await waitFor(() => expect(namesOf(last(told))).toContain('Before'))
    browser.leave()
    other.track('Meanwhile')
    // Both pages were left, so that it lies where a page that dies leaves it.
    await waitFor(() => expect(JSON.stringify(itemsOf(browser.storage))).toContain('Meanwhile'))
    window.dispatchEvent(Object.assign(new Event('pageshow'), { persisted: true }))
    await waitFor(() => expect(namesOf(last(told))).toEqual(expect.arrayContaining(['Before', 'Meanwhile'])))
  })
})

describe('a listener', () => {
  it('that throws costs only itself, and is reported once', async () => {
    const page = openPage()
    const told = listen(page, 'status')
    page.observe('status', () => {
      throw new Error('of the page')
    })
    const after = listen(page, 'session')
    page.signIn('anna')
    await waitFor(() => expect(last(after)).toMatchObject({ identityId: 'anna' }))
    await waitFor(() => expect(last(told)?.errors).toEqual({ 'hook-failed': 1 }))
    page.track('Search')
    await quiet()
    expect(page.status().errors).toEqual({ 'hook-failed': 1 })
    expect(browser.errors).toEqual(['hook-failed: Error: of the page'])
  })

  it('may undo itself and others, observe more, and call verbs', async () => {
    const page = openPage()
    const inner: unknown[] = []
    let calls = 0
    const undo = page.observe('session', () => {
      calls++
      undo()
      undo()
      other.undo()
      page.track('Within')
      page.observe('status', ({ made }) => void inner.push(made))
    })
    const other = listen(page, 'session')
    await waitFor(() => expect(last(inner)).toBe(2))
    page.signIn('anna')
    await waitFor(() => expect(last(inner)).toBe(3))
    expect([calls, other.length]).toEqual([1, 0])
  })

  it('hears nothing after its undo, also if the answer was on its way', async () => {
    const page = openPage()
    const told = listen(page, 'session')
    told.undo()
    page.signIn('anna')
    await quiet()
    expect(told).toEqual([])
  })

  it.each([[null], [undefined], [5], [{}], ['nothing'], [['session']], [Symbol('a')]])(
    'of the question %s throws nothing',
    async question => {
      const page = openPage()
      const undo = page.observe(question as never, () => {})
      page.observe('session', 'no function' as never)()
      await quiet()
      undo()
      page.track('Search')
      expect((await page.flush()).stored).toBe(2)
    },
  )
})

describe('while listeners are there', () => {
  it('a page that is prerendered calls nobody, and opens nothing, until it is shown', async () => {
    Object.assign(document, { prerendering: true })
    const open = vi.spyOn(indexedDB, 'open')
    const page = openPage()
    const told = [listen(page, 'session'), listen(page, 'status'), listen(page, 'records')]
    await quiet()
    expect([told.map(one => one.length), open.mock.calls.length]).toEqual([[0, 0, 0], 0])
    Object.assign(document, { prerendering: false })
    document.dispatchEvent(new Event('prerenderingchange'))
    await waitFor(() => expect(told.every(one => one.length > 0)).toBe(true))
  })

  it('stop() silences them, and a new start goes on', async () => {
    const page = openPage()
    await signedIn(page)
    const told = listen(page, 'session')
    await waitFor(() => expect(told).toHaveLength(1))
    page.stop()
    const calls = told.length
    page.signOut()
    await quiet()
    expect(told).toHaveLength(calls)
    const again = createTracker({ collector: 'https://collector.example', key: writeKey, automatic: false })
    expect(again).toBe(page)
    again.signIn('bob')
    await waitFor(() => expect(last(told)).toMatchObject({ identityId: 'bob' }))
  })

  it.each(['denied', 'pending'] as const)(
    'consent %s empties the answers, and granted fills them again',
    async word => {
      const page = openPage()
      const sessionID = await signedIn(page)
      const [session, events] = [listen(page, 'session'), listen(page, { events: sessionID })]
      await waitFor(() => expect([session.length, events.length]).toEqual([1, 1]))
      page.consent(word)
      await waitFor(() => expect([last(session), last(events)]).toEqual([undefined, []]))
      page.consent('granted')
      page.signIn('bob')
      await waitFor(() => expect(last(session)).toMatchObject({ identityId: 'bob' }))
    },
  )

  it('forget() empties the answers in every tab, also if the same person signs in at once', async () => {
    const [page, other] = [openPage(), openPage()]
    const sessionID = await signedIn(page)
    const told = [page, other].map(tab => listen(tab, { events: sessionID }))
    await waitFor(() => expect(told.map(one => last(one)?.length)).toEqual([1, 1]))
    void page.forget()
    page.signIn('anna')
    await waitFor(() => expect(told.map(one => last(one)?.length)).toEqual([0, 0]))
    await quiet()
    expect(told.map(one => last(one)?.length)).toEqual([0, 0])
  })

  it('the status is told when it is another one, and not before', async () => {
    browser.collector.isDown = true
    const page = openPage()
    const told = listen(page, 'status')
    page.track('Search')
    await waitFor(() => expect(last(told)).toMatchObject({ made: 2, owed: 2, store: 'indexeddb' }))
    await page.flush()
    await waitFor(() => expect(last(told)).toMatchObject({ failures: 1, drainer: 'nobody' }))
    browser.collector.isDown = false
    await page.flush()
    await waitFor(() => expect(last(told)).toMatchObject({ owed: 0, stored: 2, failures: 0, drainer: 'nobody' }))
    const calls = told.length
    browser.tell({ isAsked: true })
    await quiet()
    expect(told).toHaveLength(calls)
    expect(last(told)).toEqual(page.status())
  })

  it('each record has its fate, in every tab', async () => {
    const [page, other] = [openPage(), openPage()]
    const told = [page, other].map(tab => listen(tab, 'records'))
    const fates = (): (string[] | undefined)[] => told.map(one => last(one)?.map(({ fate }) => fate))
    page.track('Search')
    await waitFor(() => expect(fates()).toEqual([Array(2).fill('owed'), Array(2).fill('owed')]))
    browser.collector.isGone = ({ event }) => event.eventName === 'Search'
    const send = fetch
    let answer = (): void => {}
    const answered = new Promise<void>(resolve => (answer = resolve))
    vi.stubGlobal('fetch', async (...how: Parameters<typeof fetch>) => {
      await answered
      return send(...how)
    })
    void page.flush()
    await waitFor(() => expect(fates()).toEqual([Array(2).fill('in-flight'), Array(2).fill('in-flight')]))
    answer()
    await waitFor(() =>
      expect(fates()).toEqual([Array(2).fill('stored'), Array(2).fill('stored')].map(([one]) => [one, 'gone'])),
    )
  })
})
