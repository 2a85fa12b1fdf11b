import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { Tracker } from '../src/api.js'
import * as sourceRecord from '../src/record/index.js'
import { parseMessage } from '../src/record/message.js'
import { parseOpenState } from '../src/record/open-state.js'
import { isKey, parseParcel } from '../src/record/parcel.js'
import { fromLegacy } from '../src/store/legacy.js'
import { databaseName } from '../src/store/schema.js'
import { emptyShelf, memoryStore } from '../src/testing/memory.js'
import { createTracker } from '../src/tracker.js'
import { browserWith, writeKey } from './helpers/browser.js'
import { readGolden } from './helpers/golden.js'
import { scriptedTransport } from './helpers/transport.js'
import { waitFor } from './helpers/wait.js'

const root = fileURLToPath(new URL('../', import.meta.url))

let loads = 0

/** The `createTracker` of the build, loaded anew. */
async function loadBuild(): Promise<typeof createTracker> {
  // A build keeps its trackers in the global scope, which all pages of this process share.
  const scope = globalThis as unknown as Record<symbol, Map<string, unknown> | undefined>
  scope[Symbol.for('sojourn')]?.clear()
  const built = (await import(`${root}dist/esm/index.js?${++loads}`)) as { createTracker: typeof createTracker }
  return built.createTracker
}

/** The names of all properties in a value, at any depth. */
function namesIn(value: unknown): string[] {
  if (typeof value !== 'object' || !value) return []
  const names = Array.isArray(value) ? [] : Object.keys(value)
  return [...new Set([...names, ...Object.values(value).flatMap(namesIn)])].sort()
}

function contentOf(store: string): Promise<Map<string, unknown>> {
  return new Promise(resolve => {
    const opening = indexedDB.open(databaseName(writeKey))
    opening.onsuccess = () => {
      const tx = opening.result.transaction(store)
      const keys = tx.objectStore(store).getAllKeys()
      const values = tx.objectStore(store).getAll()
      tx.oncomplete = () => {
        opening.result.close()
        resolve(new Map(keys.result.map((key, place) => [key as string, values.result[place] as unknown])))
      }
    }
  })
}

interface Seen {
  readonly names: string[][]
  readonly state: Map<string, unknown>
  readonly parcels: Map<string, unknown>
  readonly messages: unknown[]
}

/** What a tracker gives, stores and tells, in a browser of its own whose collector is down at first. */
async function playWith(load: () => Promise<typeof createTracker>): Promise<Seen> {
  const browser = browserWith()
  // A build takes what the browser has as it is loaded.
  const create = await load()
  const messages: unknown[] = []
  browser.collector.isDown = true
  const { BroadcastChannel } = globalThis
  vi.stubGlobal(
    'BroadcastChannel',
    class extends BroadcastChannel {
      override postMessage(message: unknown): void {
        messages.push(structuredClone(message))
        super.postMessage(message)
      }
    },
  )
  const tracker: Tracker = create({ collector: 'https://collector.example', key: writeKey, automatic: false })
  await new Promise(resolve => setTimeout(resolve))
  tracker.page({ step: 2 })
  tracker.signIn('anna')
  tracker.track('Search', { q: 'tea' })
  await tracker.flush()
  const [state, parcels] = [await contentOf('state'), await contentOf('parcels')]
  const { sessionID, visitID } = (await tracker.session()) as { sessionID: string; visitID: string }
  const given: unknown[] = [
    tracker,
    tracker.status(),
    await tracker.session(),
    await tracker.events(sessionID),
    await tracker.pages(sessionID),
    await tracker.sessions(visitID),
    await tracker.visits('anna'),
  ]
  browser.collector.isDown = false
  given.push(await tracker.flush())
  tracker.stop()
  vi.unstubAllGlobals()
  return { names: given.map(namesIn), state, parcels, messages }
}

afterEach(() => void vi.unstubAllGlobals())

