import { gzipSync } from 'node:zlib'
import { limits } from 'sojourn/record'
import { describe, expect, it } from 'vitest'
import { maxAdmittedBytes, maxWaitingBatches } from '../src/limits.js'
import { createMemoryStore } from '../src/store/memory.js'
import { type CollectorStore, DataError } from '../src/store/store.js'
import { goldens, wireBatch, wireEvent } from './helpers/batches.js'
import { bodyOf, collectorWith, failingStore, noon } from './helpers/collector.js'

const published = {
  maxBytes: limits.maxBodyBytes,
  maxRecords: limits.maxBodyRecords,
  maxRecordBytes: limits.maxRecordBytes,
}
const versions = [1]

describe('a batch', () => {
  for (const { name, about, batch, answer } of goldens)
    it(`is answered as the golden batch ${name} says: ${about}`, async () => {
      const { send, store } = collectorWith()
      const response = await send(batch)
      expect(response.status).toBe(200)
      expect(await response.json()).toEqual({ v: 1, versions, now: noon, ...answer, gone: [], limits: published })
      const visitIDs = [...(batch.visits ?? []), ...batch.sessions].map(({ visitID }) => visitID)
      const kept = await Promise.all([...new Set(visitIDs)].map(visitID => store.events({ visitID })))
      expect(new Set(kept.flat().map(event => event.eventID))).toEqual(new Set(answer.stored))
    })

  it('gets the same answer when it is sent again, and changes nothing', async () => {
    const { send, store } = collectorWith()
    const batch = wireBatch([wireEvent('a'), wireEvent('b')])
    const first = await (await send(batch)).text()
    expect(await (await send(batch)).text()).toBe(first)
    expect(await store.events({ visitID: 'visit-1' })).toHaveLength(2)
  })

  it('has each id named once in its answer, and as stored if one copy is good', async () => {
    const { send } = collectorWith()
    const answer = await (await send(wireBatch([wireEvent('a'), wireEvent('a'), wireEvent('a', { seq: -1 })]))).json()
    expect(answer).toMatchObject({ stored: ['a'], refused: [] })
  })

  it('has its good records stored although others are too large, too deep or without an id', async () => {
    const { send, store } = collectorWith()
    const deep = `${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`
    const events = [
      wireEvent('big', { data: { text: 'x'.repeat(limits.maxRecordBytes) } }),
      wireEvent('deep', { data: 'DEEP' }),
      wireEvent(''),
      wireEvent('half \ud800 a pair'),
      wireEvent('good'),
    ]
    const body = JSON.stringify(wireBatch(events)).replace('"DEEP"', deep)
    expect(await (await send(body)).json()).toMatchObject({
      stored: ['good'],
      refused: [
        ['big', 'too-large'],
        ['deep', 'data-invalid'],
        ['', 'id-invalid'],
        ['', 'id-invalid'],
      ],
    })
    expect(await store.events({ visitID: 'visit-1' })).toHaveLength(1)
  })

  it('may be empty', async () => {
    const { send } = collectorWith()
    expect((await bodyOf(await send({ v: 1 }))).stored).toEqual([])
  })
})

