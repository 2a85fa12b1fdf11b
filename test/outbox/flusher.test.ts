import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { later } from '../../src/browser/clock.js'
import { createFlusher } from '../../src/outbox/flusher.js'
import type { FlushResult } from '../../src/outbox/outbox.js'
import { flushAtChars } from '../../src/record/limits.js'

const everyMs = 5000

/** A flusher over an outbox that notes when it is flushed; timers and clock are moved by hand. */
function flusherWith({ owing = false }: { owing?: boolean } = {}) {
  const flushes: { at: number; isForced: boolean }[] = []
  const house = {
    flushes,
    owing,
    nextAttempt: 0,
    finish: null as null | (() => void),
    isSlow: false,
    began: Date.now(),
    /** When it was flushed, ms since the start. */
    times: () => flushes.map(({ at }) => at - house.began),
  }
  const result = (): FlushResult => ({ stored: 1, owed: house.owing ? 1 : 0 })
  const flusher = createFlusher(
    {
      flush(isForced) {
        // As the outbox: before its time only what is forced is sent.
        if (!isForced && Date.now() < house.nextAttempt) return Promise.resolve({ stored: 0, owed: 1 })
        flushes.push({ at: Date.now(), isForced })
        if (!house.isSlow) return Promise.resolve(result())
        return new Promise(resolve => {
          house.finish = () => resolve(result())
        })
      },
      state: () => ({ requests: 0, retries: 0, failures: 0, nextAttempt: house.nextAttempt, lastError: '' }),
    },
    everyMs,
    Date.now,
    later,
    clearTimeout,
  )
  return Object.assign(house, { flusher })
}

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

describe('the flusher', () => {
  it('flushes once, everyMs after the first record became owed', async () => {
    const house = flusherWith()
    house.flusher.notice(10)
    await vi.advanceTimersByTimeAsync(4000)
    house.flusher.notice(10)
    expect(house.times()).toEqual([])
    await vi.advanceTimersByTimeAsync(60_000)
    expect(house.times()).toEqual([5000])
    expect(house.flushes[0]?.isForced).toBe(false)
  })

  it('sets no timer before there is something to send', async () => {
    flusherWith()
    await vi.advanceTimersByTimeAsync(60_000)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('flushes again for records after a flush', async () => {
    const house = flusherWith()
    house.flusher.notice(10)
    await vi.advanceTimersByTimeAsync(10_000)
    house.flusher.notice(10)
    await vi.advanceTimersByTimeAsync(10_000)
    expect(house.times()).toEqual([5000, 15_000])
  })

  it('goes on while anything is owed, and stops once nothing is', async () => {
    const house = flusherWith({ owing: true })
    house.flusher.notice(10)
    await vi.advanceTimersByTimeAsync(15_000)
    expect(house.times()).toEqual([5000, 10_000, 15_000])
    house.owing = false
    await vi.advanceTimersByTimeAsync(60_000)
    expect(house.times()).toEqual([5000, 10_000, 15_000, 20_000])
  })

  it('flushes at once when much has come together', async () => {
    const house = flusherWith()
    house.flusher.notice(flushAtChars)
    expect(house.times()).toEqual([])
    house.flusher.notice(1)
    expect(house.times()).toEqual([0])
  })

  it.each([false, true])('flushes at once, and overrules the backoff: %s', isForced => {
    const house = flusherWith()
    void house.flusher.flush(isForced)
    expect(house.flushes).toMatchObject([{ isForced }])
  })

  it('gives what the flush came to', async () => {
    expect(await flusherWith().flusher.flush(true)).toEqual({ stored: 1, owed: 0 })
  })

  it('waits for its time after a failure, unless a person asks or the network is back', () => {
    const house = flusherWith()
    house.nextAttempt = Date.now() + 60_000
    void house.flusher.flush()
    expect(house.times()).toEqual([])
    void house.flusher.flush(true)
    expect(house.times()).toEqual([0])
  })

  it('flushes by itself when the time has come', async () => {
    const house = flusherWith({ owing: true })
    house.nextAttempt = Date.now() + 60_000
    house.flusher.notice(10)
    await vi.advanceTimersByTimeAsync(59_999)
    expect(house.times()).toEqual([])
    await vi.advanceTimersByTimeAsync(1)
    expect(house.times()).toEqual([60_000])
  })

  it('flushes by itself when the time has come, also where that is a fraction of a millisecond', async () => {
    const house = flusherWith({ owing: true })
    house.nextAttempt = Date.now() + 60_000.7
    house.flusher.notice(10)
    await vi.advanceTimersByTimeAsync(120_000)
    expect(house.times()[0]).toBeGreaterThan(60_000)
  })

  it('flushes by itself also when the time was put off after its timer was set', async () => {
    const house = flusherWith({ owing: true })
    house.isSlow = true
    void house.flusher.flush(true)
    house.flusher.notice(10)
    house.nextAttempt = Date.now() + 60_000
    house.finish?.()
    house.isSlow = false
    await vi.advanceTimersByTimeAsync(300_000)
    expect(house.times().slice(0, 2)).toEqual([0, 60_000])
  })

  it('sets no timer once there is no next attempt', async () => {
    const house = flusherWith({ owing: true })
    house.nextAttempt = Infinity
    house.flusher.notice(10)
    await vi.advanceTimersByTimeAsync(1e9)
    expect(house.times()).toEqual([])
    expect(vi.getTimerCount()).toBe(0)
  })

  it('sets no timer once it is stopped', async () => {
    const house = flusherWith({ owing: true })
    house.flusher.stop()
    house.flusher.notice(10)
    await vi.advanceTimersByTimeAsync(60_000)
    expect(house.times()).toEqual([])
  })

  it('flushes no more by itself once it is stopped', async () => {
    const house = flusherWith({ owing: true })
    house.flusher.notice(10)
    house.flusher.stop()
    house.flusher.notice(10)
    await vi.advanceTimersByTimeAsync(60_000)
    expect(house.times()).toEqual([])
    expect(vi.getTimerCount()).toBe(0)
  })
})
