import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { connect } from 'node:net'
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { toSentReply } from '../../src/web/sent-reply.js'
import { serve } from '../../src/web/server.js'

afterEach(() => vi.useRealTimers())

describe('a reply whose client must hurry', () => {
  it('is over when its client takes a byte now and then, and not when it takes all', async () => {
    const size = 32 * 1024 * 1024
    const { promise: closed, resolve } = Promise.withResolvers<'closed'>()
    const { url, stop } = await serve(
      {
        fetch: (_, env) => {
          env?.reply?.hurry({ stalledMs: 600_000, graceMs: 1000, bytesPerSecond: size })
          env?.reply?.onClose(() => resolve('closed'))
          return new Response('x'.repeat(size))
        },
      },
      { host: '127.0.0.1', port: 0 },
    )
    const socket = connect(Number(new URL(url).port), '127.0.0.1').pause()
    const drip = setInterval(() => socket.read(1), 20)
    onTestFinished(async () => {
      clearInterval(drip)
      socket.destroy()
      await stop()
    })
    socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')
    await once(socket, 'readable')
    expect(await closed).toBe('closed')
    expect((await (await fetch(url)).text()).length).toBe(size)
  })

  /** A reply on a connection that had another one before. The test says how much of it was given to the connection. */
  function replyWith(graceMs: number) {
    vi.useFakeTimers()
    const [destroy, setTimeout] = [vi.fn(), vi.fn()]
    const socket = { bytesWritten: 5000, writableLength: 0, destroy, setTimeout }
    const closes: (() => void)[] = []
    const response = {
      destroyed: false,
      socket,
      writableLength: 0,
      once: (_: string, run: () => void) => closes.push(run),
    }
    const reply = toSentReply(response as never as ServerResponse)
    reply.hurry({ stalledMs: 3000, graceMs, bytesPerSecond: 1000 })
    return { reply, response, socket, close: () => closes.forEach(run => run()) }
  }

  it('has a second more for each so many bytes', () => {
    const { socket } = replyWith(10_000)
    socket.bytesWritten += 7000
    socket.writableLength = 7000
    vi.advanceTimersByTime(17_000)
    expect(socket.destroy).not.toHaveBeenCalled()
    vi.advanceTimersByTime(500)
    expect(socket.destroy).toHaveBeenCalled()
  })

  it('loses no time while it is made, whatever waits of it', () => {
    const { response, socket } = replyWith(1000)
    vi.advanceTimersByTime(600_000)
    response.writableLength = 1
    vi.advanceTimersByTime(1000)
    expect(socket.destroy).not.toHaveBeenCalled()
    vi.advanceTimersByTime(500)
    expect(socket.destroy).toHaveBeenCalled()
  })

  it('keeps its time when it must hurry again, and is left alone when it was sent', () => {
    const { reply, socket, close } = replyWith(1000)
    socket.writableLength = 1
    vi.advanceTimersByTime(1000)
    reply.hurry({ stalledMs: 3000, graceMs: 600_000, bytesPerSecond: 1000 })
    expect(socket.setTimeout.mock.calls).toEqual([[3000]])
    close()
    vi.advanceTimersByTime(600_000)
    expect(socket.destroy).not.toHaveBeenCalled()
    expect(vi.getTimerCount()).toBe(0)
  })
})
