import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { createCollector } from '../../../collector/src/collector.js'
import { createMemoryStore } from '../../../collector/src/store/memory.js'
import { openSqlite } from '../../../collector/src/store/sqlite/sqlite.js'
import type { CollectorStore } from '../../../collector/src/store/store.js'
import { serve } from '../../../collector/src/web/server.js'
import { parseJson } from '../../src/json.js'
import { type Report, type RunParts, runConformance } from '../../src/run.js'

/** An app that replies to requests. */
export interface App {
  readonly fetch: (request: Request) => Response | Promise<Response>
}

export const shop = 'https://shop.example'
export const readToken = 'a-token-of-readers'

/** Opens an SQLite store for one test, and removes it after the test. */
export async function sqliteStore(): Promise<CollectorStore> {
  const directory = mkdtempSync(join(tmpdir(), 'sojourn-'))
  const store = await openSqlite(join(directory, 'test.db'))
  onTestFinished(async () => {
    await store.close()
    rmSync(directory, { recursive: true })
  })
  return store
}

/** Makes our collector over a store, in memory by default, with a key, an origin and a read token. */
export function collectorOver(store: CollectorStore = createMemoryStore()): App {
  const collector = createCollector({
    store,
    keys: ['demo'],
    origins: [shop],
    readToken,
    isLoopback: true,
    script: null,
    now: Date.now,
    onError: cause => {
      throw cause
    },
  })
  onTestFinished(collector.stop)
  return collector
}

/** Runs checks against an app. The app listens only during the checks. */
export async function reportOf(app: App, parts: Partial<RunParts> = {}): Promise<Report> {
  const { url, stop } = await serve(app, { host: '127.0.0.1', port: 0 })
  try {
    const usual = { url, key: 'demo', readToken, origin: shop, isWriteOnly: false, only: [], runID: makeRunID() }
    return await runConformance({ ...usual, ...parts })
  } finally {
    await stop()
  }
}

/** Sends one request to an app without a server. */
export async function ask(app: App, path: string, body?: string): Promise<{ status: number; body: any; text: string }> {
  const init = body === undefined ? { headers: { Authorization: `Bearer ${readToken}` } } : { method: 'POST', body }
  const response = await app.fetch(new Request(`http://localhost${path}`, init))
  const text = await response.text()
  return { status: response.status, body: parseJson(text), text }
}

let runs = 0

function makeRunID(): string {
  return `${Date.now().toString(36)}${++runs}`
}
