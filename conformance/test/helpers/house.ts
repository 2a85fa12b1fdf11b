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

/** What answers requests. */
export interface App {
  readonly fetch: (request: Request) => Response | Promise<Response>
}

export const shop = 'https://shop.example'
export const readToken = 'a-token-of-readers'

/** A store in a file of its own for one test. */
export async function sqliteStore(): Promise<CollectorStore> {
  const directory = mkdtempSync(join(tmpdir(), 'sojourn-'))
  const store = await openSqlite(join(directory, 'test.db'))
  onTestFinished(async () => {
    await store.close()
    rmSync(directory, { recursive: true })
  })
  return store
}

/** Our collector over a store, in memory unless another is given, as an operator would run it. */
export function collectorOver(store: CollectorStore = createMemoryStore()): App {
  return createCollector({
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
}

/** Runs the checks against an app that listens for as long as they take. */
export async function reportOf(app: App, parts: Partial<RunParts> = {}): Promise<Report> {
  const { url, stop } = await serve(app, { host: '127.0.0.1', port: 0 })
  try {
    const usual = { url, key: 'demo', readToken, origin: shop, isWriteOnly: false, only: [], runID: makeRunID() }
    return await runConformance({ ...usual, ...parts })
  } finally {
    await stop()
  }
}

/** One request to an app that listens nowhere. */
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
