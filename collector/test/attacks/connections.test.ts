import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type ListenOptions, serve } from '../../src/web/server.js'

/** A server that counts its requests. Each is answered when the test says so. */
async function serverWith(answer: () => Response | Promise<Response>, more: Partial<ListenOptions> = {}) {
  const seen: string[] = []
  const { url, stop } = await serve(
    {
      fetch(request) {
        seen.push(new URL(request.url).pathname)
        return answer()
      },
    },
    { host: '127.0.0.1', port: 0, ...more },
  )
  onTestFinished(stop)
  return { seen, port: Number(new URL(url).port) }
}

function open(port: number): { socket: Socket; got: () => string } {
  const socket = connect(port, '127.0.0.1')
  onTestFinished(() => void socket.destroy())
  socket.on('error', () => socket.destroy())
  let text = ''
  socket.on('data', data => (text += data.toString()))
  return { socket, got: () => text }
}

const get = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`

describe('a stranger', () => {
  it('cannot make one packet a thousand requests: the first is answered, and then the connection closes', async () => {
    const { seen, port } = await serverWith(() => new Response('here'))
    const { socket, got } = open(port)
    socket.write(get('/first') + get('/more').repeat(1000))
    await once(socket, 'close')
    expect(seen).toEqual(['/first'])
    expect(got()).toMatch(/^HTTP\/1\.1 200 OK\r\n[^]*\r\n\r\nhere$/)
  })

  it('who asks on, each time after the reply, keeps the connection', async () => {
    const { seen, port } = await serverWith(() => new Response('here'))
    const { socket, got } = open(port)
    for (let n = 1; n <= 5; n++) {
      socket.write(get(`/${n}`))
      await expect.poll(() => got().split('here').length - 1).toBe(n)
    }
    expect(seen).toEqual(['/1', '/2', '/3', '/4', '/5'])
    expect(socket.destroyed).toBe(false)
  })

  it('who waits for a reply that takes long to make gets it', async () => {
    const made = Promise.withResolvers<Response>()
    const { port, seen } = await serverWith(() => made.promise, { silentMs: 100 })
    const { socket, got } = open(port)
    socket.write(get('/erasure'))
    await expect.poll(() => seen).toEqual(['/erasure'])
    // Connections that are silent since then have closed.
    for (let n = 0; n < 3; n++) await once(open(port).socket, 'close')
    expect(socket.destroyed).toBe(false)
    made.resolve(new Response('erased'))
    await expect.poll(got).toMatch(/erased$/)
  })

  it('cannot hold a connection by sending nothing, and one who has sent a request may take time for the reply', async () => {
    const { port, seen } = await serverWith(() => new Response('x'.repeat(32 * 1024 * 1024)), { unusedMs: 100 })
    const { socket, got } = open(port)
    socket.pause()
    socket.write(get('/large'))
    await expect.poll(() => seen).toEqual(['/large'])
    for (let n = 0; n < 3; n++) await once(open(port).socket, 'close')
    socket.resume()
    await expect.poll(() => got().length).toBeGreaterThan(32 * 1024 * 1024)
  })

  it('cannot hold a connection and its reply by reading nothing of it', async () => {
    const left = Promise.withResolvers<void>()
    const endless = (): ReadableStream =>
      new ReadableStream({
        pull: controller => controller.enqueue(new Uint8Array(1024 * 1024)),
        cancel: () => left.resolve(),
      })
    const { port } = await serverWith(() => new Response(endless()), { silentMs: 300 })
    const { socket } = open(port)
    socket.pause()
    socket.write(get('/large'))
    await left.promise
  })

  const chunked = (method: string): string =>
    `${method} /none HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n`

  it.each(['POST', 'PUT', 'GET'])(
    'who gets the reply to a %s before the end of its chunked body has no more of it read, and the connection closes',
    async method => {
      const { socket: server } = await sentTo(chunked(method), `1000000\r\n${'x'.repeat(8 * 1024 * 1024)}`)
      expect(server.bytesRead).toBeLessThan(4 * 1024 * 1024)
    },
  )

  it('cannot send chunks of one byte while the reply is made to a request that needs no body', async () => {
    await sentTo(chunked('GET'), '1\r\nx\r\n'.repeat(300), () => new Promise(() => {}))
  })

  /** Sends a request and what follows. Resolves with the socket of the server when the connection is closed. */
  async function sentTo(
    head: string,
    rest: string,
    answer: () => Response | Promise<Response> = () => new Response('here'),
  ) {
    const { port } = await serverWith(answer)
    const seen = Promise.withResolvers<Socket>()
    const see = (message: unknown): void => seen.resolve((message as { socket: Socket }).socket)
    subscribe('http.server.request.start', see)
    onTestFinished(() => void unsubscribe('http.server.request.start', see))
    const { socket } = open(port)
    socket.write(head)
    const server = await seen.promise
    socket.write(rest)
    await new Promise(resolve => socket.once('close', resolve))
    return { socket: server }
  }
})
