import { gunzipSync } from 'node:zlib'
import { vi } from 'vitest'
import type { Tracker } from '../../src/api.js'
import { pageRegistry } from '../../src/browser/page-registry.js'
import type { Fact } from '../../src/record/event.js'
import { BatchError, parseBatch } from '../../src/record/parse.js'
import { createStorage } from '../../src/testing/storage.js'
import { createTracker } from '../../src/tracker.js'
import { emptyBrowser } from './database.js'

/** A collector that keeps each record once. */
export interface FakeCollector {
  readonly facts: Map<string, Fact>
  /** Ids of each request that was answered. */
  readonly requests: string[][]
  attempts: number
  isDown: boolean
  /** The text of each batch that was answered. */
  readonly batches: string[]
  /** Whether a record is gone: the collector has erased its person. */
  isGone: (fact: Fact) => boolean
  /** How often each event of that name has arrived, under different ids. */
  countOf(eventName: string): number
}

export interface FakeBrowser {
  readonly collector: FakeCollector
  readonly storage: Storage
  /** Sends a message to every tab, as any script of the origin can. */
  tell(message: unknown): void
  /** Loads a page. */
  open(options?: Partial<Parameters<typeof createTracker>[0]>): Tracker
  /** The event of the page going away. */
  leave(): void
  readonly errors: string[]
}

export const writeKey = 'test'

/** A browser of its own around this process: its globals, its storage, and a collector. */
export function browserWith(): FakeBrowser {
  emptyBrowser()
  const storage = createStorage()
  const collector = fakeCollector()
  const errors: string[] = []
  const channels = new Set<FakeChannel>()

  class FakeChannel {
    onmessage: ((event: { data: unknown }) => void) | null = null
    constructor() {
      channels.add(this)
    }
    postMessage(data: unknown): void {
      const copy = structuredClone(data)
      for (const one of channels) if (one !== this) queueMicrotask(() => one.onmessage?.({ data: copy }))
    }
    close(): void {
      this.onmessage = null
      channels.delete(this)
    }
  }

  const document = Object.assign(new EventTarget(), { visibilityState: 'visible', title: 'A shop', referrer: '' })
  class StillHistory {
    pushState(): void {}
    replaceState(): void {}
  }
  const window = Object.assign(new EventTarget(), { document, length: 0, history: new StillHistory() })
  Object.assign(window, { top: window, parent: window })
  vi.stubGlobal('self', globalThis)
  vi.stubGlobal('window', window)
  vi.stubGlobal('document', document)
  vi.stubGlobal('MutationObserver', FakeObserver)
  vi.stubGlobal('location', { href: 'https://shop.example/', origin: 'https://shop.example' })
  vi.stubGlobal('History', StillHistory)
  vi.stubGlobal('navigator', { language: 'de', userAgent: 'a browser' })
  vi.stubGlobal('localStorage', storage)
  vi.stubGlobal('BroadcastChannel', FakeChannel)
  vi.stubGlobal('fetch', async (_url: string, { body }: { body: string | Uint8Array }) => {
    collector.attempts++
    if (collector.isDown) throw new TypeError('no network')
    return answer(collector, typeof body === 'string' ? body : gunzipSync(body).toString('utf8'))
  })
  return {
    collector,
    storage,
    errors,
    tell(message) {
      for (const one of Array.from(channels)) one.onmessage?.({ data: structuredClone(message) })
    },
    open(options) {
      // A new page load has no trackers of the one before.
      pageRegistry().clear()
      return createTracker({
        collector: 'https://collector.example',
        key: writeKey,
        automatic: false,
        flushEveryMs: 20,
        onError: ({ code, cause }) => void errors.push(`${code}: ${cause as string}`),
        ...options,
      })
    },
    leave: () => void window.dispatchEvent(new Event('pagehide')),
  }
}

/** Sees nothing: no test in Node writes a page anew. */
class FakeObserver {
  observe(): void {}
  disconnect(): void {}
}

function fakeCollector(): FakeCollector {
  const facts = new Map<string, Fact>()
  return {
    facts,
    requests: [],
    attempts: 0,
    isDown: false,
    batches: [],
    isGone: () => false,
    countOf: eventName => [...facts.values()].filter(({ event }) => event.eventName === eventName).length,
  }
}

function answer({ facts, requests, batches, isGone }: FakeCollector, text: string): Response {
  try {
    const batch = parseBatch(text)
    batches.push(text)
    const gone = batch.facts.filter(isGone).map(({ event }) => event.eventID)
    const kept = batch.facts.filter(fact => !isGone(fact))
    for (const fact of kept) facts.set(fact.event.eventID, fact)
    const stored = kept.map(({ event }) => event.eventID)
    requests.push(stored)
    return Response.json({ v: 1, stored, refused: batch.refused.map(({ eventID, code }) => [eventID, code]), gone })
  } catch (error) {
    if (!(error instanceof BatchError)) throw error
    return Response.json({ v: 1, error: error.code, message: error.message }, { status: error.status })
  }
}
