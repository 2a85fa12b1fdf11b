import { gunzipSync } from 'node:zlib'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { maxExitBytes, minGzipBytes, requestTimeoutMs, retryAfterMaxMs } from '../../src/record/limits.js'
import { createFetch } from '../../src/transport/fetch.js'
import type { Transport } from '../../src/transport/transport.js'
import { start } from '../helpers/clock.js'

interface Sent {
  readonly url: string
  readonly init: RequestInit
}

/** A page’s transport over a network that answers as told. */
function fetchWith(answer: (sent: Sent) => Response | Promise<Response>): { transport: Transport; sent: Sent[] } {
  const sent: Sent[] = []
  vi.stubGlobal('self', globalThis)
  vi.stubGlobal('fetch', async (url: string, init: RequestInit) => {
    sent.push({ url, init })
    return answer({ url, init })
  })
  return { transport: createFetch('https://collector.example', 'my-key', () => start), sent }
}

const answering = (body: string, init: ResponseInit = {}) => fetchWith(() => new Response(body, init)).transport
const never = (): AbortSignal => new AbortController().signal
const headersOf = ({ init }: Sent): Headers => new Headers(init.headers)

/** Never answers, as a request that hangs; fails when it is stopped. */
const hanging = ({ init }: Sent): Promise<Response> =>
  new Promise((_resolve, reject) => {
    const stop = (): void => reject(init.signal?.reason)
    if (init.signal?.aborted) stop()
    init.signal?.addEventListener('abort', stop)
  })

