import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { type AdminStore, nothingDecided } from '../../src/sites/admin.js'
import { createMemoryAdmin } from '../../src/sites/memory-admin.js'
import { watchSites } from '../../src/sites/watch.js'
import { noon } from '../helpers/collector.js'

const withKey = (key: string) => ({ ...nothingDecided, keys: [{ key, site: 'default', createdAt: 0, endsAt: null }] })

/** Watches a store with a clock that the test moves. */
async function watchedWith(admin: AdminStore = createMemoryAdmin()) {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
  onTestFinished(() => void vi.useRealTimers())
  const errors: unknown[] = []
  const flags = { keys: [], origins: [], readToken: null, isLoopback: true, now: () => noon }
  const watched = await watchSites({ ...flags, admin, onError: cause => errors.push(cause) })
  onTestFinished(watched.stop)
  return { ...watched, admin, errors, isKey: (key: string) => watched.registry.siteOfKey(key) !== null }
}

describe('a running collector', () => {
  it('notices within a second what another process has decided', async () => {
    const { admin, isKey } = await watchedWith()
    await admin.change(() => withKey('a'))
    expect(isKey('b')).toBe(true)
    await vi.advanceTimersByTimeAsync(1000)
    expect([isKey('a'), isKey('b')]).toEqual([true, false])
    await admin.change(() => withKey('b'))
    await vi.advanceTimersByTimeAsync(1000)
    expect([isKey('a'), isKey('b')]).toEqual([false, true])
  })

  it('looks early for what it does not know, a few times a second however often it is asked', async () => {
    const { admin, registry, isKey } = await watchedWith()
    const version = vi.spyOn(admin, 'version')
    await admin.change(() => withKey('a'))
    await registry.look()
    expect([version.mock.calls.length, isKey('a'), isKey('b')]).toEqual([1, true, false])
    const looks = Promise.all(Array.from({ length: 1000 }, () => registry.look()))
    await admin.change(() => withKey('b'))
    await vi.advanceTimersByTimeAsync(250)
    await looks
    expect([version.mock.calls.length, isKey('b')]).toEqual([2, true])
  })

  it('reads everything again only after a change', async () => {
    const { admin, registry } = await watchedWith()
    const read = vi.spyOn(admin, 'read')
    await vi.advanceTimersByTimeAsync(5000)
    expect(read).not.toHaveBeenCalled()
    await admin.change(() => withKey('a'))
    await vi.advanceTimersByTimeAsync(5000)
    expect([read.mock.calls.length, registry.siteOfKey('a')?.name]).toEqual([1, 'default'])
  })

  it('keeps what it knows while the database is down, reports that once, and notices what was decided meanwhile', async () => {
    const admin = createMemoryAdmin()
    await admin.change(() => withKey('a'))
    const { errors, isKey, registry } = await watchedWith(admin)
    const down = vi.spyOn(admin, 'version').mockRejectedValue(new Error('down'))
    const look = registry.look()
    await vi.advanceTimersByTimeAsync(5000)
    await look
    expect([isKey('a'), errors]).toEqual([true, [new Error('down')]])
    await admin.change(() => withKey('b'))
    down.mockRestore()
    await vi.advanceTimersByTimeAsync(1000)
    expect([isKey('a'), isKey('b')]).toEqual([false, true])
  })

  it('does not start if the database cannot be read', async () => {
    const admin = { ...createMemoryAdmin(), version: async () => Promise.reject(new Error('down')) }
    await expect(watchedWith(admin)).rejects.toThrow('down')
  })

  it('looks no more when it has stopped', async () => {
    const { admin, registry, stop } = await watchedWith()
    await stop()
    const version = vi.spyOn(admin, 'version')
    await registry.look()
    await vi.advanceTimersByTimeAsync(5000)
    expect(version).not.toHaveBeenCalled()
  })
})
