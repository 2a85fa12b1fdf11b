import { describe, expect, it } from 'vitest'
import { createPending } from '../src/pending.js'
import { maxPendingCalls, maxPendingChars } from '../src/record/limits.js'
import type { Call } from '../src/record/writer.js'
import type { Tail } from '../src/store/tail.js'
import { start } from './helpers/clock.js'

const call = (id: string, data = ''): Call => ({ id, at: start, data, verb: 'track', name: 'Search', category: '' })

/** A queue over a tail that notes what is written down. */
function pendingWith() {
  const written: string[] = []
  const tail: Pick<Tail, 'add'> = { add: ({ id }) => void written.push(id) }
  return { pending: createPending(tail as Tail), written }
}

describe('calls that wait', () => {
  it('are given in call order, once', () => {
    const { pending } = pendingWith()
    for (const id of ['b', 'a', 'c']) expect(pending.add(call(id), true)).toBe(true)
    expect(pending.count()).toBe(3)
    expect(pending.take().map(({ id }) => id)).toEqual(['b', 'a', 'c'])
    expect(pending.take()).toEqual([])
    expect(pending.count()).toBe(0)
  })

  it('are written nowhere before that is allowed', () => {
    const { pending, written } = pendingWith()
    pending.add(call('a'), true)
    pending.add(call('b'), false)
    expect(written).toEqual([])
  })

  it('are written down once it is, each once, and those that come then at once', () => {
    const { pending, written } = pendingWith()
    pending.add(call('a'), true)
    pending.add(call('b'), false)
    pending.write()
    expect(written).toEqual(['a'])
    pending.add(call('c'), true)
    pending.add(call('d'), false)
    pending.write()
    expect(written).toEqual(['a', 'c'])
  })

  it('are all written down as the page goes', () => {
    const { pending, written } = pendingWith()
    pending.write()
    pending.add(call('a'), true)
    pending.add(call('b'), false)
    pending.writeAll()
    pending.writeAll()
    expect(written).toEqual(['a', 'b'])
  })

  it('are so many at the most, and are taken again once they are given', () => {
    const { pending } = pendingWith()
    for (let i = 0; i < maxPendingCalls; i++) pending.add(call(`a${i}`), true)
    expect(pending.add(call('b'), true)).toBe(false)
    expect(pending.count()).toBe(maxPendingCalls)
    pending.take()
    expect(pending.add(call('b'), true)).toBe(true)
  })

  it('are of so many characters at the most; a small one still finds room after a great one that did not', () => {
    const { pending } = pendingWith()
    expect(pending.add(call('a', 'x'.repeat(maxPendingChars - 10)), true)).toBe(true)
    expect(pending.add(call('b', 'x'.repeat(1000)), true)).toBe(false)
    expect(pending.add(call('c', 'x'), true)).toBe(true)
    expect(pending.take().map(({ id }) => id)).toEqual(['a', 'c'])
  })
})
