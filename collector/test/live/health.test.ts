import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { toBucket, toQuantile } from '../../src/live/delays.js'
import { createHealth } from '../../src/live/health.js'
import {
  healthFlushMs,
  healthKeepMs,
  maxHealthRefusals,
  maxHealthRows,
  maxOriginLength,
} from '../../src/live/limits.js'
import type { HealthRow } from '../../src/store/health.js'
import { createMemoryHealth } from '../../src/store/memory-health.js'
import { noon } from '../helpers/collector.js'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

const minute = 60_000
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms)

/** Makes the health of a collector, over a store that may fail. */
function healthWith(store = createMemoryHealth(), collector = 'one') {
  const state = { now: noon, fails: false, writes: [] as (readonly HealthRow[])[] }
  const errors: unknown[] = []
  const health = createHealth({
    store: {
      ...store,
      async write(rows) {
        state.writes.push(rows)
        if (state.fails) throw new Error('the database is down')
        await store.write(rows)
      },
    },
    collector,
    now: () => state.now,
    onError: cause => errors.push(cause),
  })
  const add = (stored = 1) => health.records({ site: 'shop', stored, events: 0, repeated: 0 })
  const total = async (of = health) => [...(await of.read('shop', 0)).minutes.values()].map(({ stored }) => stored)
  return { store, state, errors, health, add, total }
}

