import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { BodyReader } from '../../src/ingest/body.js'
import type { Ingest } from '../../src/ingest/ingest.js'
import { type ListenOptions, serve } from '../../src/web/server.js'
import { wireBatch, wireEvent } from '../helpers/batches.js'
import { bodyOf, collectorWith } from '../helpers/collector.js'
import { passMs, postSlowly, type SlowRequest, takeTimers } from '../helpers/slow.js'

const small = JSON.stringify(wireBatch([wireEvent('small')]))
const large = JSON.stringify(wireBatch([wireEvent('large', { data: { text: 'x'.repeat(100_000) } })]))
const attack = ' '.repeat(511 * 1024)

async function listeningWith(options: Partial<ListenOptions> = {}) {
  takeTimers()
  const { app, store, errors } = collectorWith()
  const arrived = { bytes: 0 }
  const ingest: Ingest = request => {
    const { read, stop } = request.body
    const count: BodyReader['read'] = check => read(bytes => ((arrived.bytes += bytes), check(bytes)))
    return app.ingest({ ...request, body: { read: count, stop } })
  }
  const { url, stop } = await serve({ fetch: app.fetch, ingest }, { host: '127.0.0.1', port: 0, ...options })
  onTestFinished(stop)
  const statusOf = async (body: string, headers: Record<string, string> = {}) =>
    (await fetch(`${url}/v1/sessions?key=demo`, { method: 'POST', body, headers })).status
  /** Waits until so many bytes of bodies have arrived, or the request was answered. */
  const untilArrived = async (bytes: number, { isClosed }: SlowRequest): Promise<void> => {
    const isWaiting = (): boolean => arrived.bytes < bytes && !isClosed()
    while (isWaiting()) await new Promise(resolve => setImmediate(resolve))
  }
  return { url, store, errors, statusOf, untilArrived }
}

/** Begins 64 bodies of 512 KiB that stop one KiB before their end, and waits until one of them finds no room. */
async function attackWith(url: string, headers: readonly string[] = []): Promise<SlowRequest[]> {
  const requests = Array.from({ length: 64 }, () => postSlowly(url, 512 * 1024, attack, headers))
  await new Promise<void>(resolve => {
    for (const { status } of requests) void status.then(code => code === 503 && resolve())
  })
  return requests
}

describe('64 slow bodies of 511 KiB do not shut ingest for others', () => {
  it('whose bodies are small, and after some seconds not for large ones either', async () => {
    const { url, statusOf, errors } = await listeningWith()
    const requests = await attackWith(url)
    expect(await statusOf(small)).toBe(200)
    const statuses = new Set<number>()
    for (const { status, socket } of requests)
      void status.then(code => {
        statuses.add(code)
        socket.destroy()
      })
    while (requests.some(one => !one.isClosed())) await passMs(500)
    expect(statuses).toEqual(new Set([408, 503]))
    expect(await statusOf(large)).toBe(200)
    expect(errors).toEqual([])
  })

  it('who have another address, whatever the size of their bodies', async () => {
    const { url, statusOf } = await listeningWith({ trustProxy: address => address === '127.0.0.1' })
    await attackWith(url, ['X-Forwarded-For: 203.0.113.9'])
    for (const body of [small, large]) expect(await statusOf(body, { 'X-Forwarded-For': '203.0.113.10' })).toBe(200)
    expect(await statusOf(large, { 'X-Forwarded-For': '203.0.113.9' })).toBe(503)
  })
})

