import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Tracker } from '../src/api.js'
import { maxDataBytes } from '../src/record/limits.js'
import type { TrackerOptions } from '../src/tracker-options.js'
import { browserWith, type FakeBrowser } from './helpers/browser.js'

let browser: FakeBrowser
let tracker: Tracker | undefined

beforeEach(() => {
  browser = browserWith()
})
afterEach(() => {
  tracker?.stop()
  vi.unstubAllGlobals()
})

function open(more: Partial<TrackerOptions> = {}): Tracker {
  tracker = browser.open({ flushEveryMs: 60_000, ...more })
  return tracker
}

/** The data of what has arrived, by event name. */
async function dataOf(one: Tracker): Promise<Record<string, unknown>> {
  expect((await one.flush()).owed).toBe(0)
  return Object.fromEntries([...browser.collector.facts.values()].map(({ event }) => [event.eventName, event.data]))
}

describe('properties', () => {
  it('are part of page views and of events, and of nothing else', async () => {
    const one = open()
    one.properties({ plan: 'pro', name: 'Ada' })
    one.page({ step: 2 })
    one.signIn('anna', { location: 'Lisbon' })
    one.track('Search', { q: 'tea' })
    one.track('Bare')
    one.userInfo({ age: 5 })
    one.signOut()
    const data = await dataOf(one)
    expect(data).toMatchObject({
      PageEntered: { plan: 'pro', name: 'Ada', step: 2 },
      Search: { plan: 'pro', name: 'Ada', q: 'tea' },
      Bare: { plan: 'pro', name: 'Ada' },
      SignIn: { location: 'Lisbon' },
      UserInfo: { age: 5 },
    })
    for (const name of ['SignIn', 'UserInfo', 'SignOut', 'VisitStarted'])
      expect(JSON.stringify(data[name] ?? {})).not.toContain('pro')
  })

  it('give way to the data of the event, and earlier ones to later ones', async () => {
    const one = open()
    one.properties({ a: 1, b: 1, c: 1 })
    one.properties({ b: 2, c: 2 })
    one.track('Search', { c: 3 })
    expect(await dataOf(one)).toMatchObject({ Search: { a: 1, b: 2, c: 3 } })
  })

  it('are gone once they are undone, also twice, and the others stay', async () => {
    const one = open()
    one.properties({ a: 1 })
    const undo = one.properties({ a: 2, b: 2 })
    undo()
    undo()
    one.track('Search')
    expect(await dataOf(one)).toMatchObject({ Search: { a: 1 } })
    expect((await dataOf(one)).Search).not.toHaveProperty('b')
  })

  it('are taken as they are at the call, and hold after a stop', async () => {
    const properties = { plan: 'pro', since: new Date(0) }
    const first = open()
    first.properties(properties)
    properties.plan = 'free'
    await first.flush()
    first.stop()
    const [registry] = [first]
    const { createTracker } = await import('../src/tracker.js')
    const again = createTracker({ collector: 'https://collector.example', key: 'test', automatic: false })
    expect(again).toBe(registry)
    again.track('Search')
    expect(await dataOf(again)).toMatchObject({ Search: { plan: 'pro', since: '1970-01-01T00:00:00.000Z' } })
  })

  it('that cannot be written are left out and reported, and no event is lost', async () => {
    const one = open()
    one.properties({ a: 1, print: () => {} })
    one.properties('text' as never)
    one.properties(null as never)
    one.properties({ long: 'x'.repeat(maxDataBytes) })
    one.track('Search', { q: 'tea' })
    expect(await dataOf(one)).toMatchObject({ Search: { a: 1, q: 'tea' } })
    expect(browser.errors).toEqual(['data-invalid: data.print', 'data-invalid: data', 'record-too-large: properties'])
  })

  it('that make the data too large are left out with it, and that is reported', async () => {
    const one = open()
    one.properties({ long: 'x'.repeat(maxDataBytes - 1000) })
    one.track('Search', { q: 'y'.repeat(2000) })
    expect((await dataOf(one)).Search ?? null).toBeNull()
    expect(browser.errors).toEqual(['record-too-large: track'])
  })

  it('may have a name that the page has frozen on all objects', async () => {
    // oxlint-disable-next-line no-extend-native -- as a page does
    Object.defineProperty(Object.prototype, 'plan', { value: 'page', writable: false, configurable: true })
    try {
      const one = open()
      one.properties({ plan: 'pro' })
      one.track('Search', { q: 'tea' })
      expect((await dataOf(one)).Search).toEqual({ plan: 'pro', q: 'tea' })
    } finally {
      Reflect.deleteProperty(Object.prototype, 'plan')
    }
  })

  it('are seen by beforeRecord, which may take them out', async () => {
    const one = open({ beforeRecord: ({ data, ...rest }) => ({ ...rest, data: { had: Object.keys(data ?? {}) } }) })
    one.properties({ plan: 'pro' })
    one.track('Search', { q: 1 })
    expect(await dataOf(one)).toMatchObject({ Search: { had: ['plan', 'q'] } })
  })
})

describe('data that throws as it is read', () => {
  const revoked = (): object => {
    const { proxy, revoke } = Proxy.revocable({}, {})
    revoke()
    return proxy
  }
  const throwing = (): object => ({
    q: 'tea',
    get proof(): string {
      throw new Error('no proof')
    },
    get url(): string {
      throw new Error('no url')
    },
  })
  const bare = (): object => ({ q: 'tea', title: Object.create(null) as object })

  it.each([
    ['a getter', throwing, { q: 'tea' }],
    ['a revoked proxy', revoked, null],
    ['an object without a text', bare, { q: 'tea' }],
  ])('costs neither the sign-in nor the page view nor the event, with %s', async (_what, make, kept) => {
    const one = open()
    one.signIn('anna', make())
    one.page(make() as never)
    one.track('Search', make(), make())
    const data = await dataOf(one)
    for (const name of ['SignIn', 'PageEntered', 'Search'])
      if (kept) expect(data[name]).toMatchObject(kept)
      else expect(data).toHaveProperty(name, null)
    expect((await one.session())?.identityId).toBe('anna')
    expect(browser.errors.filter(line => !line.startsWith('data-invalid: data'))).toEqual([])
  })

  it('of a sign-in costs the field alone, and not the proof beside it', async () => {
    const one = open()
    const info = Object.defineProperty({ proof: 'a.b', name: 'Anna' }, 'bad', {
      enumerable: true,
      get: () => {
        throw new Error('no')
      },
    })
    one.signIn('anna', info)
    expect(await dataOf(one)).toMatchObject({ SignIn: { name: 'Anna' } })
    expect(browser.collector.batches.join()).toContain('"proof":"a.b"')
    expect(browser.errors).toEqual(['data-invalid: data.bad'])
  })
})
