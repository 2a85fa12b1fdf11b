import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Tracker } from '../src/api.js'
import type { KeyValueStore } from '../src/store/key-value-store.js'
import { emptyShelf, memoryStore, type Shelf } from '../src/testing/memory.js'
import { createStorage } from '../src/testing/storage.js'
import type { Outcome, Transport } from '../src/transport/transport.js'
import { browserWith, type FakeBrowser } from './helpers/browser.js'
import { itemsOf } from './helpers/storage.js'
import { idsOf, scriptedTransport, stored } from './helpers/transport.js'
import { waitFor } from './helpers/wait.js'

let browser: FakeBrowser
const opened: Tracker[] = []

beforeEach(() => {
  browser = browserWith()
})
afterEach(() => {
  for (const tracker of opened.splice(0)) tracker.stop()
  vi.unstubAllGlobals()
})

function openWith(transport: Transport, store?: KeyValueStore): Tracker {
  const tracker = browser.open({ transport, flushEveryMs: 60_000, ...(store && { store }) })
  opened.push(tracker)
  return tracker
}

/** A transport that sends as told, and copies nothing. */
const sending = (send: (body: string) => Outcome | Promise<Outcome>): Transport => ({
  send: async body => send(body),
  copy: () => false,
  room: () => 0,
})

describe('a tracker with an own transport', () => {
  it('sends through it alone, and deletes what its answers name', async () => {
    const own = scriptedTransport(['stored'])
    const tracker = openWith(own)
    tracker.track('Search')
    expect(await tracker.flush()).toEqual({ stored: 2, owed: 0 })
    expect([own.sent.flat().length, browser.collector.attempts]).toEqual([2, 0])
  })

  it('copies through it as the page leaves', async () => {
    const own = scriptedTransport(['unknown'])
    const tracker = openWith(own)
    tracker.track('Search')
    await tracker.flush()
    browser.leave()
    expect(own.copies.length).toBe(1)
    expect(idsOf(own.copies[0] as string)).toHaveLength(2)
  })

  it.each([
    ['nothing', 'memory', [2]],
    ['all', 'indexeddb', []],
  ] as const)(
    'copies through it in the task that hides the page, if the device keeps %s',
    async (_what, kind, copied) => {
      if (kind === 'memory') {
        indexedDB.open = () => {
          throw new DOMException('blocked', 'SecurityError')
        }
        vi.stubGlobal('localStorage', createStorage(0))
      }
      const own = scriptedTransport(['unknown'])
      const tracker = openWith(own)
      await waitFor(() => expect(tracker.status().store).toBe(kind))
      tracker.track('Search')
      await tracker.flush()
      const hidden = Object.assign(document, { visibilityState: 'hidden' })
      hidden.dispatchEvent(new Event('visibilitychange'))
      expect(own.copies.map(body => idsOf(body).length)).toEqual(copied)
      // What was copied is not copied again.
      browser.leave()
      expect(own.copies.flatMap(idsOf)).toHaveLength(2)
    },
  )

  it('loses nothing by one that throws, gives junk or says of other records that they are stored', async () => {
    const wrongs: ((body: string) => Outcome)[] = [
      () => {
        throw new Error('no bridge')
      },
      () => 'stored' as never,
      () => stored(['somebody-elses', 'somebody-elses', '']),
      () => ({ is: 'unknown', cause: Object.create(null) }),
    ]
    let wrong = wrongs[0]
    const tracker = openWith(sending(body => (wrong ? wrong(body) : stored(idsOf(body)))))
    tracker.track('Search')
    for (wrong of wrongs) expect(await tracker.flush()).toEqual({ stored: 0, owed: 2 })
    wrong = undefined
    // A retry may have begun just before, with the last wrong answer. Then a flush waits for it alone.
    await waitFor(async () => expect((await tracker.flush()).owed).toBe(0))
    expect(tracker.status()).toMatchObject({ made: 2, stored: 2, dropped: {} })
    expect(browser.errors).toEqual([
      'transport-failed: Error: no bridge',
      'collector-unreachable: Error: no bridge',
      'transport-failed: TypeError: no outcome',
    ])
  })
})

