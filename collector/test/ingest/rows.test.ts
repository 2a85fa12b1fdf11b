import { gzipSync } from 'node:zlib'
import { limits } from 'sojourn/record'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createGroupCommit } from '../../src/ingest/commit.js'
import { maxGroupRows } from '../../src/limits.js'
import { createMemoryStore } from '../../src/store/memory.js'
import type { CollectorStore } from '../../src/store/store.js'
import { serve } from '../../src/web/server.js'
import { arrive } from '../helpers/arrivals.js'
import { wireBatch, wireEvent } from '../helpers/batches.js'
import { bodyOf, collectorWith, failingStore, noon } from '../helpers/collector.js'
import { postSlowly } from '../helpers/slow.js'

/** So many writers. 63,000 of them are 500 KB of JSON, and 140 KB of gzip. */
function makeBomb(writers: number) {
  const written = Object.fromEntries(Array.from({ length: writers }, (_, n) => [n.toString(36), 1]))
  return gzipSync(JSON.stringify({ v: 1, visits: [{ visitID: 'v', startDate: noon, written }] }))
}

describe('a batch of many rows', () => {
  it('is refused before anything is made of it', async () => {
    const { store, merges } = failingStore(createMemoryStore(), () => false)
    const { send } = collectorWith({ store })
    const bomb = makeBomb(63_000)
    expect(bomb.length).toBeLessThan(150_000)
    const response = await send(bomb)
    expect(response.status).toBe(413)
    expect(await bodyOf(response)).toEqual({
      v: 1,
      versions: [1],
      error: 'too-many-records',
      message: expect.stringContaining(String(limits.maxBodyRows)),
      maxBytes: limits.maxBodyBytes,
      maxRecords: limits.maxBodyRecords,
      maxRecordBytes: limits.maxRecordBytes,
    })
    expect(merges).toEqual([])
  })

  it('does not hold up an innocent client, whose small batch is answered before others like it', async () => {
    const { send } = collectorWith()
    const bomb = makeBomb(10_000)
    const answered: string[] = []
    const sendAs = async (who: string, body: Parameters<typeof send>[0]) => {
      const { status } = await send(body)
      answered.push(`${who}:${status}`)
    }
    const all = Array.from({ length: 20 }, () => sendAs('bomb', bomb))
    all.push(sendAs('innocent', wireBatch([wireEvent('a')])))
    await Promise.all(all)
    expect(answered).toHaveLength(21)
    expect(answered.filter(one => one === 'bomb:413')).toHaveLength(20)
    expect(answered.slice(0, 4)).toContain('innocent:200')
  })
})

describe('many batches of many rows', () => {
  it('do not hold up an innocent client that connects after them', async () => {
    const { app } = collectorWith()
    const { url, stop } = await serve(app, { host: '127.0.0.1', port: 0 })
    onTestFinished(stop)
    const bomb = makeBomb(10_000)
    const answered: string[] = []
    const post = async (who: string, body: Uint8Array | string) => {
      const request = postSlowly(url, body.length, body)
      answered.push(`${who}:${await request.status}`)
      request.socket.destroy()
    }
    const all = Array.from({ length: 20 }, () => post('bomb', bomb))
    all.push(post('innocent', JSON.stringify(wireBatch([wireEvent('a')]))))
    await Promise.all(all)
    expect(answered.filter(one => one === 'bomb:413')).toHaveLength(20)
    expect(answered.slice(0, 10)).toContain('innocent:200')
  })
})

describe('a transaction', () => {
  const list = (count: number, make: (n: number) => object) => Array.from({ length: count }, (_, n) => make(n))
  const counts = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, n) => [`writer-${n}`.padEnd(21, 'x'), 1]))
  const visit = { visitID: 'v', startDate: noon }
  const rows = 2000

  it.each([
    ['visits', { visits: list(rows, n => ({ ...visit, visitID: `v${n}` })) }],
    ['pages', { visits: [{ ...visit, pages: list(rows - 1, n => ({ pageID: `p${n}` })) }] }],
    ['writers', { visits: [{ ...visit, written: counts(rows - 1) }] }],
    [
      'refused records',
      { visits: [{ ...visit, dropped: counts(rows / 2), events: list(rows / 2 - 1, () => ({ eventID: 'bad' })) }] },
    ],
    // A session makes a row of its identity too.
    [
      'sessions',
      {
        visits: [visit],
        sessions: list(rows / 2 - 1, n => ({ ...visit, sessionID: `s${n}`, identityId: 'anna' })),
      },
    ],
  ])('takes batches until they hold so many rows, although they are %s', async (_, batch) => {
    const groups: number[] = []
    const merge: CollectorStore['merge'] = async arrivals => {
      groups.push(arrivals.length)
      return arrivals.map(() => [])
    }
    const commit = createGroupCommit({ lanes: 1, merge }, () => undefined)
    const most = maxGroupRows / rows
    const arrival = arrive({ v: 1, ...batch })
    await Promise.all(Array.from({ length: 2 * most }, () => commit(arrival)))
    expect(groups).toEqual([most, most])
  })
})
