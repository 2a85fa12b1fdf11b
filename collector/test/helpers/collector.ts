import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { type CollectorParts, createCollector } from '../../src/collector.js'
import { createMemoryStore } from '../../src/store/memory.js'
import { openSqlite } from '../../src/store/sqlite/sqlite.js'
import type { CollectorStore } from '../../src/store/store.js'

/** Makes the path of a database for one test. The folder is removed after the test. */
export function databasePath(): string {
  const directory = mkdtempSync(join(tmpdir(), 'sojourn-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  return join(directory, 'test.db')
}

// To make the tables takes four times as long as all else of an opening, so that a test begins with a copy of an empty
// database. How a new file is made, `openSqlite` shows.
let empty: Promise<Buffer> | null = null

async function makeEmpty(): Promise<Buffer> {
  const directory = mkdtempSync(join(tmpdir(), 'sojourn-'))
  const path = join(directory, 'empty.db')
  await (await openSqlite(path)).close()
  const bytes = readFileSync(path)
  rmSync(directory, { recursive: true })
  return bytes
}

/** Opens a store for one test and closes it after the test. A file that does not exist yet begins as an empty database. */
export async function sqliteStore(path = databasePath(), thread?: URL): Promise<CollectorStore> {
  const bytes = await (empty ??= makeEmpty())
  if (!existsSync(path)) writeFileSync(path, bytes)
  const store = await openSqlite(path, thread)
  onTestFinished(() => store.close())
  return store
}

/** The time of the collector in tests, unless a test sets another clock. Unix epoch, ms. */
export const noon = 1763985600000

/** Makes a collector on loopback, with a memory store by default, and short functions to send requests to it. */
export function collectorWith(parts: Partial<CollectorParts> = {}) {
  const store = parts.store ?? createMemoryStore()
  const errors: unknown[] = []
  const app = createCollector({
    store,
    keys: ['demo'],
    origins: [],
    readToken: null,
    isLoopback: true,
    script: null,
    now: () => noon,
    onError: cause => errors.push(cause),
    ...parts,
  })
  const base = 'http://localhost:4318'
  const request = async (path: string, init: RequestInit = {}) => app.fetch(new Request(base + path, init))
  return {
    app,
    store,
    errors,
    send: async (body: NonNullable<RequestInit['body']> | object, init: RequestInit & { key?: string } = {}) => {
      const isRaw = typeof body === 'string' || body instanceof Uint8Array || body instanceof ReadableStream
      return request(`/v1/sessions?key=${init.key ?? 'demo'}`, {
        method: 'POST',
        body: isRaw ? body : JSON.stringify(body),
        ...init,
      })
    },
    get: async (path: string, headers: Record<string, string> = {}) => request(path, { headers }),
    json: async (path: string): Promise<any> => (await request(path)).json(),
  }
}

/** Wraps a store. `merge` rejects if `fails` returns an error. `merges` contains the event ids of each call. */
export function failingStore(store: CollectorStore, fails: (eventIDs: readonly string[]) => Error | false) {
  const merges: string[][] = []
  const failing: CollectorStore = {
    ...store,
    async merge(arrivals) {
      const ids = arrivals.flatMap(({ batch }) => batch.facts.map(({ event }) => event.eventID))
      merges.push(ids)
      const cause = fails(ids)
      if (cause) throw cause
      return store.merge(arrivals)
    },
  }
  return { store: failing, merges }
}

/** Parses the body of a response. */
export async function bodyOf(response: Response): Promise<any> {
  return response.json()
}