describe('a body', () => {
  it('of which nothing arrives for three seconds gets 408, and its connection is closed', async () => {
    const { url, store, untilArrived } = await listeningWith()
    const request = postSlowly(url, small.length, small.slice(0, -1))
    await untilArrived(small.length - 1, request)
    while (!request.isClosed()) await passMs(500)
    expect(await request.status).toBe(408)
    request.socket.write(small.slice(-1))
    expect(await store.of('default').session('session-1')).toBe(null)
  })

  it('that drips loses its room too', async () => {
    const { url, untilArrived } = await listeningWith()
    const request = postSlowly(url, small.length, '')
    let sent = 0
    while (!request.isClosed() && sent < small.length) {
      request.socket.write(small[sent++] as string)
      await untilArrived(sent, request)
      await passMs(2500)
    }
    expect(await request.status).toBe(408)
    expect(sent).toBeLessThan(10)
  })

  it('that begins fast and then drips loses its room too', async () => {
    const { url, untilArrived } = await listeningWith()
    const request = postSlowly(url, 10_000, ' '.repeat(9000))
    for (let sent = 0; !request.isClosed() && sent < 10; sent++) {
      await untilArrived(9000 + sent, request)
      await passMs(2500)
      request.socket.write(' ')
    }
    expect(await request.status).toBe(408)
  })

  it('that arrives slowly but steadily is taken', async () => {
    const { url, untilArrived } = await listeningWith()
    const text = small.padEnd(8000)
    const request = postSlowly(url, text.length, '')
    for (let at = 800; at <= text.length; at += 800) {
      await passMs(2500)
      request.socket.write(text.slice(at - 800, at))
      await untilArrived(at, request)
    }
    expect(await request.status).toBe(200)
  })

  it('that arrives steadily loses its room after thirty seconds', async () => {
    const { url, untilArrived } = await listeningWith()
    const request = postSlowly(url, 500_000, '')
    let seconds = 0
    for (; !request.isClosed() && seconds < 60; seconds++) {
      request.socket.write(' '.repeat(1000))
      await untilArrived((seconds + 1) * 1000, request)
      await passMs(1000)
    }
    expect(await request.status).toBe(408)
    expect(seconds).toBeGreaterThanOrEqual(30)
    expect(seconds).toBeLessThan(40)
  })

  /** Posts a body in chunks, all in one packet. Resolves with the reply when the connection is closed. */
  async function postChunks(url: string, chunks: readonly string[]): Promise<string> {
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    onTestFinished(() => void socket.destroy())
    socket.on('error', () => socket.destroy())
    const body = chunks.map(chunk => `${chunk.length.toString(16)}\r\n${chunk}\r\n`).join('')
    const head =
      'POST /v1/sessions?key=demo HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nTransfer-Encoding: chunked'
    socket.write(`${head}\r\n\r\n${body}0\r\n\r\n`)
    return text(socket)
  }

  it('in chunks of one byte gets 408, because a packet may have ten thousand of them', async () => {
    const { url, store, errors } = await listeningWith()
    expect(small.length).toBeGreaterThan(256)
    const reply = await postChunks(url, small.split(''))
    expect(reply).toMatch(/^HTTP\/1\.1 408 /)
    expect(reply).toContain('too-slow')
    expect(await store.of('default').session('session-1')).toBe(null)
    expect(errors).toEqual([])
  })

  it('in chunks of one byte gets 408 without a socket too', async () => {
    const { send } = collectorWith()
    let at = 0
    const stream = new ReadableStream({
      pull(controller) {
        controller.enqueue(new TextEncoder().encode(small.slice(at, ++at)))
        if (at === small.length) controller.close()
      },
    })
    const response = await send(stream, { duplex: 'half' } as RequestInit)
    expect([response.status, await bodyOf(response)]).toMatchObject([408, { error: 'too-slow' }])
  })

  it('in small chunks is taken if they are few, or as large as small packets', async () => {
    const { url } = await listeningWith()
    expect(await postChunks(url, [...small.slice(0, 200).split(''), small.slice(200)])).toMatch(/^HTTP\/1\.1 200 /)
    const packets = large.match(/.{1,100}/g) as string[]
    expect(await postChunks(url, packets)).toMatch(/^HTTP\/1\.1 200 /)
  })

  it('that is too slow gets 408 without a socket too, with CORS headers, and the rest is not read', async () => {
    takeTimers()
    const { send } = collectorWith({ origins: ['https://shop.example'] })
    let isCancelled = false
    const stream = new ReadableStream({
      start: controller => controller.enqueue(new TextEncoder().encode(small.slice(0, 20))),
      cancel: () => void (isCancelled = true),
    })
    const headers = { Origin: 'https://shop.example' }
    const sent = send(stream, { duplex: 'half', headers } as RequestInit)
    await passMs(4000)
    const response = await sent
    expect([response.status, isCancelled]).toEqual([408, true])
    expect(response.headers.get('Access-Control-Allow-Origin')).toBe('https://shop.example')
    expect(await bodyOf(response)).toMatchObject({ v: 1, error: 'too-slow' })
  })
})
