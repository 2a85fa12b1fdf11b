import { afterEach, describe, expect, it, vi } from 'vitest'
import { createClaim } from '../../src/browser/locks.js'

afterEach(() => vi.unstubAllGlobals())

describe('the right to send, where the page or the browser has put something in place of Web Locks', () => {
  it.each<[string, object]>([
    ['nothing', {}],
    ['a getter that throws', Object.defineProperty({}, 'locks', { get: () => expect.unreachable('denied') as never })],
    ['a lock that does nothing', { locks: { request() {} } }],
    ['a lock that is given and never used', { locks: { request: async () => {} } }],
    ['a lock that is denied', { locks: { request: () => Promise.reject(new Error('denied')) } }],
  ])('is a lease: %s', async (_what, navigator) => {
    vi.stubGlobal('navigator', navigator)
    const asked: number[] = []
    const claim = createClaim('test', async ms => asked.push(ms) > 0, 5000)
    expect(await claim.run(async () => claim.drainer())).toBe('this-tab')
    expect(asked).toEqual([5000, 0])
    expect(claim.drainer()).toBe('nobody')
  })

  it('is the lock where there is one, and a task that fails is not tried again', async () => {
    vi.stubGlobal('navigator', {
      locks: { request: async (_name: string, _how: object, run: () => unknown) => run() },
    })
    const lease = vi.fn(async () => true)
    const claim = createClaim('test', lease, 5000)
    expect(await claim.run(async () => 5)).toBe(5)
    const task = vi.fn(() => Promise.reject(new Error('no')))
    await expect(claim.run(task)).rejects.toThrow('no')
    expect([task.mock.calls.length, lease.mock.calls.length]).toEqual([1, 0])
  })
})