describe('a body', () => {
  const batch = JSON.stringify(wireBatch([wireEvent('a', { data: { text: 'x'.repeat(2000) } })]))

  it('may be gzipped, and is recognized by its first bytes whatever the headers are', async () => {
    const { send } = collectorWith()
    for (const headers of [
      { 'Content-Type': 'text/plain;charset=UTF-8' },
      { 'Content-Type': 'application/json', 'Content-Encoding': 'gzip' },
      { 'Content-Type': 'image/png' },
    ])
      expect(await (await send(gzipSync(batch), { headers })).json()).toMatchObject({ stored: ['a'] })
    const unzippedOnTheWay = await send(batch, { headers: { 'Content-Encoding': 'gzip' } })
    expect(unzippedOnTheWay.status).toBe(200)
  })

  for (const [about, body] of [
    ['is not JSON', 'hello'],
    ['is empty', ''],
    ['is a list', '[]'],
    ['is cut off', batch.slice(0, 100)],
    ['is gzip cut off', gzipSync(batch).subarray(0, 60)],
    ['is not UTF-8', Buffer.from([0x7b, 0xff, 0x7d])],
    ['has sessions that are not a list', '{"v":1,"sessions":{}}'],
    ['is nested 500 000 levels deep', '['.repeat(500_000)],
  ] as const)
    it(`that ${about} is malformed`, async () => {
      const response = await collectorWith().send(body)
      expect(response.status).toBe(400)
      expect(await response.json()).toEqual({ v: 1, versions, error: 'malformed', message: expect.any(String) })
    })

  it('of an unknown version gets the error unknown-version', async () => {
    const response = await collectorWith().send({ ...wireBatch([wireEvent('a')]), v: 2 })
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({ v: 1, versions, error: 'unknown-version' })
  })

  const tooLarge = { v: 1, versions, error: 'too-large', message: expect.any(String), ...published }
  for (const [about, body] of [
    ['declares its length', () => 'x'.repeat(limits.maxBodyBytes + 1)],
    ['arrives in chunks', () => endless('x'.repeat(1000))],
    ['is small but unzips to more', () => gzipSync(' '.repeat(limits.maxBodyBytes + 1))],
    ['is a gzip bomb', () => gzipSync(Buffer.alloc(300_000_000))],
  ] as const)
    it(`above the limit is not read to its end when it ${about}`, async () => {
      const given = body()
      const before = process.memoryUsage().arrayBuffers
      const response = await collectorWith().send(given, { duplex: 'half' } as RequestInit)
      expect(response.status).toBe(413)
      expect(await response.json()).toEqual(tooLarge)
      expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(50_000_000)
    })

  it('is taken if its size is exactly the limit', async () => {
    const { send } = collectorWith()
    const text = JSON.stringify(wireBatch([wireEvent('a')]))
    const full = text + ' '.repeat(limits.maxBodyBytes - text.length)
    expect((await send(full)).status).toBe(200)
    expect((await send(gzipSync(full))).status).toBe(200)
    expect((await send(`${full} `)).status).toBe(413)
  })

  it('with too many records gets an error reply with the limit', async () => {
    const { send, store } = collectorWith()
    const events = Array.from({ length: limits.maxBodyRecords + 1 }, (_, n) => wireEvent(`e${n}`))
    const response = await send(wireBatch(events))
    expect(response.status).toBe(413)
    expect(await response.json()).toEqual({ ...tooLarge, error: 'too-many-records' })
    expect(await store.session('session-1')).toBe(null)
    expect((await send(wireBatch(events.slice(1)))).status).toBe(200)
  })
})