afterEach(() => {
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

describe('a request', () => {
  it('is a simple one: no preflight, no cookies', async () => {
    const { transport, sent } = fetchWith(() => new Response('{"v":1,"stored":[]}'))
    await transport.send('{}', never())
    expect(sent).toMatchObject([
      {
        url: 'https://collector.example/v1/sessions?key=my-key',
        init: { method: 'POST', credentials: 'omit', body: '{}' },
      },
    ])
    expect([...headersOf(sent[0]!)]).toEqual([['content-type', 'text/plain;charset=UTF-8']])
  })

  it('is gzipped over 1 KB, and still text/plain', async () => {
    const { transport, sent } = fetchWith(() => new Response('{"v":1,"stored":[]}'))
    const body = JSON.stringify({ text: 'größer '.repeat(300) })
    await transport.send(body, never())
    const bytes = new Uint8Array(await new Response(sent[0]?.init.body).arrayBuffer())
    expect(bytes.slice(0, 2)).toEqual(new Uint8Array([0x1f, 0x8b]))
    expect(bytes.length).toBeLessThan(body.length)
    expect(gunzipSync(bytes).toString('utf8')).toBe(body)
    expect(headersOf(sent[0]!).get('content-type')).toBe('text/plain;charset=UTF-8')
    expect(headersOf(sent[0]!).has('content-encoding')).toBe(false)
  })

  it('is plain once the collector could not read one: a proxy may take what is zipped for text', async () => {
    const { transport, sent } = fetchWith(
      () => new Response('{"v":1,"error":"malformed","message":"not gzip"}', { status: 400 }),
    )
    const body = 'x'.repeat(5000)
    await transport.send(body, never())
    await transport.send(body, never())
    expect(sent.map(({ init }) => init.body === body)).toEqual([false, true])
  })

  it('is plain where the browser cannot gzip', async () => {
    vi.stubGlobal('CompressionStream', undefined)
    Reflect.deleteProperty(globalThis, 'CompressionStream')
    const { transport, sent } = fetchWith(() => new Response('{"v":1,"stored":[]}'))
    const body = 'x'.repeat(5000)
    await transport.send(body, never())
    expect(sent[0]?.init.body).toBe(body)
  })
})

describe('keepalive', () => {
  const answer = (): Response => new Response('{"v":1,"stored":[]}')
  /** Noise, which gzip cannot make smaller. */
  const noise = (chars: number): string => {
    let text = ''
    for (let seed = 1; text.length < chars; seed = (seed * 48_271) % 2_147_483_647) text += seed.toString(36)
    return text.slice(0, chars)
  }

  it('is used for a request, so that it outlives the page', async () => {
    const { transport, sent } = fetchWith(answer)
    await transport.send('{}', never())
    expect(sent[0]?.init.keepalive).toBe(true)
  })

  it('is not used where the request is too large for what browsers allow', async () => {
    const { transport, sent } = fetchWith(answer)
    await transport.send(noise(4 * maxExitBytes), never())
    expect(sent[0]?.init.keepalive).toBe(false)
  })

  it('is weighed by the bytes that are sent, so gzip makes room', async () => {
    const { transport, sent } = fetchWith(answer)
    await transport.send('x'.repeat(4 * maxExitBytes), never())
    expect(sent[0]?.init.keepalive).toBe(true)
  })

  it('has room for what the requests under way leave, and all of it when they are done', async () => {
    const finish: (() => void)[] = []
    const { transport } = fetchWith(() => new Promise(resolve => finish.push(() => resolve(answer()))))
    expect(transport.room()).toBe(maxExitBytes)
    const body = 'x'.repeat(minGzipBytes - 1)
    const sending = transport.send(body, never())
    await vi.waitFor(() => expect(transport.room()).toBe(maxExitBytes - body.length))
    transport.copy('日')
    expect(transport.room()).toBe(maxExitBytes - body.length - 3)
    for (const one of finish) one()
    await sending
    await vi.waitFor(() => expect(transport.room()).toBe(maxExitBytes))
  })

  it('has its room back after a failure', async () => {
    const { transport } = fetchWith(() => Promise.reject(new TypeError('no network')))
    await transport.send('{}', never())
    expect(transport.room()).toBe(maxExitBytes)
  })

  it('is not used by the request after one that failed with it, because the page may have used it up', async () => {
    let isDown = true
    const { transport, sent } = fetchWith(() => (isDown ? Promise.reject(new TypeError('no')) : answer()))
    await transport.send('{}', never())
    isDown = false
    await transport.send('{}', never())
    await transport.send('{}', never())
    expect(sent.map(({ init }) => init.keepalive)).toEqual([true, false, true])
  })

  it('is not used where the browser has none', async () => {
    const { transport, sent } = fetchWith(answer)
    vi.stubGlobal('Request', function Request() {})
    await transport.send('{}', never())
    expect(sent[0]?.init.keepalive).toBe(false)
  })

  it('lets a request arrive although its right to send is taken away', async () => {
    const { transport, sent } = fetchWith(async () => answer())
    const stop = new AbortController()
    const sending = transport.send('{}', stop.signal)
    await vi.waitFor(() => expect(sent).toHaveLength(1))
    stop.abort()
    expect(sent[0]?.init.signal?.aborted).toBe(false)
    await sending
  })
})

describe('gzip', () => {
  it('reads no Blob as a stream, because WebKit writes to the console if the page leaves meanwhile', async () => {
    const stream = vi.spyOn(Blob.prototype, 'stream')
    const { transport, sent } = fetchWith(() => new Response('{"v":1,"stored":[]}'))
    await transport.send('x'.repeat(5000), never())
    expect(sent[0]?.init.body).toBeInstanceOf(Uint8Array)
    expect(stream).not.toHaveBeenCalled()
    stream.mockRestore()
  })
})

describe('what becomes of it', () => {
  it('is answered where the collector names what it has', async () => {
    const outcome = await answering('{"v":1,"stored":["a"],"refused":[["b","x"]],"gone":["c"]}').send('{}', never())
    expect(outcome).toEqual({ is: 'answered', answer: { stored: ['a'], refused: [['b', 'x']], gone: ['c'] } })
  })

  it.each([['<html>Welcome</html>'], [''], ['{"ok":true}'], ['{"v":2,"stored":["a"]}']])(
    'is unknown where a 200 bears %j',
    async body => {
      expect(await answering(body).send('{}', never())).toMatchObject({ is: 'unknown' })
    },
  )

  it.each([
    [400, { is: 'unknown', cause: 400 }],
    [413, { is: 'too-large', isForeign: false }],
    [401, { is: 'rejected', status: 401 }],
    [403, { is: 'rejected', status: 403 }],
    [404, { is: 'rejected', status: 404 }],
    [429, { is: 'later', status: 429, retryAfterMs: 0 }],
    [503, { is: 'later', status: 503, retryAfterMs: 0 }],
    [500, { is: 'unknown', cause: 500 }],
    [502, { is: 'unknown', cause: 502 }],
    [201, { is: 'unknown', cause: 201 }],
    [202, { is: 'unknown', cause: 202 }],
  ])('at status %i is told as it is', async (status, outcome) => {
    expect(await answering('{"v":1,"stored":["a"]}', { status }).send('{}', never())).toEqual(outcome)
  })

  it('is malformed at a 400 that says so in the collector’s words, and unknown at one of another version', async () => {
    const saying = (error: string) => answering(`{"v":1,"error":"${error}","message":"no"}`, { status: 400 })
    expect(await saying('malformed').send('{}', never())).toEqual({ is: 'malformed' })
    expect(await saying('unknown-version').send('{}', never())).toEqual({ is: 'unknown', cause: 400 })
  })

  it('is too large in a proxy’s words where the body is not the collector’s', async () => {
    const outcome = await answering('<h1>Request Entity Too Large</h1>', { status: 413 }).send('{}', never())
    expect(outcome).toEqual({ is: 'too-large', isForeign: true })
  })

  it('is unknown at a 400 that is not in the collector’s words: a proxy must not cost a record', async () => {
    expect(await answering('<h1>Bad Request</h1>', { status: 400 }).send('{}', never())).toMatchObject({
      is: 'unknown',
    })
  })

  it('is unknown at 204, which names nothing', async () => {
    const { transport } = fetchWith(() => new Response(null, { status: 204 }))
    expect(await transport.send('{}', never())).toMatchObject({ is: 'unknown' })
  })

  const date = (ms: number): string => new Date(start + ms).toUTCString()
  it.each([
    ['in seconds', { 'Retry-After': '120' }, '', 120_000],
    ['as a date', { 'Retry-After': date(90_000) }, '', 90_000],
    ['as a date that is past', { 'Retry-After': date(-90_000) }, '', 0],
    ['in the body, where a proxy hides the header', {}, '{"v":1,"error":"busy","retryAfter":30}', 30_000],
    ['in the body, written with spaces', {}, '{ "v": 1, "retryAfter": 30 }', 30_000],
    ['in the header before the body', { 'Retry-After': '7' }, '{"retryAfter":30}', 7000],
    ['as nonsense', { 'Retry-After': 'soon' }, '', 0],
    ['not at all', {}, '', 0],
    ['for years', { 'Retry-After': '99999999' }, '', retryAfterMaxMs],
    ['for less than nothing', { 'Retry-After': '-5' }, '', 0],
  ])('is for later %s', async (_what, headers, body, retryAfterMs) => {
    for (const status of [429, 503])
      expect(await answering(body, { status, headers: headers as HeadersInit }).send('{}', never())).toEqual({
        is: 'later',
        status,
        retryAfterMs,
      })
  })

  it('is unknown where there is no network', async () => {
    const cause = new TypeError('Failed to fetch')
    const { transport } = fetchWith(() => Promise.reject(cause))
    expect(await transport.send('{}', never())).toEqual({ is: 'unknown', cause })
  })

  it('is unknown where the answer breaks off', async () => {
    const broken = new ReadableStream({ start: controller => controller.error(new TypeError('reset')) })
    const { transport } = fetchWith(() => new Response(broken))
    expect(await transport.send('{}', never())).toMatchObject({ is: 'unknown' })
  })

  it('is unknown after requestTimeoutMs without an answer', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const { transport, sent } = fetchWith(hanging)
    let isDone = false
    const sending = transport.send('{}', never()).then(outcome => {
      isDone = true
      return outcome
    })
    await vi.advanceTimersByTimeAsync(requestTimeoutMs - 1)
    expect(isDone).toBe(false)
    await vi.advanceTimersByTimeAsync(1)
    expect(await sending).toMatchObject({ is: 'unknown' })
    expect(sent[0]?.init.signal?.aborted).toBe(true)
  })

  it('leaves no timer behind', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    await answering('{"v":1,"stored":[]}').send('{}', never())
    expect(vi.getTimerCount()).toBe(0)
  })

  it('is unknown at once when it is stopped, without keepalive', async () => {
    const { transport } = fetchWith(hanging)
    vi.stubGlobal('Request', function Request() {})
    const stop = new AbortController()
    const sending = transport.send('{}', stop.signal)
    await new Promise(resolve => setImmediate(resolve))
    stop.abort()
    expect(await sending).toMatchObject({ is: 'unknown' })
  })

  it('is unknown at once when it was stopped before', async () => {
    const { transport } = fetchWith(hanging)
    expect(await transport.send('{}', AbortSignal.abort())).toMatchObject({ is: 'unknown' })
  }, 1000)
})

