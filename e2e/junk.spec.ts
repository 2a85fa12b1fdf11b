import { expect } from '@playwright/test'
import { type RunningCollector, startCollector } from './helpers/collector.js'
import { modulePage, type Site, startSite } from './helpers/site.js'
import { test } from './helpers/test.js'
import { numbers, openTracker, upTo } from './helpers/tracker.js'

// Any script of the origin can write to storage and to the channel between tabs.

let collector: RunningCollector
let site: Site

test.beforeEach(async () => {
  collector = await startCollector()
  const page = modulePage({ collector: collector.url, key: 'junk', flushEveryMs: 300 })
  site = await startSite(path => (path === '/bare' ? '<!doctype html><title>Bare</title>' : page))
})

test.afterEach(async () => {
  await site.stop()
  await collector.stop()
})

/**
 * Writes random values to every store, to localStorage and to the channel. @returns how many parcels there are then.
 */
async function scatter(seed: number): Promise<number> {
  let state = seed
  const random = (): number => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31
    return state / 2 ** 31
  }
  const texts = [
    '',
    'null',
    '{}',
    '[]',
    '{"eventID":"x"}',
    '\n\n\n\n\n\n',
    'a\fb',
    '{"visitID":5}\n\n\nw\n1\n0\n{"eventID":"z"}',
  ]
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T
  const junk = (depth = 0): unknown => {
    const kind = Math.floor(random() * (depth > 2 ? 9 : 12))
    if (kind < 4) return pick([null, undefined, true, 0, -1, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53])
    if (kind < 7) return pick(texts)
    if (kind === 7) return new Date(random() * 1e13)
    if (kind === 8) return new Uint8Array(5)
    if (kind === 9) return [junk(depth + 1), junk(depth + 1)]
    const names = [
      'rev',
      'visit',
      'session',
      'active',
      'at',
      'calls',
      'key',
      'text',
      'record',
      'event',
      'id',
      'verb',
      'until',
    ]
    return Object.fromEntries(names.filter(() => random() < 0.6).map(name => [name, junk(depth + 1)]))
  }
  const keys: (() => IDBValidKey)[] = [
    () => Math.floor(random() * 1e6),
    () => new Date(Math.floor(random() * 1e12)),
    () => [pick(texts), 1],
    () => pick(['presence', 'active', 'lease', 'aged', 'will:x', 'will:', 'orphan', 'x', '0', '1zzz.1.1']),
    () => `${pick(['0', '1'])}0mabcdefgAbCdEfGhIjKl0000${Math.floor(random() * 9)}.5k.${pick(['1', '2', 'zz'])}`,
  ]
  const db = await new Promise<IDBDatabase>(resolve => {
    const opening = indexedDB.open('sojourn-junk')
    opening.onsuccess = () => resolve(opening.result)
  })
  let parcels = 0
  for (const name of db.objectStoreNames) {
    const tx = db.transaction(name, 'readwrite')
    for (let n = 0; n < 12; n++) tx.objectStore(name).put(junk(), pick(keys)())
    const counting = tx.objectStore(name).count()
    await new Promise(resolve => (tx.oncomplete = resolve))
    if (name === 'parcels') parcels = counting.result
  }
  db.close()
  for (let n = 0; n < 8; n++)
    localStorage.setItem(
      `sojourn-junk:${pick(['', 'x', 'calls:x', '0mabcdefgAbCdEfGhIjKl'])}${n}`,
      pick([...texts, JSON.stringify(junk()) ?? '']),
    )
  const channel = new BroadcastChannel('sojourn-junk')
  channel.postMessage(null)
  for (let n = 0; n < 8; n++) channel.postMessage(junk())
  channel.postMessage({ parcels: [[junk(), junk()], junk()], presence: junk(), laterMs: junk() })
  channel.close()
  return parcels
}

test('a database that another script has made, with stores that take no keys of ours, costs nothing but storage', async ({
  context,
}) => {
  const errors: string[] = []
  context.on('weberror', error => errors.push(error.error().message))
  const page = await context.newPage()
  await page.goto(`${site.url}/bare`)
  await page.evaluate(
    () =>
      new Promise<void>(resolve => {
        const opening = indexedDB.open('sojourn-junk', 2)
        opening.onupgradeneeded = () => {
          for (const name of ['parcels', 'settled', 'state']) opening.result.createObjectStore(name, { keyPath: 'id' })
        }
        opening.onsuccess = () => {
          opening.result.close()
          resolve()
        }
      }),
  )
  await openTracker(page, site.url)
  const sessionID = await page.evaluate(async () => {
    window.tracker.signIn('user-43')
    for (let n = 0; n < 10; n++) window.tracker.track('Good', { n })
    return (await window.tracker.session())?.sessionID as string
  })
  await expect.poll(async () => numbers(await collector.events(sessionID), 'Good')).toEqual(upTo(10))
  expect(errors).toEqual([])
})

for (const seed of [42, 1, 7, 1234, 99_991])
  test(`random values in every store, item and message do not harm good records (seed ${seed})`, {
    tag: seed === 42 ? '@short' : '@long',
  }, async ({ context }) => {
    const errors: string[] = []
    context.on('weberror', error => errors.push(error.error().message))
    let requests = 0
    await context.route(`${collector.url}/v1/sessions*`, async route => {
      requests++
      await route.continue()
    })
    const page = await context.newPage()
    await openTracker(page, site.url)
    await page.evaluate(async () => {
      window.tracker.signIn('user-42')
      for (let n = 0; n < 10; n++) window.tracker.track('Good', { n })
      await window.tracker.session()
    })
    const bare = await context.newPage()
    await bare.goto(`${site.url}/bare`)
    const parcels = await bare.evaluate(scatter, seed)
    await page.evaluate(() => {
      for (let n = 10; n < 20; n++) window.tracker.track('Good', { n })
    })
    await page.close()
    const next = await context.newPage()
    await openTracker(next, `${site.url}/next`)
    await next.evaluate(() => {
      window.tracker.signIn('user-42')
      for (let n = 20; n < 30; n++) window.tracker.track('Good', { n })
    })
    // Junk in place of the open state may end the visit, so the sessions may be of two visits.
    const good = async (): Promise<number[]> => {
      const found = await collector.get<{ items: { sessionID: string }[] }>('/v1/identities/user-42/sessions')
      const all = await Promise.all((found?.items ?? []).map(one => collector.events(one.sessionID)))
      return numbers(all.flat(), 'Good')
    }
    await expect.poll(good, { timeout: 30_000 }).toEqual(upTo(30))
    // The damaged entries were counted and deleted, so no tab sends again and again.
    const before = requests
    await expect.poll(async () => (await next.evaluate(() => window.tracker.flush())).owed, { timeout: 30_000 }).toBe(0)
    await next.waitForTimeout(2000)
    expect(requests - before).toBeLessThan(12)
    const { made, stored, owed, dropped } = await next.evaluate(() => window.tracker.status())
    expect(parcels === 0 || (dropped.damaged ?? 0) > 0, 'damaged entries are counted').toBe(true)
    expect(stored + owed + Object.values(dropped).reduce((sum, count) => sum + count, 0)).toBe(made)
    expect(errors).toEqual([])
  })
