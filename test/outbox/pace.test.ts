import { describe, expect, it } from 'vitest'
import { backoffMs, createPace } from '../../src/outbox/pace.js'
import { backoffBaseMs, backoffMaxMs } from '../../src/record/limits.js'
import { fakeClock, start } from '../helpers/clock.js'

function paceWith(chance = 1) {
  const clock = fakeClock()
  return { clock, pace: createPace(clock.now, () => chance) }
}

describe('the backoff', () => {
  it('doubles with each failure up to its limit, and is drawn from 0 on', () => {
    expect([0, 1, 2, 3].map(failures => backoffMs(failures, 1))).toEqual([1, 2, 4, 8].map(one => one * backoffBaseMs))
    for (const failures of [9, 20, 1000, 1e9]) expect(backoffMs(failures, 1)).toBe(backoffMaxMs)
    expect(backoffMs(5, 0)).toBe(0)
    expect(backoffMs(5, 0.5)).toBe(backoffMs(5, 1) / 2)
  })
})

describe('the pace', () => {
  it('allows everything at first', () => {
    const { pace } = paceWith()
    expect([pace.mayTry(false), pace.mayTry(true)]).toEqual([true, true])
    expect(pace.state()).toEqual({ requests: 0, retries: 0, failures: 0, nextAttempt: 0, lastError: '' })
  })

  it('waits after a failure, unless it is forced', () => {
    const { pace, clock } = paceWith()
    pace.fail(0, 'no network')
    expect([pace.mayTry(false), pace.mayTry(true)]).toEqual([false, true])
    expect(pace.state()).toMatchObject({ failures: 1, nextAttempt: start + backoffBaseMs, lastError: 'no network' })
    clock.advance(backoffBaseMs)
    expect(pace.mayTry(false)).toBe(true)
  })

  it('tells the first failure of a row from the others', () => {
    const { pace } = paceWith()
    expect([pace.fail(0, 500), pace.fail(0, 500)]).toEqual([true, false])
    pace.succeed()
    expect(pace.fail(0, 500)).toBe(true)
  })

  it('waits as long as the collector asks for, forced or not', () => {
    const { pace, clock } = paceWith()
    pace.fail(60_000, 503)
    expect(pace.state().nextAttempt).toBe(start + 60_000)
    clock.advance(59_999)
    expect(pace.mayTry(true)).toBe(false)
    clock.advance(1)
    expect(pace.mayTry(true)).toBe(true)
  })

  it('waits for the longest of what was asked for, also by way of another tab', () => {
    const { pace, clock } = paceWith()
    pace.hold(5000)
    pace.hold(10)
    clock.advance(4999)
    expect(pace.mayTry(true)).toBe(false)
    clock.advance(1)
    expect(pace.mayTry(true)).toBe(true)
  })

  it('keeps what the collector has asked for through a success', () => {
    const { pace } = paceWith()
    pace.hold(5000)
    pace.succeed()
    expect(pace.mayTry(true)).toBe(false)
    expect(pace.state()).toMatchObject({ failures: 0, nextAttempt: start + 5000, lastError: '' })
  })

  it('allows nothing any more once the collector has rejected the page', () => {
    const { pace, clock } = paceWith()
    pace.fail(Infinity, 401)
    clock.advance(1e12)
    expect(pace.mayTry(true)).toBe(false)
    expect(pace.state()).toMatchObject({ failures: 1, nextAttempt: Infinity, lastError: '401' })
    pace.hold(5)
    pace.succeed()
    expect(pace.mayTry(true)).toBe(false)
  })

  it('counts requests, and which of them followed a failed one', () => {
    const { pace } = paceWith()
    for (const isFailed of [true, true, false, false]) {
      pace.begin()
      if (isFailed) pace.fail(0, 503)
      else pace.succeed()
    }
    expect(pace.state()).toMatchObject({ requests: 4, retries: 2 })
  })
})