describe('a tracker with an own store', () => {
  const refusing = (): Transport => sending(() => ({ is: 'unknown', cause: 'no network' }))

  async function openedWith(shelf: Shelf, transport = refusing(), store = memoryStore(shelf)): Promise<Tracker> {
    const tracker = openWith(transport, store)
    await waitFor(() => expect(tracker.status().store).toBe('own'))
    return tracker
  }

  it('keeps what it owes there, and touches nothing else of the origin', async () => {
    const channel = vi.fn()
    vi.stubGlobal('BroadcastChannel', channel)
    const shelf = emptyShelf()
    const tracker = await openedWith(shelf)
    tracker.signIn('anna')
    tracker.track('Search')
    tracker.consent('granted')
    await waitFor(() => expect(shelf.parcels.size).toBe(1))
    browser.leave()
    expect([await indexedDB.databases(), itemsOf(browser.storage), channel.mock.calls]).toEqual([[], {}, []])
    expect(shelf.state.get('presence')).toMatchObject({ session: { identityId: 'anna' } })
  })

  it('hands a record over in the task after which the page may die', async () => {
    const shelf = emptyShelf()
    const tracker = await openedWith(shelf)
    tracker.track('First')
    await waitFor(() => expect(tracker.status().waiting).toBe(0))
    tracker.track('Last')
    await Promise.resolve()
    expect([...shelf.parcels.values()].join()).toContain('"Last"')
  })

  it('finds the open session and what the page before owed, and sends it', async () => {
    const shelf = emptyShelf()
    const before = await openedWith(shelf)
    before.signIn('anna')
    before.track('Search')
    await waitFor(() => expect(shelf.parcels.size).toBe(1))
    const owned = scriptedTransport(['stored'])
    before.stop()
    const tracker = await openedWith(shelf, owned)
    await waitFor(() => expect(tracker.status().identityId).toBe('anna'))
    expect((await tracker.flush()).owed).toBe(0)
    await waitFor(() => expect(shelf.parcels.size).toBe(0))
    expect(owned.bodies.join()).toContain('"Search"')
  })

  it('deletes all of it when the visitor is forgotten, and when recording is denied', async () => {
    const shelf = emptyShelf()
    const tracker = await openedWith(shelf)
    tracker.signIn('anna')
    await waitFor(() => expect(shelf.parcels.size).toBe(1))
    const { globalVisitID } = shelf.state.get('presence') as { globalVisitID: string }
    await tracker.forget()
    await waitFor(() => expect(shelf.state.get('presence')).toBeTruthy())
    expect([JSON.stringify([...shelf.state.values()]).includes(globalVisitID), shelf.parcels.size]).toEqual([false, 0])
    tracker.consent('denied')
    await waitFor(() => expect([shelf.parcels.size, shelf.settled.size, shelf.state.size]).toEqual([0, 0, 0]))
  })

  it('that fails to delete is asked again, and nothing of who was forgotten is sent', async () => {
    const shelf = emptyShelf()
    const inner = memoryStore(shelf)
    let isFailing = false
    const own = scriptedTransport(['unknown', 'stored'])
    const tracker = await openedWith(shelf, own, {
      ...inner,
      write: async changes => (isFailing ? fail() : inner.write(changes)),
    })
    tracker.track('Secret')
    await tracker.flush()
    await vi.waitFor(() => expect([...shelf.parcels.values()].join()).toContain('Secret'))
    isFailing = true
    await tracker.forget()
    expect(browser.errors).toContain('store-failed: Error: no storage')
    tracker.track('Next')
    isFailing = false
    await vi.waitFor(() => expect(tracker.status().store).toBe('own'), { timeout: 5000 })
    expect([...shelf.parcels.values()].join()).not.toContain('Secret')
    expect((await tracker.flush()).owed).toBe(0)
    expect(own.bodies.slice(1).join()).not.toContain('Secret')
    expect(own.bodies.slice(1).join()).toContain('"Next"')
  })

  it('drops and reports what is damaged there, and no record beside it', async () => {
    const shelf = emptyShelf()
    const first = await openedWith(shelf)
    first.track('Search')
    await waitFor(() => expect([...shelf.parcels.values()].join()).toContain('"Search"'))
    first.stop()
    shelf.parcels.set('junk', { a: 1 })
    shelf.state.set('presence', 'junk')
    const owned = scriptedTransport(['stored'])
    const tracker = await openedWith(shelf, owned)
    await tracker.flush()
    expect(owned.bodies.join()).toContain('"Search"')
    expect(tracker.status().dropped).toEqual({ damaged: 1 })
    await waitFor(() => expect(shelf.parcels.size).toBe(0))
  })

  const fail = (): never => {
    throw new Error('no storage')
  }
  const wrongs: [string, Partial<KeyValueStore>][] = [
    ['throws', { keys: fail, read: fail, write: fail, change: fail }],
    ['throws as it writes', { write: fail, change: fail }],
    ['rejects', { write: () => Promise.reject(new Error('full')) }],
    ['gives junk', { keys: async () => 'junk' as never, read: async () => ({}) as never }],
    ['never decides', { change: async () => {} }],
    ['decides twice', { change: async (_keys, decide) => void [decide([undefined]), decide([undefined])] }],
    ['decides over junk', { change: async (_keys, decide) => void decide('junk' as never) }],
  ]
  it.each(wrongs)('sends everything once although it %s, and says so', async (_what, wrong) => {
    const own = scriptedTransport(['stored'])
    const tracker = openWith(own, { ...memoryStore(), ...wrong })
    tracker.track('Search')
    await waitFor(() => expect(tracker.status().waiting).toBe(0))
    expect(await tracker.flush()).toEqual({ stored: 2, owed: 0 })
    expect(new Set(own.sent.flat()).size).toBe(2)
    expect(tracker.status()).toMatchObject({ dropped: {}, errors: { 'store-failed': expect.any(Number) } })
  })

  it('sends everything although its store never answers', async () => {
    const hang = (): Promise<never> => new Promise(() => {})
    const own = scriptedTransport(['stored'])
    const tracker = openWith(own, { keys: hang, read: hang, write: hang, change: hang })
    tracker.track('Search')
    await waitFor(() => expect(tracker.status().waiting).toBe(0))
    expect(await tracker.flush()).toEqual({ stored: 2, owed: 0 })
    expect(tracker.status().store).toBe('memory')
  })
})