describe('a copy from a closing page', () => {
  it('outlives the page, plain, and is not waited for', () => {
    const { transport, sent } = fetchWith(hanging)
    const body = 'x'.repeat(5000)
    expect(transport.copy(body)).toBe(true)
    expect(sent).toMatchObject([{ init: { method: 'POST', keepalive: true, body, credentials: 'omit' } }])
    expect(headersOf(sent[0]!).get('content-type')).toBe('text/plain;charset=UTF-8')
  })

  it('does not tell anybody that it failed', async () => {
    const { transport } = fetchWith(() => Promise.reject(new TypeError('too much in flight')))
    expect(transport.copy('{}')).toBe(true)
    await new Promise(resolve => setImmediate(resolve))
  })

  it.each([true, false])(
    'goes by beacon where there is no keepalive, and tells whether it was taken: %s',
    async isTaken => {
      const beacons: [string, Blob][] = []
      const { transport, sent } = fetchWith(hanging)
      vi.stubGlobal('Request', function Request() {})
      vi.stubGlobal('navigator', {
        sendBeacon(url: string, body: Blob) {
          beacons.push([url, body])
          return isTaken
        },
      })
      expect(transport.copy('{"v":1}')).toBe(isTaken)
      expect(sent).toEqual([])
      expect(beacons[0]?.[0]).toBe('https://collector.example/v1/sessions?key=my-key')
      expect(beacons[0]?.[1].type.toLowerCase()).toBe('text/plain;charset=utf-8')
      expect(await beacons[0]?.[1].text()).toBe('{"v":1}')
    },
  )
})
