import { gzipSync } from 'node:zlib'
import { limits } from 'sojourn/record'
import { describe, expect, it } from 'vitest'
import { keptForSmallShare, maxAdmittedBytes, maxWaitingBatches } from '../../src/limits.js'
import { createMemoryStore } from '../../src/store/memory.js'
import { type CollectorStore, DataError } from '../../src/store/store.js'
import { wireBatch, wireEvent } from '../helpers/batches.js'
import { collectorWith, failingStore } from '../helpers/collector.js'

const versions = [1]

describe('an answer', () => {
  it('is sent only after the commit, and one commit stores all waiting batches', async () => {
    const inner = createMemoryStore()
    const merges: number[] = []
    let commit: () => void = () => {}
    const slow: CollectorStore = {
      ...inner,
      async merge(arrivals) {
        merges.push(arrivals.length)
        await new Promise<void>(resolve => (commit = resolve))
        return inner.merge(arrivals)
      },
    }
    const { send } = collectorWith({ store: slow })
    const answered: string[] = []
    const sendOne = async (id: string) => {
      const response = await send(wireBatch([wireEvent(id)]))
      answered.push(`${id}:${response.status}`)
    }
    const all = [sendOne('a')]
    await tick()
    for (const id of ['b', 'c', 'd']) all.push(sendOne(id))
    await tick()
    expect([merges, answered]).toEqual([[1], []])
    commit()
    await tick()
    expect([merges, answered]).toEqual([[1, 3], ['a:200']])
    commit()
    await Promise.all(all)
    expect(answered).toEqual(['a:200', 'b:200', 'c:200', 'd:200'])
    expect(await inner.of('default').events({ visitID: 'visit-1' })).toHaveLength(4)
  })

  it('to a batch that could not be committed is 503 with Retry-After, and acknowledges nothing', async () => {
    const { store } = failingStore(createMemoryStore(), () => new Error('disk full'))
    const { send, errors } = collectorWith({ store })
    const response = await send(wireBatch([wireEvent('a')]))
    expect(response.status).toBe(503)
    expect(response.headers.get('Retry-After')).toBe('10')
    expect(await response.json()).toEqual({
      v: 1,
      versions,
      error: 'store-failed',
      message: expect.any(String),
      retryAfter: 10,
    })
    expect(errors).toEqual([new Error('disk full')])
  })

  it('to good batches is 200 although one batch of the group cannot be stored', async () => {
    const { store, merges } = failingStore(
      createMemoryStore(),
      ids => ids.includes('bad') && new DataError('cannot be stored'),
    )
    const { send } = collectorWith({ store })
    const responses = await Promise.all(['a', 'bad', 'b'].map(id => send(wireBatch([wireEvent(id)]))))
    expect(responses.map(({ status }) => status)).toEqual([200, 503, 200])
    expect(merges).toEqual([['a', 'bad', 'b'], ['a', 'bad'], ['a'], ['bad'], ['b']])
    expect((await store.of('default').events({ visitID: 'visit-1' })).map(({ eventID }) => eventID)).toEqual(['a', 'b'])
  })

  it('to good batches is 200 although another makes a text that is too long for the store', async () => {
    const { store } = failingStore(createMemoryStore(), ids => ids.includes('long') && new RangeError('string length'))
    const { send } = collectorWith({ store })
    const responses = await Promise.all(['a', 'long', 'b'].map(id => send(wireBatch([wireEvent(id)]))))
    expect(responses.map(({ status }) => status)).toEqual([200, 503, 200])
  })

  it('is 503 for the whole group if the store fails, and the store is called once', async () => {
    const { store, merges } = failingStore(createMemoryStore(), () => new Error('disk full'))
    const { send } = collectorWith({ store })
    const responses = await Promise.all(['a', 'b', 'c'].map(id => send(wireBatch([wireEvent(id)]))))
    expect(responses.map(({ status }) => status)).toEqual([503, 503, 503])
    expect(merges).toHaveLength(1)
  })

  it('is 503 before a large body is read while there is room for small ones only, and 200 after other answers', async () => {
    let commit: () => void = () => {}
    const inner = createMemoryStore()
    const slow: CollectorStore = {
      ...inner,
      merge: async arrivals => {
        await new Promise<void>(resolve => (commit = resolve))
        return inner.merge(arrivals)
      },
    }
    const { send } = collectorWith({ store: slow })
    // Each body is a few hundred bytes. The unzipped bytes count, because they stay in memory until the commit.
    const large = (id: string) => {
      const text = JSON.stringify(wireBatch([wireEvent(id)]))
      return gzipSync(text.padEnd(limits.maxBodyBytes))
    }
    const most = Math.floor((maxAdmittedBytes * (1 - keptForSmallShare)) / limits.maxBodyBytes)
    const taken = Array.from({ length: most }, (_, n) => send(large(`${n}`)))
    const small = send(wireBatch([wireEvent('small')]))
    await tick()
    expect((await send(large('unzips to too much'))).status).toBe(503)
    let isRead = false
    const unread = new ReadableStream({ pull: () => void (isRead = true) }, { highWaterMark: 0 })
    const headers = { 'Content-Length': '20000' }
    const response = await send(unread, { duplex: 'half', headers } as RequestInit)
    expect([response.status, isRead]).toEqual([503, false])
    expect(await response.json()).toMatchObject({ error: 'busy', retryAfter: 2 })
    const all = Promise.all([small, ...taken]).then(() => 'all')
    while ((await Promise.race([all, tick()])) !== 'all') commit()
    expect((await small).status).toBe(200)
    expect((await Promise.all(taken)).map(({ status }) => status)).toEqual(taken.map(() => 200))
    const again = send(wireBatch([wireEvent('once more')]))
    await tick()
    commit()
    expect((await again).status).toBe(200)
  })

  it('is 503 at once while too many batches wait', async () => {
    const never: CollectorStore = { ...createMemoryStore(), merge: () => new Promise(() => {}) }
    const { send } = collectorWith({ store: never })
    void send(wireBatch([wireEvent('in the commit')]))
    await tick()
    for (let n = 0; n < maxWaitingBatches; n++) void send(wireBatch([wireEvent(`waiting ${n}`)]))
    await tick()
    const response = await send(wireBatch([wireEvent('one more')]))
    expect(response.status).toBe(503)
    expect(await response.json()).toMatchObject({ error: 'busy', retryAfter: 2 })
  })
})

async function tick(): Promise<void> {
  for (let n = 0; n < 20; n++) await new Promise(resolve => setImmediate(resolve))
}