describe('health', () => {
  it('writes what was counted some seconds later, once, and nothing while nothing is counted', async () => {
    const { state, add, store } = healthWith()
    await pass(10 * healthFlushMs)
    expect(vi.getTimerCount()).toBe(0)
    add()
    add(2)
    expect(state.writes).toEqual([])
    await pass(healthFlushMs)
    expect(state.writes.length).toBe(1)
    expect(await store.since('shop', 0)).toMatchObject([{ site: 'shop', minute: noon, collector: 'one', refusedAt: 0 }])
    await pass(10 * healthFlushMs)
    expect(state.writes.length).toBe(1)
    add()
    await pass(healthFlushMs)
    expect(JSON.parse((await store.since('shop', 0))[0]?.counts ?? '')).toMatchObject({ stored: 4 })
  })

  it('tells its own counts at once, and those of others when they are written, each once', async () => {
    const one = healthWith()
    const other = healthWith(one.store, 'other')
    one.add(1)
    other.add(10)
    expect([await one.total(), await other.total()]).toEqual([[1], [10]])
    await pass(healthFlushMs)
    expect([await one.total(), await other.total()]).toEqual([[11], [11]])
    one.add(2)
    expect([await one.total(), await other.total()]).toEqual([[13], [11]])
    one.state.now += minute
    one.add(5)
    expect(await one.total()).toEqual([13, 5])
    await pass(healthFlushMs)
    expect(await other.total()).toEqual([13, 5])
  })

  it('counts nothing twice if a write has failed, and reports that once', async () => {
    const { state, add, total, errors, store } = healthWith()
    state.fails = true
    add(3)
    await pass(3 * healthFlushMs)
    expect([state.writes.length, errors.length, await total()]).toEqual([3, 1, [3]])
    state.now += minute
    add(4)
    state.fails = false
    await pass(healthFlushMs)
    expect(await total()).toEqual([3, 4])
    expect((await store.since('shop', 0)).length).toBe(2)
  })

  it('keeps a bounded number of counts while the database does not take them', async () => {
    const { state, health } = healthWith()
    state.fails = true
    const count = (n: number) => health.records({ site: `site-${n}`, stored: 1, events: 0, repeated: 0 })
    for (let n = 0; n < maxHealthRows + 10; n++) count(n)
    await pass(healthFlushMs)
    expect(state.writes[0]?.length).toBe(maxHealthRows)
  })

  it('writes what is left when it stops, and does not reject if that fails', async () => {
    const { state, add, health, store } = healthWith()
    add(2)
    await health.stop()
    expect([(await store.since('shop', 0)).length, vi.getTimerCount()]).toEqual([1, 0])
    state.fails = true
    add()
    await health.stop()
    expect(vi.getTimerCount()).toBe(0)
  })

  it('removes what is older than two days', async () => {
    const { state, add, store } = healthWith()
    add()
    await pass(healthFlushMs)
    state.now += healthKeepMs - minute
    add()
    await pass(healthFlushMs)
    expect((await store.since('shop', 0)).length).toBe(2)
    state.now += 2 * 3_600_000
    add()
    await pass(healthFlushMs)
    expect((await store.since('shop', 0)).map(({ minute: at }) => at > noon)).toEqual([true, true])
  })

  it('counts requests of which no site is known apart, and reads of a site that needs no batch not at all', async () => {
    const { health } = healthWith()
    health.errorReply('wrong-key', { site: null, origin: 'https://a.example' })
    health.errorReply('wrong-read-token')
    expect(await health.lastRefused('')).toEqual([
      { code: 'wrong-key', origin: 'https://a.example', count: 1, lastAt: noon },
    ])
    expect(await health.lastRefused('shop')).toEqual([])
  })

  it('tells what was refused last first, also of earlier minutes and of another collector', async () => {
    const one = healthWith()
    const other = healthWith(one.store, 'other')
    one.health.refused('name-invalid', 'shop')
    await pass(healthFlushMs)
    other.state.now += 5 * minute
    other.health.errorReply('malformed', { site: 'shop', origin: null })
    await pass(healthFlushMs)
    for (let n = 0; n < 20; n++) {
      one.state.now += minute
      one.add()
      await pass(healthFlushMs)
    }
    const codes = (await one.health.lastRefused('shop')).map(({ code }) => code)
    expect(codes).toEqual(['malformed', 'name-invalid'])
  })

  it('keeps few and short texts of what strangers send, and counts all of it', async () => {
    const { health } = healthWith()
    const count = 4 * maxHealthRefusals
    for (let n = 0; n < count; n++)
      health.errorReply('unknown-origin', { site: 'shop', origin: `https://${n}.${'a'.repeat(1000)}` })
    const refused = await health.lastRefused('shop')
    expect(refused.length).toBeLessThanOrEqual(maxHealthRefusals + 1)
    expect(refused.reduce((sum, one) => sum + one.count, 0)).toBe(count)
    expect(Math.max(...refused.map(({ origin }) => origin?.length ?? 0))).toBe(maxOriginLength)
  })

  it('reads counts of a version that counts other things', async () => {
    const { store, total } = healthWith()
    const row = { site: 'shop', minute: noon, collector: 'newer', refusedAt: 0 }
    await store.write([{ ...row, counts: '{"stored":7,"more":1}' }])
    expect(await total()).toEqual([7])
  })
})

describe('a delay', () => {
  it('is told at most a quarter too long, whatever it is', () => {
    for (const ms of [0, 1, 49, 50, 51, 62, 63, 1000, 59_999, 3_600_000, 86_400_000, 30 * 86_400_000]) {
      const told = toQuantile({ [toBucket(ms)]: 1 }, 0.5) as number
      expect(told).toBeGreaterThanOrEqual(ms - 1)
      expect(told).toBeLessThanOrEqual(Math.max(50, ms * 1.25 + 1))
    }
    expect(toBucket(Number.MAX_SAFE_INTEGER)).toBe(toBucket(1e15))
  })

  it('is the one within which that share of all was', () => {
    const delays = { [toBucket(100)]: 90, [toBucket(5000)]: 9, [toBucket(80_000)]: 1 }
    const seconds = [0.5, 0.9, 0.95, 0.99, 1].map(share => Math.floor((toQuantile(delays, share) as number) / 1000))
    expect(seconds.slice(0, 2)).toEqual([0, 0])
    expect(seconds.slice(2, 4).every(one => one >= 5 && one <= 6)).toBe(true)
    expect(seconds[4]).toBeGreaterThanOrEqual(80)
    expect(toQuantile({}, 0.5)).toBeNull()
  })
})
