import { limits } from 'sojourn/record'
import { describe, expect, it } from 'vitest'
import { goldens, wireBatch, wireEvent } from '../helpers/batches.js'
import { bodyOf, collectorWith, noon } from '../helpers/collector.js'

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
      const kept = await Promise.all([...new Set(visitIDs)].map(visitID => store.of('default').events({ visitID })))
      expect(new Set(kept.flat().map(event => event.eventID))).toEqual(new Set(answer.stored))
    })

  it('gets the same answer when it is sent again, and changes nothing', async () => {
    const { send, store } = collectorWith()
    const batch = wireBatch([wireEvent('a'), wireEvent('b')])
    const first = await (await send(batch)).text()
    expect(await (await send(batch)).text()).toBe(first)
    expect(await store.of('default').events({ visitID: 'visit-1' })).toHaveLength(2)
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
    expect(await store.of('default').events({ visitID: 'visit-1' })).toHaveLength(1)
  })

  it('may be empty', async () => {
    const { send } = collectorWith()
    expect((await bodyOf(await send({ v: 1 }))).stored).toEqual([])
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
    expect(await store.of('default').session('session-1')).toBe(null)
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
      expect(response.headers.get('Cross-Origin-Resource-Policy')).toBe('cross-origin')
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

  it('may add headers of its own, as a page does that wraps fetch', async () => {
    const Origin = 'https://shop.example'
    const { app, send } = collectorWith({ origins: [Origin] })
    const allowedFor = async (asked: string, origin = Origin) => {
      const headers = {
        Origin: origin,
        'Access-Control-Request-Method': 'POST',
        'Access-Control-Request-Headers': asked,
      }
      const request = new Request('http://localhost/v1/sessions?key=demo', { method: 'OPTIONS', headers })
      return (await app.fetch(request)).headers.get('Access-Control-Allow-Headers')
    }
    const usual = 'content-type, content-encoding'
    expect(await allowedFor('content-type,traceparent, X-Request-ID')).toBe(`${usual}, traceparent, x-request-id`)
    expect(await allowedFor('authorization')).toBe(`${usual}, authorization`)
    // Only names of headers are repeated, and not more than fifty.
    expect(await allowedFor('a b, *, x:y, "z", ,x-good')).toBe(`${usual}, x-good`)
    expect(await allowedFor('x'.repeat(101))).toBe(usual)
    const many = Array.from({ length: 99 }, (_, n) => `x-${n}`)
    expect((await allowedFor(many.join()))?.split(', ')).toHaveLength(52)
    expect(await allowedFor('traceparent', 'https://evil.example')).toBe(null)
    const headers = { Origin, traceparent: '00-1-2-01', 'X-Request-ID': '7', Authorization: 'Bearer of the page' }
    expect((await send(wireBatch([wireEvent('a')]), { headers })).status).toBe(200)
  })

  it('may be a page of an application or extension, however its origin is written', async () => {
    const origins = ['capacitor://localhost', 'app://-', 'safari-web-extension://0f8fad5b-d9cb']
    const { send } = collectorWith({ origins })
    for (const Origin of [...origins, 'safari-web-extension://0F8FAD5B-D9CB']) {
      const response = await send(wireBatch([wireEvent('a')]), { headers: { Origin } })
      expect([response.status, response.headers.get('Access-Control-Allow-Origin')]).toEqual([200, Origin])
    }
    expect((await send(wireBatch([]), { headers: { Origin: 'capacitor://localhost.evil' } })).status).toBe(403)
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
      'access-control-allow-headers': 'content-type, content-encoding',
      'access-control-max-age': '7200',
      vary: 'Origin, Access-Control-Request-Headers',
    })
    const no = await ask('https://evil.example')
    expect(no.status).toBe(403)
    expect(no.headers.get('Access-Control-Allow-Origin')).toBe(null)
    expect(no.headers.get('Vary')).toBe('Origin')
  })
})
