import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { createMemoryStore } from '../../src/store/memory.js'
import { serve } from '../../src/web/server.js'
import { openStream } from '../../src/web/stream.js'
import { wireBatch, wireEvent } from '../helpers/batches.js'
import { collectorWith } from '../helpers/collector.js'

afterEach(() => vi.restoreAllMocks())

/** What is printed past the log, from now until the end of the test. */
function watchConsole(): unknown[][] {
  const printed: unknown[][] = []
  for (const name of ['error', 'warn', 'info', 'log', 'debug'] as const)
    vi.spyOn(console, name).mockImplementation((...said) => void printed.push(said))
  return printed
}

describe('a reply that fails after it has begun', () => {
  it('is cut, and its error is in the log alone, because a driver may have put rows into it', async () => {
    const memory = createMemoryStore()
    const failure = new Error('row (ada@example.org) was lost')
    const traits = async () => Promise.reject(failure)
    const { app, errors, send } = collectorWith({ store: { ...memory, rights: { ...memory.rights, traits } } })
    await send(wireBatch([wireEvent('a', { eventName: 'SignIn' })], { identityId: 'ada@example.org' }))
    const { url, stop } = await serve(app, { host: '127.0.0.1', port: 0 })
    onTestFinished(stop)
    const printed = watchConsole()
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    socket.write('GET /v1/identities/ada@example.org/export HTTP/1.1\r\nHost: localhost\r\n\r\n')
    const reply = await text(socket)
    expect(reply).toContain('HTTP/1.1 200 OK')
    // The last chunk is missing, so the reply is not whole.
    expect(reply).not.toMatch(/\r\n0\r\n\r\n$/)
    expect(errors).toEqual([failure])
    expect(printed).toEqual([])
  })

  it('is cut also if its reader takes nothing, and nothing is printed', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    onTestFinished(() => void vi.useRealTimers())
    const printed = watchConsole()
    const { promise: left, resolve } = Promise.withResolvers<void>()
    const listening = Promise.withResolvers<(text: string) => boolean>()
    const fetch = (_: Request, env?: { readonly reply?: NonNullable<Parameters<typeof openStream>[1]> }): Response =>
      openStream(({ take }) => {
        listening.resolve(take)
        return resolve
      }, env?.reply) as Response
    const { url, stop } = await serve({ fetch }, { host: '127.0.0.1', port: 0 })
    onTestFinished(stop)
    const socket = connect(Number(new URL(url).port), '127.0.0.1').pause()
    onTestFinished(() => void socket.destroy())
    socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')
    const take = await listening.promise
    // As much as the connection holds, and more.
    for (let taken = 0; taken < 64; taken++) {
      while (take('x'.repeat(1024 * 1024)));
      await new Promise(done => setImmediate(done))
    }
    vi.advanceTimersByTime(15_000)
    await left
    await new Promise(done => setTimeout(done, 50))
    expect(printed).toEqual([])
  })
})
