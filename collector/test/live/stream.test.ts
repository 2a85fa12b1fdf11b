import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { maxListeners, quietMs } from '../../src/live/limits.js'
import { type AdminState, nothingDecided } from '../../src/sites/admin.js'
import { addToken, endToken } from '../../src/sites/changes.js'
import { createRegistry } from '../../src/sites/registry.js'
import type { CollectorStore } from '../../src/store/store.js'
import { serve } from '../../src/web/server.js'
import { openStream } from '../../src/web/stream.js'
import { wireBatch, wireEvent } from '../helpers/batches.js'
import { collectorWith, noon } from '../helpers/collector.js'
import { stores } from '../helpers/stores.js'

afterEach(() => {
  vi.useRealTimers()
})

/** Reads the parts of a stream, which end with an empty line. */
async function* partsOf(response: Response): AsyncGenerator<string> {
  let text = ''
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    text += Buffer.from(chunk).toString()
    const parts = text.split('\n\n')
    text = parts.pop() as string
    yield* parts
  }
}

/** The next present that a stream tells. */
async function nextOf(parts: AsyncGenerator<string>): Promise<any> {
  for (;;) {
    const { value, done } = await parts.next()
    if (done) return null
    const [, data] = /^event: now\ndata: (.*)$/.exec(value) ?? []
    if (data) return JSON.parse(data)
  }
}

/** Makes a collector that listens, with a token. */
async function streamWith(store: CollectorStore) {
  const registry = createRegistry({ keys: ['demo'], origins: [], readToken: null, isLoopback: true, now: () => noon })
  const withToken: AdminState = addToken(
    nothingDecided,
    { name: 'one', sites: null, rights: ['read'], endsAt: null },
    'reader',
    0,
  )
  registry.use(withToken)
  const collector = collectorWith({ store, sites: registry })
  const server = await serve(collector.app, { host: '127.0.0.1', port: 0 })
  onTestFinished(async () => {
    collector.app.endStreams()
    await server.stop()
  })
  const open = async (path = '/v1/now/stream') => {
    const aborter = new AbortController()
    const headers = { Authorization: 'Bearer reader' }
    const response = await fetch(server.url + path, { headers, signal: aborter.signal })
    return { response, parts: partsOf(response), leave: () => aborter.abort() }
  }
  return { ...collector, registry, server, open, withToken }
}

describe.each(stores)('a stream of the present, on %s', (_name, openStore) => {
  it('tells the present at once, and what this or another collector of the database stores', async () => {
    const store = await openStore()
    const { open, send } = await streamWith(store)
    const other = collectorWith({ store })
    const { parts, response } = await open()
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'text/event-stream; charset=UTF-8',
      'cache-control': 'no-store, no-transform',
      'x-accel-buffering': 'no',
    })
    expect(await nextOf(parts)).toMatchObject({ active: { visits: 0 }, latest: [] })
    await send(wireBatch([wireEvent('a')]))
    const ids = ({ latest }: any): string[] => latest.map((one: { eventID: string }) => one.eventID)
    let present = await nextOf(parts)
    // On a slow machine the active visits are counted more rarely.
    while (!ids(present).includes('a') || present.active.sessions !== 1) present = await nextOf(parts)
    await other.send(wireBatch([wireEvent('b', { seq: 2 })]))
    while (!ids(present).includes('b')) present = await nextOf(parts)
    expect(ids(present).toSorted()).toEqual(['a', 'b'])
  })
})

/** A client that the tests before have used has timers of its own, but no interval. */
const interval = { toFake: ['setInterval' as const, 'clearInterval' as const] }

describe('a stream', () => {
  const [, memory] = stores[0] as (typeof stores)[number]

  it('ends soon after its token was withdrawn, and is 401 after that', async () => {
    const { open, registry, withToken, get } = await streamWith(await memory())
    const { parts } = await open()
    expect(await nextOf(parts)).not.toBeNull()
    registry.use(endToken(withToken, 'one', noon))
    expect(await nextOf(parts)).toBeNull()
    expect((await get('/v1/now/stream', { Authorization: 'Bearer reader' })).status).toBe(401)
  })

  it('ends when the collector stops, so that the stop does not wait for its readers', async () => {
    const { open, app, server } = await streamWith(await memory())
    const { parts } = await open()
    await nextOf(parts)
    app.endStreams()
    expect(await nextOf(parts)).toBeNull()
    const { response } = await open()
    expect([response.status, ((await response.json()) as { error: string }).error]).toEqual([503, 'busy'])
    await server.stop()
  })

  it('says every 15 s that it lives, if nothing changes', async () => {
    vi.useFakeTimers(interval)
    const response = openStream(() => () => undefined) as Response
    const parts = partsOf(response)
    const first = parts.next()
    await vi.advanceTimersByTimeAsync(quietMs)
    expect((await first).value).toBe(': ')
    await parts.return(undefined)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('leaves a reader that takes nothing for 15 s', async () => {
    vi.useFakeTimers(interval)
    let isLeft = false
    let take: (text: string) => boolean = () => false
    openStream(listener => {
      take = listener.take
      return () => {
        isLeft = true
      }
    })
    while (take('x')) continue
    await vi.advanceTimersByTimeAsync(quietMs - 1)
    expect(isLeft).toBe(false)
    await vi.advanceTimersByTimeAsync(1)
    expect([isLeft, take('x'), vi.getTimerCount()]).toEqual([true, false, 0])
  })

  it('is not opened for a request that asks for its headers alone', async () => {
    const { app, server } = await streamWith(await memory())
    const headers = { Authorization: 'Bearer reader' }
    for (let n = 0; n < maxListeners; n++) {
      const response = await app.fetch(new Request(`${server.url}/v1/now/stream`, { method: 'HEAD', headers }))
      expect(response.status).toBe(200)
    }
    const { status, body } = await app.fetch(new Request(`${server.url}/v1/now/stream`, { headers }))
    expect(status).toBe(200)
    await body?.cancel()
  })

  it('takes no more while its reader is slow, and leaves when the reader does', async () => {
    let isLeft = false
    let take: (text: string) => boolean = () => false
    const response = openStream(listener => {
      take = listener.take
      return () => {
        isLeft = true
      }
    }) as Response
    const taken = Array.from({ length: 50 }, (_, n) => take(String(n)))
    expect(taken.filter(Boolean).length).toBeLessThan(4)
    await response.body?.cancel()
    expect([isLeft, take('x')]).toEqual([true, false])
  })

  it('leaves when the connection of its reader is gone', async () => {
    let isLeft = false
    const listen: Parameters<typeof openStream>[0] = listener => {
      listener.take('{}')
      return () => {
        isLeft = true
      }
    }
    const server = await serve({ fetch: () => openStream(listen) as Response }, { host: '127.0.0.1', port: 0 })
    onTestFinished(() => server.stop())
    const aborter = new AbortController()
    const { body } = await fetch(server.url, { signal: aborter.signal })
    await body?.getReader().read()
    expect(isLeft).toBe(false)
    aborter.abort()
    await expect.poll(() => isLeft).toBe(true)
  })
})
