import type { Event, Page, Session, Visit } from 'sojourn/record'
import { createCollector } from './collector.js'
import { createMemoryStore, type MemoryStore } from './store/memory.js'
import { openScript } from './web/script.js'
import { serve } from './web/server.js'

/** Where a collector for tests listens. */
export interface TestCollectorOptions {
  /** @default 0, which chooses a free one */
  readonly port?: number | undefined
  /**
   * Called when something fails within the collector.
   *
   * @default throws, which ends the process of the test
   */
  readonly onError?: ((cause: unknown) => void) | undefined
}

/** A collector that listens on this machine, with a store in memory. It takes every key, and pages of this machine. */
export interface RunningTestCollector {
  /** The base address, for the option `collector` of `createTracker`, such as `http://127.0.0.1:40321`. */
  readonly url: string
  /** All events that have arrived, in order; of one session, if it is given. Those of automated browsers too. */
  events(sessionID?: string): Promise<Event[]>
  /** One session; without an id the one that began last. */
  session(sessionID?: string): Promise<Session | undefined>
  /** All sessions, in order; of one visit, if it is given. */
  sessions(visitID?: string): Promise<Session[]>
  /** All pages, in order; of one session, if it is given. */
  pages(sessionID?: string): Promise<Page[]>
  /** All visits, in order. */
  visits(): Promise<Visit[]>
  /** Forgets everything that has arrived. */
  clear(): void
  /** Listens no more. What has arrived can still be asked for. Resolves when nothing is left of it. */
  stop(): Promise<void>
}

/**
 * Starts a collector for end-to-end tests: the real one, in this process, with a store in memory. It starts in a fraction of a
 * second and leaves no file.
 *
 * @throws (rejects) if the port is taken; `code` is Node's, such as `EADDRINUSE`.
 * @example
 * const collector = await startTestCollector()
 * await page.goto('/')
 * await expect(collector).toHaveTracked('AddToCart', { sku: 'A1' })
 * await collector.stop()
 */
export async function startTestCollector(options: TestCollectorOptions = {}): Promise<RunningTestCollector> {
  const { port = 0, onError = fail } = options
  const { store, clear } = createClearedStore()
  const collector = createCollector({
    store,
    keys: [],
    origins: [],
    readToken: null,
    isLoopback: true,
    script: openScript(),
    now: Date.now,
    onError,
  })
  const { url, stop } = await serve(collector, { host: '127.0.0.1', port, onError })

  async function list<T extends { startDate: number } | { timestamp: number }>(path: string): Promise<T[]> {
    const items: T[] = []
    for (let cursor = ''; ; ) {
      const response = await collector.fetch(new Request(`${url}${path}&page_size=1000${cursor}`))
      const { items: some, next } = (await response.json()) as { items: T[]; next: string | null }
      items.push(...some)
      if (!next) return items.sort(byTime)
      cursor = `&paging_next=${encodeURIComponent(next)}`
    }
  }

  function below(kind: string, id: string, what: string): string {
    return `/v1/${kind}/${encodeURIComponent(id)}/${what}?`
  }

  const visits = (): Promise<Visit[]> => list('/v1/visits?automated=include')
  const running: RunningTestCollector = {
    url,
    clear,
    visits,
    events: sessionID =>
      list(sessionID === undefined ? '/v1/events?automated=include' : below('sessions', sessionID, 'events')),
    sessions: visitID =>
      list(visitID === undefined ? '/v1/sessions?automated=include' : below('visits', visitID, 'sessions')),
    async session(sessionID) {
      const all = await running.sessions()
      return all.reverse().find(one => sessionID === undefined || one.sessionID === sessionID)
    },
    async pages(sessionID) {
      if (sessionID !== undefined) return list(below('sessions', sessionID, 'pages'))
      const all = await Promise.all(
        (await visits()).map(({ visitID }) => list<Page>(below('visits', visitID, 'pages'))),
      )
      return all.flat().sort(byTime)
    },
    async stop() {
      collector.endStreams()
      await stop()
      await collector.stop()
    },
  }
  // The matchers of `sojourn/testing` find here what has arrived.
  Object.defineProperty(running, Symbol.for('sojourn.tracked'), {
    value: async () => ({
      events: await running.events(),
      sessions: await running.sessions(),
      pages: await running.pages(),
    }),
  })
  return running
}

/** A store in memory that another takes the place of when it is cleared. */
function createClearedStore(): { store: MemoryStore; clear: () => void } {
  let current = createMemoryStore()
  const store = new Proxy(current, { get: (_first, name) => Reflect.get(current, name) as unknown })
  return {
    store,
    clear() {
      current = createMemoryStore()
    },
  }
}

function byTime(
  a: { startDate?: number; timestamp?: number; seq?: number },
  b: { startDate?: number; timestamp?: number; seq?: number },
): number {
  return (a.startDate ?? a.timestamp ?? 0) - (b.startDate ?? b.timestamp ?? 0) || (a.seq ?? 0) - (b.seq ?? 0)
}

function fail(cause: unknown): never {
  throw cause
}
