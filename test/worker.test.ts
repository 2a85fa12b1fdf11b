import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { pageRegistry } from '../src/browser/page-registry.js'
import type { Session, Tracker, TrackerOptions } from '../src/index.js'
import { emptyShelf, memoryStore, type Shelf } from '../src/testing/memory.js'
import { createTracker } from '../src/tracker.js'
import { emptyBrowser } from './helpers/database.js'
import { scriptedTransport } from './helpers/transport.js'

// Plain Node, with what a worker has beside it. e2e/worker.spec.ts has real workers.

const build = fileURLToPath(new URL('../dist/esm/index.js', import.meta.url))
const opened: Tracker[] = []
const errors: string[] = []

beforeEach(() => {
  errors.splice(0)
  vi.stubGlobal('indexedDB', undefined)
})
afterEach(() => {
  for (const tracker of opened.splice(0)) tracker.stop()
  vi.unstubAllGlobals()
})

/** Starts the script of a worker. A worker that ran before was killed: it is told nothing. */
function openWith(options: Partial<TrackerOptions>): Tracker {
  pageRegistry().clear()
  const tracker = createTracker({
    collector: 'https://collector.example',
    key: 'test',
    flushEveryMs: 60_000,
    onError: ({ code, cause }) => void errors.push(`${code}: ${cause as string}`),
    ...options,
  })
  opened.push(tracker)
  return tracker
}

const openOwn = (shelf: Shelf = emptyShelf(), own = scriptedTransport(['stored'])) => ({
  own,
  shelf,
  tracker: openWith({ store: memoryStore(shelf), transport: own }),
})

/** The names of the events that were sent, in order. */
const namesIn = (bodies: readonly string[]): string[] =>
  [...bodies.join().matchAll(/"eventName":"(\w+)"/g)].map(([, name = '']) => name)

