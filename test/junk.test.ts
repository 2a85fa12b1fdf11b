import * as fc from 'fast-check'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { idsOf, type Run, toRuns, toText } from '../src/record/parcel.js'
import { createDatabase } from '../src/store/database.js'
import type { StoreName } from '../src/store/schema.js'
import { databaseName } from '../src/store/schema.js'
import { browserWith, type FakeBrowser, writeKey } from './helpers/browser.js'
import { makeVersionOne } from './helpers/database.js'
import { legacyKey, legacyRecord } from './helpers/legacy.js'
import { parcelWith } from './helpers/parcels.js'
import { recordsWith, tabWith } from './helpers/tab.js'
import { waitFor } from './helpers/wait.js'

/** Values of every type that a browser can store or send, drawn from a seed. */
const values = fc.anything({ withBigInt: true, withDate: true, withMap: true, withSet: true, withTypedArray: true })
const keys: fc.Arbitrary<IDBValidKey> = fc.oneof(
  fc.double({ noNaN: true }),
  fc.string(),
  fc.date({ noInvalidDate: true }),
  fc.array(fc.oneof(fc.string(), fc.integer()), { maxLength: 3 }),
  fc.uint8Array({ maxLength: 5 }).map(bytes => bytes.buffer as ArrayBuffer),
)

function sample<T>(arbitrary: fc.Arbitrary<T>, count: number, seed: number): T[] {
  return fc.sample(arbitrary, { numRuns: count, seed })
}

/** Values that are almost right. */
function nearlyRight(): unknown[] {
  const parcel = parcelWith(2)
  const [record] = recordsWith(1) as [Run]
  const state = tabWith().page(0).signIn(1, 'mallory').writer.openState()
  const cycle: Record<string, unknown> = { ...state.visit }
  cycle.self = cycle
  const birth = '{"visitID":"v","startDate":5}'
  return [
    parcel.text.slice(0, parcel.text.length / 2),
    parcel.text.slice(parcel.text.length / 2),
    toText([record.with(0, '{}') as Run]),
    toText([record.with(5, 'Infinity') as Run]),
    `${birth}\n\n\n__proto__\n1\n0\n{"eventID":""}`,
    `${birth}\n\n\nw\n1\n0\n{"eventID":"junk","eventName":5}`,
    { ...legacyRecord(record), visit: '{' },
    { ...legacyRecord(record), event: '{"eventID":"a' },
    { ...state, rev: -1 },
    { ...state, visit: cycle },
    { ...state, visit: { ...state.visit, size: 5n } },
    { ...state, visit: { ...state.visit, visitID: 'v'.repeat(300) }, session: null },
    { ...state, session: { ...state.session, identityId: 'a\0b' } },
    { ...state, session: { ...state.session, identityId: 'x'.repeat(600) } },
    { holder: {}, until: 'soon' },
    { record: { visit: birth }, at: 'now', isFrozen: 5 },
  ]
}

const stores: StoreName[] = ['parcels', 'settled', 'state', 'owed0', 'owed1', 'history']

/** Writes entries behind the back of the library. */
async function fill(name: StoreName, entries: readonly (readonly [IDBValidKey, unknown])[]): Promise<void> {
  await new Promise<void>(resolve => {
    const database = createDatabase({
      name: databaseName(writeKey),
      isWanted: () => true,
      isStale: () => false,
      onFail: () => expect.unreachable(),
      onLost: () => {},
      onOpen() {
        const done = database.write([name], store => {
          for (const [key, value] of entries) store.put(value, key)
        })
        void done.then(() => {
          database.close()
          resolve()
        })
      },
    })
    database.open()
  })
}

async function countIn(name: StoreName): Promise<number> {
  return new Promise((resolve, reject) => {
    const database = createDatabase({
      name: databaseName(writeKey),
      isWanted: () => true,
      isStale: () => false,
      onFail: reject,
      onLost: () => {},
      onOpen() {
        void database
          .read(name, store => store.count())
          .then(count => {
            database.close()
            resolve(count)
          })
      },
    })
    database.open()
  })
}

async function fillWithJunk(seed: number): Promise<void> {
  for (const [place, name] of stores.entries()) {
    const junk = [...sample(values, 12, seed + place), ...nearlyRight()]
    const under = sample(keys, junk.length, seed * 31 + place)
    await fill(
      name,
      junk.map((value, at) => [under[at] as IDBValidKey, value]),
    )
  }
  // The junk of `parcels` under the keys of parcels too.
  await fill(
    'parcels',
    [...sample(values, 8, seed + 50), ...nearlyRight()].map(value => [parcelWith(2).key, value]),
  )
  const named = nearlyRight()
  for (const [place, key] of ['presence', 'active', 'lease', 'aged', 'will:', 'will:x', 'will:y'].entries())
    await fill('state', [[key, named[(seed + place * 5) % named.length]]])
}

