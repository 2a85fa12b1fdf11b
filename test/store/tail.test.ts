import { describe, expect, it } from 'vitest'
import type { KeptRecord } from '../../src/record/event.js'
import { lateMs, maxEarlyChars } from '../../src/record/limits.js'
import type { Call } from '../../src/record/writer.js'
import { createTail } from '../../src/store/tail.js'
import { start } from '../helpers/clock.js'
import { recordsWith } from '../helpers/tab.js'

/** localStorage, of so many characters. */
function storageOf(maxChars = 5e6): Storage {
  const items: Record<string, string> = Object.create({
    getItem: (name: string) => items[name] ?? null,
    setItem(name: string, value: string) {
      if (JSON.stringify(items).length + value.length > maxChars) throw new DOMException('full', 'QuotaExceededError')
      items[name] = value
    },
    removeItem(name: string) {
      delete items[name]
    },
  })
  return items as unknown as Storage
}

const call = (id: string, at = start, name = 'Search'): Call => ({
  id,
  at,
  data: '',
  verb: 'track',
  name,
  category: '',
})
const leftIn = (storage: Storage, now = start + 2 * lateMs) => createTail('k', () => storage).left(now, lateMs)

describe('the tail', () => {
  it('gives the calls of a page that is gone, in the order of their making, until they are released', () => {
    const storage = storageOf()
    const gone = createTail('k', () => storage)
    for (const id of ['b', 'a', 'c']) gone.add(call(id))
    const { calls, release } = leftIn(storage)
    expect(calls).toEqual([call('a'), call('b'), call('c')])
    expect(leftIn(storage).calls).toHaveLength(3)
    release()
    expect(leftIn(storage).calls).toEqual([])
    expect(Object.keys(storage)).toEqual([])
  })

  it('gives no page its own calls', () => {
    const storage = storageOf()
    const tail = createTail('k', () => storage)
    tail.add(call('a'))
    expect(tail.left(start + 2 * lateMs, lateMs).calls).toEqual([])
  })

  it('gives no calls of a page that may still be alive', () => {
    const storage = storageOf()
    createTail('k', () => storage).add(call('a'))
    expect(leftIn(storage, start + lateMs - 1).calls).toEqual([])
    expect(leftIn(storage, start + lateMs).calls).toHaveLength(1)
  })

  it('takes away its own once they are kept, and nobody else’s', () => {
    const storage = storageOf()
    const [here, there] = [createTail('k', () => storage), createTail('k', () => storage)]
    here.add(call('a'))
    there.add(call('b'))
    here.clear([call('a'), call('b')])
    expect(leftIn(storage).calls).toEqual([call('b')])
  })

  it('forgets all of its write key, whoever wrote it, and nothing of another’s', () => {
    const storage = storageOf()
    for (const key of ['k', 'k', 'kk']) createTail(key, () => storage).add(call(`a${Math.random()}`))
    storage.setItem('cart', '[]')
    createTail('k', () => storage).purge()
    expect(leftIn(storage).calls).toEqual([])
    expect(createTail('kk', () => storage).left(start + 2 * lateMs, lateMs).calls).toHaveLength(1)
    expect(storage.getItem('cart')).toBe('[]')
  })

  it('writes no more than its bound, and something again once that is kept', () => {
    const storage = storageOf()
    const tail = createTail('k', () => storage)
    const calls = Array.from({ length: 1000 }, (_, i) => call(`a${i}`, start, 'x'.repeat(100)))
    calls.forEach(tail.add)
    // The names take their room too.
    const chars = Object.entries(storage as unknown as Record<string, string>)
      .flat()
      .join('').length
    expect(chars).toBeLessThanOrEqual(maxEarlyChars)
    expect(chars).toBeGreaterThan(maxEarlyChars - 1000)
    tail.clear(calls)
    tail.add(call('b'))
    expect(leftIn(storage).calls).toHaveLength(1)
  })

  it('writes a small call down though a great one before it had no room', () => {
    const storage = storageOf()
    const tail = createTail('k', () => storage)
    tail.add(call('a', start, 'x'.repeat(maxEarlyChars)))
    tail.add(call('b'))
    expect(leftIn(storage).calls).toEqual([call('b')])
  })

  it('goes without a word where the storage is full', () => {
    const storage = storageOf(300)
    const tail = createTail('k', () => storage)
    const calls = Array.from({ length: 10 }, (_, i) => call(`a${i}`))
    calls.forEach(tail.add)
    expect(leftIn(storage).calls.length).toBeGreaterThan(0)
    tail.clear(calls)
    expect(Object.keys(storage)).toEqual([])
  })

  it('goes without a word where the storage is denied', () => {
    const tail = createTail('k', () => {
      throw new DOMException('denied', 'SecurityError')
    })
    tail.add(call('a'))
    tail.clear([call('a')])
    tail.purge()
    const { calls, release } = tail.left(start, lateMs)
    release()
    expect(calls).toEqual([])
  })

  it.each([
    ['half of it', '{"id":"a",'],
    ['nothing', ''],
    ['null', 'null'],
    ['no call', '{}'],
    ['a number', '5'],
  ])('passes over a damaged item that is %s, and gives the others', (_what, text) => {
    const storage = storageOf()
    createTail('k', () => storage).add(call('b'))
    storage.setItem('sojourn-k:a', text)
    expect(leftIn(storage).calls).toEqual([call('b')])
  })

  it('gives what a page left whose clock was far ahead', () => {
    const storage = storageOf()
    createTail('k', () => storage).add(call('a', start + 365 * 24 * 3_600_000))
    expect(leftIn(storage).calls).toHaveLength(1)
  })

  it('touches no storage before there is something to write', () => {
    const tail = createTail('k', () => {
      throw new Error('touched')
    })
    tail.clear([call('a')])
  })

  it('gives the records that a dead page left, beside its calls', () => {
    const storage = storageOf()
    const record = { ...(recordsWith(1)[0] as KeptRecord), at: start }
    const tail = createTail('k', () => storage)
    tail.add(record)
    tail.add(call('b'))
    const { calls, records, release } = leftIn(storage)
    expect(calls).toEqual([call('b')])
    expect(records).toEqual([record])
    release()
    expect(Object.keys(storage)).toEqual([])
  })

  it('takes away what it is told, and finds room again', () => {
    const storage = storageOf()
    const tail = createTail('k', () => storage)
    tail.add(call('a', start, 'x'.repeat(maxEarlyChars - 500)))
    tail.add(call('b', start, 'x'.repeat(1000)))
    tail.clear([call('a'), call('no such')])
    tail.add(call('c', start, 'x'.repeat(1000)))
    expect(leftIn(storage).calls.map(({ id }) => id)).toEqual(['c'])
  })
})
