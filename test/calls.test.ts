import { describe, expect, it } from 'vitest'
import { createCalls } from '../src/calls.js'
import type { Call } from '../src/record/call.js'
import { maxPendingCalls, maxPendingChars } from '../src/record/limits.js'
import { start } from './helpers/clock.js'

const call = (name: string, data = ''): Call => ({ at: start, data, verb: 'track', name })
const namesOf = (calls: readonly Call[]): string[] => calls.map(one => (one.verb === 'track' ? one.name : ''))

describe('calls that wait', () => {
  it('are given in call order', () => {
    const calls = createCalls()
    for (const name of ['b', 'a', 'c']) expect(calls.add(call(name))).toBe(true)
    expect(calls.count()).toBe(3)
    expect(namesOf(calls.all())).toEqual(['b', 'a', 'c'])
    expect(calls.first()).toEqual(call('b'))
    calls.shift()
    expect([calls.count(), ...namesOf(calls.all())]).toEqual([2, 'a', 'c'])
    expect(calls.first()).toEqual(call('a'))
  })

  it('are held no more once all of them are taken or shifted', () => {
    const calls = createCalls()
    calls.add(call('a'))
    calls.add(call('b'))
    calls.shift()
    expect(namesOf(calls.take())).toEqual(['b'])
    expect([calls.count(), calls.all(), calls.first(), calls.take()]).toEqual([0, [], undefined, []])
    calls.add(call('c'))
    calls.shift()
    expect([calls.count(), calls.first()]).toEqual([0, undefined])
  })

  it('are so many at the most, and more when the first are gone', () => {
    const calls = createCalls()
    for (let count = 0; count < maxPendingCalls; count++) calls.add(call('a'))
    expect(calls.add(call('b'))).toBe(false)
    calls.shift()
    expect(calls.add(call('b'))).toBe(true)
    expect(calls.add(call('c'))).toBe(false)
    calls.take()
    expect(calls.add(call('c'))).toBe(true)
  })

  it('have so many characters of data at the most, and a small one finds room after a large one that did not', () => {
    const calls = createCalls()
    const large = 'x'.repeat(maxPendingChars - 10)
    expect(calls.add(call('a', large))).toBe(true)
    expect(calls.add(call('b', 'x'.repeat(1000)))).toBe(false)
    expect(calls.add(call('c', 'x'))).toBe(true)
    calls.shift()
    expect(calls.add(call('d', large))).toBe(true)
    expect(namesOf(calls.all())).toEqual(['c', 'd'])
  })
})
