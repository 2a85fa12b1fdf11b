import { useTime } from '../../src/browser/clock.js'
import { useGlobals } from '../../src/browser/globals.js'
import { createTestCollector } from '../../src/testing/collector.js'
import { emptyShelf } from '../../src/testing/memory.js'
import { createStorage } from '../../src/testing/storage.js'
import { putUnderTest } from '../../src/under-test.js'
import { createDeviceClock, type DeviceClock } from './device-clock.js'
import { connectTo } from './device-store.js'

/** What a device lacks, and how it is. */
export interface DeviceTraits {
  readonly hasLocks: boolean
  readonly hasChannel: boolean
  /** The database takes some ms to open and to answer. */
  readonly isSlow: boolean
  /** Numbers from 0 to 1, 1 excluded. */
  readonly random: () => number
}

/** A page load, until it ends. */
export interface Load {
  /** It runs no more. */
  isDead: boolean
  /** It rests: it is frozen, or in the back/forward cache. */
  isAtRest: boolean
  readonly globals: object
  readonly document: EventTarget & { visibilityState: string; URL: string }
  readonly window: EventTarget & { readonly history: { pushState(state: null, title: string, url: string): void } }
}

/** A browser on a clock of its own, with its storage, and with a collector. */
export interface Device {
  readonly clock: DeviceClock
  /** What lies in the database. */
  shelf: ReturnType<typeof emptyShelf>
  readonly storage: Storage
  /** What the collector was sent and has answered. */
  readonly bodies: string[]
  /** The collector takes a body. @returns `null`: it cannot be reached. */
  send(body: string): { readonly status: number; readonly text: string } | null
  isCollectorDown: boolean
  /** Begins a page load. */
  load(url: string): Load
  /** Runs code of a page, and what follows from it at once. */
  within(load: Load, run: () => void): Promise<void>
  /** The page runs no more. */
  end(load: Load): void
  /** Pages that still have a channel. */
  listening(): readonly Load[]
}

/** What a page asks for the lock of the sender. */
interface Claim {
  readonly load: Load
  readonly run: () => void
  isHeld: boolean
  isDone: boolean
}

/** Makes the device. The library uses it from now on, for every tracker of this process. */
export function createDevice({ hasLocks, hasChannel, isSlow, random }: DeviceTraits): Device {
  const channels = new Set<{ readonly load: Load; onmessage: ((event: { data: unknown }) => void) | null }>()
  const claims: Claim[] = []
  const loads = new Set<Load>()
  const collector = createTestCollector()
  let ids = 0

  const clock = createDeviceClock(load => useGlobals((load as Load).globals as never))
  const device: Device = {
    clock,
    shelf: emptyShelf(),
    storage: heardStorage(),
    bodies: [],
    isCollectorDown: false,
    send(body) {
      clock.beat()
      if (device.isCollectorDown) return null
      device.bodies.push(body)
      return collector.take(body)
    },
    load,
    within: clock.within,
    end(load) {
      load.isDead = true
      loads.delete(load)
      for (const one of Array.from(channels)) if (one.load === load) channels.delete(one)
      nextClaim()
    },
    listening: () => Array.from(channels, ({ load }) => load),
  }
  useTime(clock.time)
  putUnderTest({
    connect: connectTo(device, { isSlow, random }),
    makeSuffix: () => (++ids).toString(36).padStart(12, '0'),
    chance: () => 0.5,
    onRecord: clock.beat,
    onStart() {},
    onWriter() {},
  })

  /** The other pages hear of each change, as they do in a browser. */
  function heardStorage(): Storage {
    const storage = createStorage()
    const methods = Object.getPrototypeOf(storage) as Pick<Storage, 'setItem' | 'removeItem'>
    const { setItem, removeItem } = methods
    function tell(key: string): void {
      for (const one of loads)
        if (one !== clock.owner() && !one.isDead)
          clock.startIn(one, () => one.window.dispatchEvent(Object.assign(new Event('storage'), { key })), 1)
    }
    methods.setItem = (name, value) => {
      setItem(name, value)
      tell(name)
    }
    methods.removeItem = name => {
      removeItem(name)
      tell(name)
    }
    return storage
  }

  function nextClaim(): void {
    while (claims[0] && (claims[0].load.isDead || claims[0].isDone)) claims.shift()
    const [first] = claims
    if (!first || first.isHeld) return
    first.isHeld = true
    clock.beat()
    clock.startIn(first.load, first.run, 0)
  }

  function locksOf(load: Load): object {
    return {
      request<T>(_name: string, { signal }: { signal: AbortSignal }, task: () => Promise<T>): Promise<T> {
        return new Promise((resolve, reject) => {
          function end(): void {
            claim.isDone = true
            nextClaim()
          }
          const run = (): void => resolve(task().finally(end))
          const claim: Claim = { load, run, isHeld: false, isDone: false }
          signal.addEventListener('abort', () => {
            if (claim.isHeld || claim.isDone) return
            end()
            reject(new DOMException('aborted', 'AbortError'))
          })
          claims.push(claim)
          nextClaim()
        })
      },
    }
  }

  function channelOf(load: Load): unknown {
    return class {
      readonly load = load
      onmessage: ((event: { data: unknown }) => void) | null = null
      constructor() {
        channels.add(this)
      }
      postMessage(data: unknown): void {
        const copy = structuredClone(data)
        for (const one of channels)
          if (one !== this && !one.load.isDead)
            clock.startIn(one.load, () => one.onmessage?.({ data: copy }), 1 + Math.floor(random() * 3))
      }
      close(): void {
        channels.delete(this)
        this.onmessage = null
      }
    }
  }

  function load(url: string): Load {
    const go = (_state: unknown, _title: string, to: string): void => {
      location.href = document.URL = new URL(to, location.href).href
    }
    class OwnHistory {
      pushState = go
      replaceState = go
    }
    const document = Object.assign(new EventTarget(), {
      visibilityState: 'visible',
      readyState: 'complete',
      title: 'A page',
      referrer: '',
      baseURI: url,
      URL: url,
      activeElement: null,
      documentElement: null,
      querySelector: () => null,
    })
    const window = Object.assign(new EventTarget(), { document, length: 0, history: new OwnHistory() })
    Object.assign(window, { parent: window, top: window })
    const location = { href: url, origin: new URL(url).origin }
    const globals: Record<string, unknown> = {
      window,
      document,
      location,
      localStorage: device.storage,
      History: OwnHistory,
      MutationObserver: BlindObserver,
      requestAnimationFrame: (run: () => void) => run(),
      performance: { getEntriesByType: () => [] },
      getComputedStyle: () => ({}),
    }
    const made: Load = { isDead: false, isAtRest: false, globals, document, window }
    globals.navigator = { language: 'de', userAgent: 'a browser', ...(hasLocks ? { locks: locksOf(made) } : {}) }
    if (hasChannel) globals.BroadcastChannel = channelOf(made)
    loads.add(made)
    return made
  }

  return device
}

class BlindObserver {
  observe(): void {}
  disconnect(): void {}
}