describe.runIf(existsSync(`${root}dist/esm/index.js`))('a build that shortens names', () => {
  it('gives pages the names that the types tell', async () => {
    expect((await playWith(loadBuild)).names).toEqual((await playWith(async () => createTracker)).names)
  })

  it('sends through an own transport by the names that the types tell', async () => {
    browserWith()
    const create = await loadBuild()
    const own = scriptedTransport([
      { is: 'too-large', isForeign: false },
      { is: 'later', status: 503, retryAfterMs: 0 },
      ids => ({ is: 'answered', answer: { stored: ids.slice(1), refused: [[ids[0] as string, 'no']], gone: [] } }),
    ])
    const options = { collector: 'https://collector.example', key: writeKey, automatic: false, transport: own }
    const tracker = create(options)
    tracker.track('Search')
    await tracker.flush()
    expect(await tracker.flush()).toEqual({ stored: 1, owed: 0 })
    expect([own.sent.map(ids => ids.length), own.copies, tracker.status().dropped]).toEqual([
      [2, 1, 2],
      [],
      { 'refused:no': 1 },
    ])
    tracker.stop()
    vi.unstubAllGlobals()
  })

  it('keeps records in an own store by the names that the types tell', async () => {
    browserWith()
    const create = await loadBuild()
    const shelf = emptyShelf()
    const transport = scriptedTransport(['unknown', 'stored'])
    const options = { collector: 'https://collector.example', key: writeKey, automatic: false, transport }
    const tracker = create({ ...options, store: memoryStore(shelf) })
    tracker.signIn('anna')
    await waitFor(() => expect(tracker.status()).toMatchObject({ store: 'own', identityId: 'anna' }))
    await tracker.flush()
    expect(parseOpenState(shelf.state.get('presence'))?.session).toMatchObject({ identityId: 'anna' })
    expect([...shelf.parcels.keys()].every(isKey)).toBe(true)
    await tracker.flush()
    await waitFor(() => expect([shelf.parcels.size, shelf.settled.size > 0]).toEqual([0, true]))
    tracker.signOut()
    await tracker.flush()
    await waitFor(() => expect(shelf.settled.size).toBe(0))
    tracker.stop()
    vi.unstubAllGlobals()
  })

  it('stores and tells what every other version can read', async () => {
    const { state, parcels, messages } = await playWith(loadBuild)
    expect(parseOpenState(state.get('presence'))?.session).toMatchObject({ identityId: 'anna' })
    const [orphan] = [...state].flatMap(([key, value]) => (key.startsWith('will:') ? [value] : []))
    expect(orphan).toMatchObject({ at: expect.any(Number), isFrozen: false })
    expect(fromLegacy((orphan as { record: unknown }).record)).not.toBeNull()
    expect(parcels.size).toBeGreaterThan(0)
    for (const [key, text] of parcels) expect([isKey(key), parseParcel(text)?.damaged]).toEqual([true, 0])
    const told = messages.map(parseMessage)
    expect(told.some(({ presence }) => presence?.session)).toBe(true)
    expect(
      told
        .flatMap(({ parcels: notes = [] }) => notes)
        .map(([key]) => key)
        .every(isKey),
    ).toBe(true)
    expect(told.some(({ parcels: notes = [] }) => notes.length)).toBe(true)
  })

  it('gives collectors the names that the types tell', async () => {
    const built = (await import(`${root}dist/esm/record.js`)) as typeof sourceRecord
    expect(Object.keys(built).sort()).toEqual(Object.keys(sourceRecord).sort())
    expect(built.eventMeanings).toEqual(sourceRecord.eventMeanings)
    expect({ ...built.limits }).toEqual({ ...sourceRecord.limits })
    const text = JSON.stringify(readGolden('made-by-the-tracker').batch)
    expect(built.parseBatch(text)).toEqual(sourceRecord.parseBatch(text))
    const [theirs, ours] = [built, sourceRecord].map(({ parseBatch, sessionOf, visitOf, pageOf }) =>
      parseBatch(text).facts.map(fact => [sessionOf(fact), visitOf(fact), pageOf(fact)]),
    )
    expect(theirs).toEqual(ours)
  })
})
