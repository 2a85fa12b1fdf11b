import { gunzipSync } from 'node:zlib'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { later } from '../../src/browser/clock.js'
import { maxExitBytes, minGzipBytes, requestTimeoutMs, retryAfterMaxMs } from '../../src/record/limits.js'
import { createFetch } from '../../src/transport/fetch.js'
import type { Transport } from '../../src/transport/transport.js'
import { start } from '../helpers/clock.js'
import { waitFor } from '../helpers/wait.js'

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
  return { transport: createFetch('https://collector.example', 'my-key', () => start, later), sent }
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
    await waitFor(() => expect(transport.room()).toBe(maxExitBytes - body.length))
    transport.copy('日')
    expect(transport.room()).toBe(maxExitBytes - body.length - 3)
    for (const one of finish) one()
    await sending
    await waitFor(() => expect(transport.room()).toBe(maxExitBytes))
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
    await waitFor(() => expect(sent).toHaveLength(1))
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

  it('goes on with keepalive when the page leaves, and is stopped when recording is denied', async () => {
    for (const isDenied of [undefined, true]) {
      const { transport, sent } = fetchWith(hanging)
      const stop = new AbortController()
      void transport.send('{}', stop.signal)
      await new Promise(resolve => setImmediate(resolve))
      stop.abort(isDenied)
      expect(sent[0]?.init.keepalive).toBe(true)
      expect(sent[0]?.init.signal?.aborted).toBe(isDenied === true)
    }
  })

  it('is unknown at once when it was stopped before', async () => {
    const { transport } = fetchWith(hanging)
    expect(await transport.send('{}', AbortSignal.abort())).toMatchObject({ is: 'unknown' })
  })
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

describe('where the page has put its own function in place of fetch', () => {
  const good = (): Response => new Response('{"v":1,"stored":["a"]}')
  const answered = { is: 'answered', answer: { stored: ['a'], refused: [], gone: [] } }

  /** A page whose `fetch` does this, and whose XMLHttpRequest reaches the collector, or not. */
  function pageWith(answer: () => unknown, { isDown = false, reply = '{"v":1,"stored":["a"]}', status = 200 } = {}) {
    const { transport, sent } = fetchWith(answer as () => Response)
    const others: { head: unknown[]; headers: [string, string][]; body: unknown }[] = []
    class FakeRequest {
      status = 0
      responseText = ''
      head: unknown[] = []
      readonly headers: [string, string][] = []
      onload = (): void => {}
      onerror = (): void => {}
      open(...head: unknown[]): void {
        this.head = head
      }
      setRequestHeader(name: string, value: string): void {
        this.headers.push([name, value])
      }
      abort(): void {}
      send(body: unknown): void {
        others.push({ head: this.head, headers: this.headers, body })
        queueMicrotask(() => {
          if (isDown) return this.onerror()
          this.status = status
          this.responseText = reply
          this.onload()
        })
      }
    }
    vi.stubGlobal('XMLHttpRequest', FakeRequest)
    return { transport, sent, others }
  }

  it.each<[string, () => unknown]>([
    [
      'throws',
      () => {
        throw new Error('mine')
      },
    ],
    ['adds a header that is refused', () => Promise.reject(new TypeError('Failed to fetch'))],
    ['answers nothing', () => undefined],
    ['answers what was parsed', () => ({ v: 1, stored: ['a'] })],
    ['answers a page of its own', () => new Response('<h1>Offline</h1>')],
    ['has read the body', async () => Object.assign(good(), { text: () => Promise.reject(new TypeError('read')) })],
  ])('the next request goes another way, where that function %s', async (_what, answer) => {
    const { transport, sent, others } = pageWith(answer)
    expect(await transport.send('{}', never())).toMatchObject({ is: 'unknown' })
    expect(others).toEqual([])
    expect(await transport.send('{"a":1}', never())).toEqual(answered)
    expect(await transport.send('{"a":1}', never())).toEqual(answered)
    expect(sent).toHaveLength(1)
    expect(others).toHaveLength(2)
    expect(others[0]).toEqual({
      head: ['POST', 'https://collector.example/v1/sessions?key=my-key'],
      headers: [['Content-Type', 'text/plain;charset=UTF-8']],
      body: '{"a":1}',
    })
  })

  it('both ways take turns while there is no network, one request for each attempt', async () => {
    const { transport, sent, others } = pageWith(() => Promise.reject(new TypeError('no')), { isDown: true })
    for (let n = 1; n <= 6; n++) {
      expect(await transport.send('{}', never())).toMatchObject({ is: 'unknown' })
      expect(sent.length + others.length).toBe(n)
    }
    expect([sent.length, others.length]).toEqual([3, 3])
  })

  it('an answer of the other way is told as any', async () => {
    const { transport } = pageWith(() => undefined, { status: 503, reply: '{"v":1,"error":"busy","retryAfter":30}' })
    await transport.send('{}', never())
    expect(await transport.send('{}', never())).toEqual({ is: 'later', status: 503, retryAfterMs: 30_000 })
  })

  it('a function that never answers and hears no signal costs no more than the time of a request', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const { transport, others } = pageWith(() => new Promise(() => {}))
    const sending = transport.send('{}', never())
    await vi.advanceTimersByTimeAsync(requestTimeoutMs)
    expect(await sending).toMatchObject({ is: 'unknown' })
    vi.useRealTimers()
    expect(await transport.send('{}', never())).toEqual(answered)
    expect(others).toHaveLength(1)
  })

  it('a request that was stopped, as by another tab, is no failure of that function', async () => {
    const { transport, sent, others } = pageWith(good)
    await transport.send('{}', AbortSignal.abort())
    await transport.send('{}', never())
    expect([sent.length > 0, others.length]).toEqual([true, 0])
  })

  it('the browser’s own fetch is never left', async () => {
    const native = Object.assign(() => Promise.reject(new TypeError('no')), {
      toString: () => 'function fetch() { [native code] }',
    })
    const { transport, others } = pageWith(good)
    vi.stubGlobal('fetch', native)
    for (let n = 0; n < 4; n++) await transport.send('{}', never())
    expect(others).toEqual([])
  })

  it('a copy from a closing page goes by beacon while that function is not trusted', async () => {
    const { transport, sent } = pageWith(() => undefined)
    let beacons = 0
    vi.stubGlobal('navigator', { sendBeacon: () => ++beacons > 0 })
    await transport.send('{}', never())
    expect(transport.copy('{}')).toBe(true)
    expect([sent.length, beacons]).toEqual([1, 1])
  })
})

describe('where parts of the browser are imitated', () => {
  it('a body that cannot be zipped goes as it is, and nothing is left to reject', async () => {
    vi.stubGlobal(
      'TextEncoder',
      class {
        encode(): unknown {
          return { length: 5 }
        }
      },
    )
    const { transport, sent } = fetchWith(() => new Response('{"v":1,"stored":[]}'))
    const body = 'x'.repeat(5000)
    expect(await transport.send(body, never())).toMatchObject({ is: 'answered' })
    expect(sent[0]?.init.body).toBe(body)
  })
})
