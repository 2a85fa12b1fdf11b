import { describe, expect, it } from 'vitest'
import { createDiskGuard, type DiskParts } from '../../src/ingest/disk.js'
import { diskPollMs, diskRetryAfterSeconds, minFreeBytes } from '../../src/limits.js'
import type { DiskUse } from '../../src/store/disk-use.js'
import { wireBatch, wireEvent } from '../helpers/batches.js'
import { bodyOf, collectorWith, noon } from '../helpers/collector.js'

function guardWith(parts: Partial<DiskParts> = {}) {
  const disk: { use: DiskUse | null; fails: boolean; asked: number; at: number } = {
    use: { usedBytes: 0, freeBytes: 1e12 },
    fails: false,
    asked: 0,
    at: noon,
  }
  const warnings: string[] = []
  const errors: unknown[] = []
  const isFull = createDiskGuard({
    async diskUse() {
      disk.asked++
      if (disk.fails) throw new Error('no such file')
      return disk.use
    },
    maxDatabaseBytes: 1_000_000_000,
    minFreeBytes: 1_000_000,
    now: () => disk.at,
    onWarning: message => warnings.push(message),
    onError: cause => errors.push(cause),
    ...parts,
  })
  /** Asks when it is time to look at the disk again. */
  const nextIsFull = async (use: DiskUse | null): Promise<boolean> => {
    disk.use = use
    disk.at += diskPollMs
    void isFull()
    await new Promise(resolve => setImmediate(resolve))
    return isFull()
  }
  return { isFull, nextIsFull, disk, warnings, errors }
}

describe('the guard of the disk', () => {
  it('is full when the database has reached its limit, and not before', async () => {
    const { isFull, nextIsFull } = guardWith()
    expect(await isFull()).toBe(false)
    expect(await nextIsFull({ usedBytes: 999_999_999, freeBytes: null })).toBe(false)
    expect(await nextIsFull({ usedBytes: 1_000_000_000, freeBytes: null })).toBe(true)
    expect(await nextIsFull({ usedBytes: 500_000_000, freeBytes: null })).toBe(false)
  })

  it('is full when too little is free on the disk, also without a limit', async () => {
    const { nextIsFull } = guardWith({ maxDatabaseBytes: null })
    expect(await nextIsFull({ usedBytes: 1e15, freeBytes: 1_000_000 })).toBe(false)
    expect(await nextIsFull({ usedBytes: 5, freeBytes: 999_999 })).toBe(true)
    expect(await nextIsFull({ usedBytes: 1e15, freeBytes: null })).toBe(false)
  })

  it('knows the size before it answers for the first time', async () => {
    const { isFull, disk } = guardWith()
    disk.use = { usedBytes: 2e9, freeBytes: null }
    expect(await Promise.all([isFull(), isFull()])).toEqual([true, true])
    expect(disk.asked).toBe(1)
  })

  it('asks at most every ten seconds, also when the clock is set back, and answers meanwhile', async () => {
    const { isFull, disk } = guardWith()
    await isFull()
    disk.at += diskPollMs - 1
    expect([isFull(), disk.asked]).toEqual([false, 1])
    disk.at += 1
    expect([isFull(), isFull(), disk.asked]).toEqual([false, false, 2])
    disk.at -= 3_600_000
    expect([isFull(), isFull(), disk.asked]).toEqual([false, false, 3])
  })

  it('warns once at 80 %, once when it is full, and again only after there was room', async () => {
    const { nextIsFull, warnings } = guardWith()
    const sizes = [790, 800, 900, 1000, 1000, 990, 1000, 100, 850, 850]
    const counts: number[] = []
    for (const size of sizes) {
      await nextIsFull({ usedBytes: size * 1_000_000, freeBytes: 5_000_000_000 })
      counts.push(warnings.length)
    }
    expect(counts).toEqual([0, 1, 1, 2, 2, 2, 2, 2, 3, 3])
    expect(warnings.slice(0, 2)).toEqual([
      'the disk is nearly full: the database has 800 MB of 1000 MB; 5000 MB of its disk are free, and 1 MB must be',
      'no batch is taken: the database has 1000 MB of 1000 MB; 5000 MB of its disk are free, and 1 MB must be',
    ])
  })

  it('warns before too little is free', async () => {
    const { nextIsFull, warnings } = guardWith({ maxDatabaseBytes: null })
    await nextIsFull({ usedBytes: 5, freeBytes: 1_300_000 })
    expect(warnings).toEqual([])
    expect(await nextIsFull({ usedBytes: 5, freeBytes: 1_200_000 })).toBe(false)
    expect(warnings).toHaveLength(1)
  })

  it('is not full if the size cannot be told, and says why not', async () => {
    const { isFull, nextIsFull, disk, errors } = guardWith()
    expect(await nextIsFull(null)).toBe(false)
    disk.fails = true
    expect(await nextIsFull({ usedBytes: 2e9, freeBytes: 0 })).toBe(false)
    expect(errors).toEqual([new Error('no such file')])
    disk.fails = false
    disk.at += diskPollMs
    void isFull()
    await new Promise(resolve => setImmediate(resolve))
    expect(isFull()).toBe(true)
  })

  it('is not full if nobody tells the size', () => {
    expect(guardWith({ diskUse: null }).isFull()).toBe(false)
  })
})

describe('a batch', () => {
  it('gets 503 disk-full with Retry-After and CORS headers while the disk is full, and 200 after that', async () => {
    let freeBytes = minFreeBytes - 1
    let at = noon
    const headers = { Origin: 'https://shop.example' }
    const { send, store } = collectorWith({
      origins: [headers.Origin],
      now: () => at,
      diskUse: async () => ({ usedBytes: 1, freeBytes }),
    })
    const response = await send(wireBatch([wireEvent('a')]), { headers })
    expect(response.status).toBe(503)
    expect(response.headers.get('Retry-After')).toBe(String(diskRetryAfterSeconds))
    expect(response.headers.get('Access-Control-Allow-Origin')).toBe(headers.Origin)
    expect(await bodyOf(response)).toMatchObject({ v: 1, error: 'disk-full', retryAfter: diskRetryAfterSeconds })
    expect(await store.of('default').session('session-1')).toBe(null)
    freeBytes++
    at += diskPollMs
    await send(wireBatch([wireEvent('a')]))
    expect((await send(wireBatch([wireEvent('a')]))).status).toBe(200)
  })

  it('with a wrong key does not learn that the disk is full', async () => {
    const { send } = collectorWith({ maxDatabaseBytes: 1, diskUse: async () => ({ usedBytes: 1, freeBytes: null }) })
    expect((await send(wireBatch([]), { key: 'wrong' })).status).toBe(401)
    expect((await send(wireBatch([]))).status).toBe(503)
  })
})