describe('a sender', () => {
  it('with a wrong key gets 401', async () => {
    const { send, store } = collectorWith({ keys: ['one', 'two'] })
    for (const key of ['', 'three', 'one%20', 'on']) {
      const response = await send(wireBatch([wireEvent('a')]), { key })
      expect(response.status).toBe(401)
      expect(await response.json()).toMatchObject({ v: 1, error: 'wrong-key' })
    }
    expect(await store.session('session-1')).toBe(null)
    expect((await send(wireBatch([wireEvent('a')]), { key: 'two' })).status).toBe(200)
  })

  it('may use any plain key if none is set, on loopback', async () => {
    const { send } = collectorWith({ keys: [] })
    expect((await send(wireBatch([wireEvent('a')]), { key: 'Any_key-1.0' })).status).toBe(200)
    for (const key of ['', 'x'.repeat(101), 'a%20b', '%C3%A4'])
      expect((await send(wireBatch([wireEvent('a')]), { key })).status).toBe(401)
  })

  it('on a page of an unknown origin gets 403 without CORS headers', async () => {
    const { send } = collectorWith({ origins: ['https://shop.example', 'null'] })
    for (const Origin of [
      'https://evil.example',
      'http://shop.example',
      'https://shop.example:8443',
      'null',
      'http://localhost:3000',
    ]) {
      const response = await send(wireBatch([wireEvent('a')]), { headers: { Origin } })
      expect(response.status).toBe(403)
      expect(await response.json()).toMatchObject({ v: 1, error: 'unknown-origin' })
      expect(response.headers.get('Access-Control-Allow-Origin')).toBe(null)
      expect(response.headers.get('Vary')).toBe('Origin')
    }
  })

  it('on a page of an allowed origin may read every reply, without credentials', async () => {
    const { send } = collectorWith({ origins: ['https://shop.example'] })
    const headers = { Origin: 'https://shop.example' }
    for (const response of [
      await send(wireBatch([wireEvent('a')]), { headers }),
      await send('hello', { headers }),
      await send('hello', { headers, key: 'wrong' }),
    ]) {
      expect(response.headers.get('Access-Control-Allow-Origin')).toBe('https://shop.example')
      expect(response.headers.get('Access-Control-Expose-Headers')).toBe('Retry-After')
      expect(response.headers.get('Access-Control-Allow-Credentials')).toBe(null)
      expect(response.headers.get('Vary')).toBe('Origin')
    }
  })

  it('on a page of this machine may send to a collector on loopback without origins, and other pages may not', async () => {
    const { send } = collectorWith()
    const statusOf = async (Origin: string) => (await send(wireBatch([wireEvent('a')]), { headers: { Origin } })).status
    for (const origin of [
      'http://localhost',
      'https://localhost:3000',
      'http://shop.localhost',
      'http://127.0.0.1:8080',
      'http://127.1.2.3',
      'http://[::1]:3000',
    ])
      expect([origin, await statusOf(origin)]).toEqual([origin, 200])
    for (const origin of [
      'null',
      'file://',
      'https://shop.example',
      'http://localhost/path',
      'http://localhost.evil.example',
      'http://127.0.0.1.evil.example',
      'http://evil.example/http://localhost',
    ])
      expect([origin, await statusOf(origin)]).toEqual([origin, 403])
  })

  it('that is not a page needs no origin', async () => {
    const { send } = collectorWith({ origins: ['https://shop.example'], isLoopback: false, readToken: 'secret' })
    expect((await send(wireBatch([wireEvent('a')]))).status).toBe(200)
  })

  it('gets a preflight answered if its origin is allowed', async () => {
    const { app } = collectorWith({ origins: ['https://shop.example'] })
    const ask = (Origin: string) =>
      app.fetch(
        new Request('http://localhost/v1/sessions?key=demo', {
          method: 'OPTIONS',
          headers: {
            Origin,
            'Access-Control-Request-Method': 'POST',
            'Access-Control-Request-Headers': 'content-encoding',
          },
        }),
      )
    const yes = await ask('https://shop.example')
    expect(yes.status).toBe(204)
    expect(Object.fromEntries(yes.headers)).toMatchObject({
      'access-control-allow-origin': 'https://shop.example',
      'access-control-allow-methods': 'POST',
      'access-control-allow-headers': 'Content-Type, Content-Encoding',
      'access-control-max-age': '7200',
      vary: 'Origin',
    })
    const no = await ask('https://evil.example')
    expect(no.status).toBe(403)
    expect(no.headers.get('Access-Control-Allow-Origin')).toBe(null)
    expect(no.headers.get('Vary')).toBe('Origin')
  })
})

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
        await inner.merge(arrivals)
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
    expect(await inner.events({ visitID: 'visit-1' })).toHaveLength(4)
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
    expect((await store.events({ visitID: 'visit-1' })).map(({ eventID }) => eventID)).toEqual(['a', 'b'])
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

  it('is 503 before the body is read while the admission budget is used up, and 200 after other answers', async () => {
    let commit: () => void = () => {}
    const inner = createMemoryStore()
    const slow: CollectorStore = {
      ...inner,
      merge: async arrivals => {
        await new Promise<void>(resolve => (commit = resolve))
        await inner.merge(arrivals)
      },
    }
    const { send } = collectorWith({ store: slow })
    // Each body is a few hundred bytes. The unzipped bytes count, because they stay in memory until the commit.
    const large = (id: string) => {
      const text = JSON.stringify(wireBatch([wireEvent(id)]))
      return gzipSync(text.padEnd(limits.maxBodyBytes))
    }
    const most = Math.floor(maxAdmittedBytes / limits.maxBodyBytes)
    const taken = Array.from({ length: most }, (_, n) => send(large(`${n}`)))
    await tick()
    expect((await send(large('unzips to too much'))).status).toBe(503)
    let isRead = false
    const unread = new ReadableStream({ pull: () => void (isRead = true) }, { highWaterMark: 0 })
    const response = await send(unread, { duplex: 'half' } as RequestInit)
    expect([response.status, isRead]).toEqual([503, false])
    expect(await response.json()).toMatchObject({ error: 'busy', retryAfter: 2 })
    commit()
    await tick()
    commit()
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

function endless(text: string): ReadableStream {
  return new ReadableStream({ pull: controller => controller.enqueue(new TextEncoder().encode(text)) })
}