describe('a tracker without a document', () => {
  it('records what it is told through own parts, and no page', async () => {
    const { tracker, own } = openOwn()
    tracker.signIn('anna')
    tracker.track('Synced')
    tracker.signOut()
    expect(await tracker.flush()).toEqual({ stored: 4, owed: 0 })
    expect(namesIn(own.bodies)).toEqual(['VisitStarted', 'SignIn', 'Synced', 'SignOut'])
    expect(own.bodies.join()).not.toContain('pageID')
    expect(errors).toEqual([])
  })

  it('begins no visit by itself', async () => {
    const { tracker } = openOwn()
    await vi.waitFor(() => expect(tracker.status().store).toBe('own'))
    expect(await tracker.flush()).toEqual({ stored: 0, owed: 0 })
  })

  it('records the call once that begins the visit, although its store decides at once', async () => {
    const { tracker, own } = openOwn()
    await vi.waitFor(() => expect(tracker.status().store).toBe('own'))
    tracker.track('Synced')
    await tracker.flush()
    expect(namesIn(own.bodies)).toEqual(['VisitStarted', 'Synced'])
  })

  it('does nothing with only one of both own parts, where there is no IndexedDB', async () => {
    for (const one of [{ store: memoryStore() }, { transport: scriptedTransport(['stored']) }]) {
      const tracker = openWith(one)
      tracker.track('Synced')
      expect([tracker.status().store, await tracker.flush()]).toEqual(['none', { stored: 0, owed: 0 }])
    }
  })

  it('takes a page that is given by hand, and ends it at the next', async () => {
    const { tracker, own } = openOwn()
    tracker.page({ url: 'app://inbox', title: 'Inbox' })
    tracker.track('Opened')
    tracker.page()
    await tracker.flush()
    expect(namesIn(own.bodies)).toEqual(['VisitStarted', 'PageEntered', 'Opened', 'PageExited', 'PageEntered'])
    expect(own.bodies.join()).toContain('"url":"app://inbox","title":"Inbox"')
    expect(own.bodies.join()).toContain('"url":"","title":""')
    expect(errors).toEqual([])
  })

  it('counts what it is told as activity unless the caller says otherwise', async () => {
    const { tracker, own } = openOwn()
    tracker.track('Clicked')
    tracker.track('Pushed', {}, { activity: false })
    await tracker.flush()
    const [before, ...passive] = own.bodies.join().split('"eventName":"Pushed"')
    expect([before?.includes('"activity":false'), passive.join().includes('"activity":false')]).toEqual([false, true])
  })

  it('answers who is signed in, and tells who observes', async () => {
    const { tracker } = openOwn()
    const heard: (Session | undefined)[] = []
    tracker.observe('session', session => void heard.push(session))
    tracker.signIn('anna')
    expect(await tracker.session()).toMatchObject({ identityId: 'anna' })
    await vi.waitFor(() => expect(heard.at(-1)).toMatchObject({ identityId: 'anna' }))
  })

  it('that was killed leaves what it made to the next, which goes on with its session', async () => {
    const { tracker: first, shelf } = openOwn(emptyShelf(), scriptedTransport(['unknown']))
    first.signIn('anna')
    await vi.waitFor(() => expect(first.status().waiting).toBe(0))
    first.track('Last')
    await Promise.resolve()
    expect([...shelf.parcels.values()].join()).toContain('"Last"')
    const { tracker: next, own } = openOwn(shelf)
    await vi.waitFor(() => expect(next.status().identityId).toBe('anna'))
    await next.flush()
    await vi.waitFor(() => expect(shelf.parcels.size).toBe(0))
    expect(namesIn(own.bodies).toSorted()).toEqual(['Last', 'SignIn', 'VisitStarted'])
  })

  it('waits for consent, and deletes everything when it is denied', async () => {
    const shelf = emptyShelf()
    const own = scriptedTransport(['stored'])
    const tracker = openWith({ store: memoryStore(shelf), transport: own, consent: 'pending' })
    tracker.page()
    tracker.track('Synced')
    tracker.consent('granted')
    await vi.waitFor(() => expect(shelf.parcels.size).toBe(1))
    tracker.consent('denied')
    await vi.waitFor(() => expect([shelf.parcels.size, shelf.state.size]).toEqual([0, 0]))
    expect([own.bodies, errors]).toEqual([[], []])
  })

  it('records again after a stop, and after the visitor was forgotten', async () => {
    const { tracker, own } = openOwn()
    tracker.track('First')
    await tracker.flush()
    await tracker.forget()
    tracker.track('Second')
    await tracker.flush()
    tracker.stop()
    createTracker({ collector: 'https://collector.example', key: 'test', store: memoryStore(), transport: own })
    tracker.track('Third')
    await tracker.flush()
    expect(namesIn(own.bodies).filter(name => name !== 'VisitStarted')).toEqual(['First', 'Second', 'Third'])
    expect(errors).toEqual([])
  })

  it('listens to the network alone', async () => {
    const heard: string[] = []
    vi.stubGlobal('addEventListener', (type: string) => void heard.push(type))
    vi.stubGlobal('removeEventListener', () => {})
    const { tracker } = openOwn()
    tracker.track('Synced')
    await tracker.flush()
    await vi.waitFor(() => expect(new Set(heard)).toEqual(new Set(['online'])))
  })

  it('records where there is IndexedDB, and takes an address that is relative to the script of the worker', async () => {
    emptyBrowser()
    const addresses: string[] = []
    vi.stubGlobal('location', { href: 'https://shop.example/js/sw.js', origin: 'https://shop.example' })
    vi.stubGlobal('fetch', async (address: string) => {
      addresses.push(address)
      throw new TypeError('no network')
    })
    const tracker = openWith({ collector: '/stats' })
    tracker.track('Synced')
    expect(await tracker.flush()).toEqual({ stored: 0, owed: 2 })
    expect(tracker.status().store).toBe('indexeddb')
    expect(addresses).toEqual(['https://shop.example/stats/v1/sessions?key=test'])
  })

  it('records where there is not even a navigator', async () => {
    vi.stubGlobal('navigator', undefined)
    const { tracker } = openOwn()
    tracker.track('Synced')
    expect(await tracker.flush()).toEqual({ stored: 2, owed: 0 })
    expect(errors).toEqual([])
  })

  it.runIf(existsSync(build))('lets Node end, and writes nothing', () => {
    const text = `
      const { createTracker } = await import(${JSON.stringify(`file://${build}`)})
      const spaces = { parcels: new Map(), settled: new Map(), state: new Map() }
      const store = {
        keys: async (space, after = '', limit) => [...spaces[space].keys()].filter(key => key > after).sort().slice(0, limit),
        read: async (space, keys = [...spaces[space].keys()]) => keys.map(key => spaces[space].get(key)),
        async write(changes) { for (const { space, key, value } of changes) if (key) spaces[space].set(key, value) },
        change: async (keys, decide) => store.write(decide(keys.map(key => spaces.state.get(key)))),
      }
      const transport = { send: async () => ({ is: 'unknown', cause: '' }), copy: () => false, room: () => 0 }
      const tracker = createTracker({ collector: 'https://collector.example', key: 'a', store, transport })
      tracker.page({ url: 'app://inbox' })
      tracker.track('Synced')
      process.stdout.write(JSON.stringify(await tracker.flush()))`
    const { status, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', text], {
      encoding: 'utf8',
      timeout: 20_000,
    })
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '{"stored":0,"owed":3}', stderr: '' })
  })
})