function spillJunk(storage: Storage, seed: number): void {
  const call = { at: 5, id: 'call', data: '', verb: 'track', name: 'Junk' }
  const texts = [
    ...sample(fc.string(), 6, seed),
    ...sample(fc.json(), 6, seed),
    JSON.stringify({ at: 'never', calls: sample(fc.jsonValue(), 5, seed), key: 5, text: [] }),
    JSON.stringify({ ...call, verb: 'signIn', identityId: 'x'.repeat(600) }),
    JSON.stringify({ ...call, verb: 'signIn', identityId: 'a\0b' }),
    JSON.stringify({
      at: 0,
      calls: [
        { ...call, data: '\f' },
        { ...call, id: 'a"\f\nb' },
      ],
      key: '',
      text: '',
    }),
    JSON.stringify({ at: 0, calls: [], ...parcelWith(3), text: 'junk' }),
  ]
  for (const [place, text] of texts.entries()) storage.setItem(`sojourn-${writeKey}:junk${place}`, text)
}

const open: { stop(): void }[] = []
const rejections: unknown[] = []
const noteRejection = (cause: unknown): void => void rejections.push(cause)

function openPage(browser: FakeBrowser): ReturnType<FakeBrowser['open']> {
  const tracker = browser.open()
  open.push(tracker)
  return tracker
}

afterEach(() => {
  for (const one of open.splice(0)) one.stop()
  vi.unstubAllGlobals()
  process.off('unhandledRejection', noteRejection)
})

describe('junk in every place that any script of the origin can write to', () => {
  it.each([1, 2, 3, 4, 5, 51])('costs no good record, and nothing throws (seed %i)', async seed => {
    process.on('unhandledRejection', noteRejection)
    const browser = browserWith()
    const { collector, storage, errors } = browser
    await makeVersionOne({}, databaseName(writeKey))

    // Good records from before: of a page that could not send, of version 1, and a spill.
    collector.isDown = true
    const first = openPage(browser)
    first.signIn('anna')
    for (let count = 0; count < 20; count++) first.track(`Before${count}`, { count })
    await waitFor(() => expect(collector.attempts).toBeGreaterThan(0))
    first.stop()
    const [old, spilled] = [recordsWith(5), parcelWith(3)]
    await fill(
      'owed1',
      old.map(record => [legacyKey(legacyRecord(record)), legacyRecord(record)]),
    )
    storage.setItem(`sojourn-${writeKey}:good`, JSON.stringify({ at: 0, calls: [], ...spilled }))

    await fillWithJunk(seed)
    spillJunk(storage, seed)
    collector.isDown = false
    const attempts = collector.attempts

    // Good records from after, with junk on the channel meanwhile.
    const second = openPage(browser)
    for (let count = 0; count < 10; count++) second.track(`After${count}`)
    const messages = [...sample(values, 30, seed + 99), ...nearlyRight()]
    for (const message of messages) browser.tell(message)
    for (const presence of nearlyRight()) browser.tell({ presence, parcels: [presence, [presence, presence]] })
    await waitFor(() => expect(collector.countOf('After9')).toBe(1))
    for (const message of messages) browser.tell({ presence: message, parcels: message, laterMs: -5, isDenied: 'yes' })
    for (let count = 10; count < 20; count++) second.track(`After${count}`)
    const good = Array.from({ length: 20 }, (_, count) => [`Before${count}`, `After${count}`]).flat()
    const ids = [...idsOf(old), ...idsOf(toRuns(spilled.text))]
    await waitFor(() => {
      expect(good.filter(name => collector.countOf(name) !== 1)).toEqual([])
      expect(ids.filter(id => !collector.facts.has(id))).toEqual([])
    })
    await waitFor(async () => {
      const counts = await Promise.all((['parcels', 'owed0', 'owed1', 'history'] as const).map(countIn))
      expect(counts).toEqual([0, 0, 0, 0])
    })

    const { made, stored, owed, dropped, errors: codes } = second.status()
    expect(dropped.damaged).toBeGreaterThan(60)
    expect(made).toBe(stored + owed + Object.values(dropped).reduce((sum, count) => sum + count, 0))
    expect(Object.keys(codes).filter(code => !code.startsWith('record-'))).toEqual([])
    expect(errors.filter(error => error.startsWith('unexpected'))).toEqual([])
    expect(collector.attempts - attempts).toBeLessThan(150)
    expect(await second.events('nobody')).toEqual([])
    expect(rejections).toEqual([])
  })
})
