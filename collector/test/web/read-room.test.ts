import { once } from 'node:events'
import { connect } from 'node:net'
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { createMemoryStore } from '../../src/store/memory.js'
import type { CollectorStore } from '../../src/store/store.js'
import { createReadRoom, exportsAtOnce, numbersAtOnce, readsAtOnce } from '../../src/web/read-room.js'
import { serve } from '../../src/web/server.js'
import { wireBatch, wireEvent } from '../helpers/batches.js'
import { bodyOf, collectorWith } from '../helpers/collector.js'

afterEach(() => vi.useRealTimers())

/** A reply whose end the test decides. */
function sentReply() {
  let isClosed = false
  const runs: (() => void)[] = []
  const hurry = vi.fn()
  return {
    hurry,
    env: {
      reply: { isClosed: () => isClosed, onClose: (run: () => void) => (isClosed ? run() : runs.push(run)), hurry },
    },
    close() {
      isClosed = true
      for (const run of runs) run()
    },
  }
}

describe('a room of replies', () => {
  it('makes the next one when one was made and sent', async () => {
    const room = createReadRoom(1)
    const [first, second] = [sentReply(), sentReply()]
    const made: string[] = []
    const make = (name: string) => async () => {
      made.push(name)
      return new Response(name)
    }
    await room.answer(first.env as never, make('first'))
    const later = room.answer(second.env as never, make('second'))
    await new Promise(resolve => setImmediate(resolve))
    expect(made).toEqual(['first'])
    first.close()
    expect((await later).status).toBe(200)
    expect(made).toEqual(['first', 'second'])
  })

  it('hurries those who have a place as soon as somebody waits, and not before', async () => {
    const room = createReadRoom(1)
    const [first, second, third] = [sentReply(), sentReply(), sentReply()]
    const make = async () => new Response('made')
    await room.answer(first.env as never, make)
    expect(first.hurry).not.toHaveBeenCalled()
    const [later, last] = [room.answer(second.env as never, make), room.answer(third.env as never, make)]
    expect(first.hurry).toHaveBeenCalledWith({ stalledMs: 3000, graceMs: 10_000, bytesPerSecond: 65_536 })
    first.close()
    await later
    expect(second.hurry).toHaveBeenCalled()
    second.close()
    await last
    expect(third.hurry).not.toHaveBeenCalled()
  })

  it('keeps the place of one whose client has left until it is made, and makes none for a client that has left', async () => {
    const room = createReadRoom(1)
    const [first, second, third] = [sentReply(), sentReply(), sentReply()]
    const slow = Promise.withResolvers<Response>()
    const making = room.answer(first.env as never, () => slow.promise)
    first.close()
    const make = vi.fn(async () => new Response('made'))
    const skipped = room.answer(second.env as never, make)
    const last = room.answer(third.env as never, async () => new Response('last'))
    second.close()
    await new Promise(resolve => setImmediate(resolve))
    expect(make).not.toHaveBeenCalled()
    slow.resolve(new Response('slow'))
    await making
    expect((await skipped).status).toBe(503)
    expect(await (await last).text()).toBe('last')
    expect(make).not.toHaveBeenCalled()
  })

  it('answers busy to whoever has waited too long, or finds too many waiting, and frees the place of a failure', async () => {
    vi.useFakeTimers()
    const room = createReadRoom(1)
    const hold = sentReply()
    await room.answer(hold.env as never, async () => new Response('held'))
    const waiting = Array.from({ length: 200 }, () => room.answer(undefined, async () => new Response('in time')))
    const tooMany = await room.answer(undefined, async () => new Response('never'))
    expect([tooMany.status, tooMany.headers.get('Retry-After'), (await bodyOf(tooMany)).error]).toEqual([
      503,
      '2',
      'busy',
    ])
    await vi.advanceTimersByTimeAsync(10_000)
    for (const one of waiting) expect((await one).status).toBe(503)
    hold.close()
    await expect(room.answer(undefined, () => Promise.reject(new Error('it failed')))).rejects.toThrow('it failed')
    expect((await room.answer(undefined, async () => new Response('again'))).status).toBe(200)
  })
})

describe('many readers at once', () => {
  /** A collector whose store waits for the test, and counts how many reads are under way. */
  async function slowWith() {
    const store = createMemoryStore()
    const opened = Promise.withResolvers<void>()
    let under = 0
    const slowly = <A extends unknown[], R>(read: (...args: A) => Promise<R>) => {
      return async (...args: A): Promise<R> => {
        under++
        await opened.promise
        return read(...args)
      }
    }
    const slow: CollectorStore = {
      ...store,
      of: site => {
        const reads = store.of(site)
        const { numbers } = reads
        return {
          ...reads,
          events: slowly(reads.events),
          numbers: {
            ...numbers,
            days: slowly(numbers.days),
            ranking: slowly(numbers.ranking),
            sessions: slowly(numbers.sessions),
          },
        }
      },
      rights: { ...store.rights, traits: slowly(store.rights.traits) },
    }
    const { app, send } = collectorWith({ store: slow })
    await send(wireBatch([wireEvent('a', { data: { text: 'x'.repeat(1000) } })]))
    const { url, stop } = await serve(app, { host: '127.0.0.1', port: 0 })
    onTestFinished(stop)
    return { url, under: () => under, open: opened.resolve }
  }

  it.each([
    ['a list', '/v1/sessions/session-1/events', readsAtOnce, '"a"'],
    ['what a resource includes', '/v1/identities/user-42?include_events=true', readsAtOnce, '"a"'],
    ['a list in the format of GWE', '/backend/data/visits/visit-1/events', readsAtOnce, '"a"'],
    ['a list of a site', '/v1/sites/default/visits/visit-1/events', readsAtOnce, '"a"'],
    ['an export', '/v1/identities/user-42/export', exportsAtOnce, '"a"'],
    ['a list of sessions with numbers', '/v1/numbers/sessions', readsAtOnce, '"session-1"'],
    ['a ranking', '/v1/numbers/ranking?of=events', numbersAtOnce, '"Search"'],
    ['numbers of a site', '/v1/sites/default/numbers/days', numbersAtOnce, '"events":1'],
  ])('have a bounded number of replies made at a time: %s', async (_, path, places, part) => {
    const { url, under, open } = await slowWith()
    const replies = Array.from({ length: 30 }, () => fetch(url + path))
    await expect.poll(under).toBe(places)
    // This request is sent after the others.
    await fetch(`${url}/healthz`)
    expect(under()).toBe(places)
    open()
    for (const reply of await Promise.all(replies))
      expect([reply.status, (await reply.text()).includes(part)]).toEqual([200, true])
  })

  it('get their turn although others take nothing of their replies', async () => {
    const { app, send } = collectorWith()
    for (let n = 0; n < 20; n++) {
      const data = { text: 'x'.repeat(100_000) }
      await send(wireBatch([1, 2, 3].map(seq => wireEvent(`${n}-${seq}`, { seq: 3 * n + seq, data }))))
    }
    const { url, stop } = await serve(app, { host: '127.0.0.1', port: 0 })
    onTestFinished(stop)
    const { port } = new URL(url)
    const [large, small] = ['/v1/sessions/session-1/events', '/v1/sessions/session-1/events?limit=1']
    const slow = Array.from({ length: readsAtOnce }, () => {
      const socket = connect(Number(port), '127.0.0.1').pause()
      onTestFinished(() => void socket.destroy())
      socket.write(`GET ${large} HTTP/1.1\r\nHost: localhost\r\n\r\n`)
      return once(socket, 'readable')
    })
    await Promise.all(slow)
    expect((await fetch(url + small)).status).toBe(200)
  })

  it('find their places free again, although readers have left in the middle', async () => {
    const { url, open } = await slowWith()
    open()
    const { port } = new URL(url)
    for (let n = 0; n < 3 * readsAtOnce; n++) {
      const socket = connect(Number(port), '127.0.0.1')
      socket.write('GET /v1/sessions/session-1/events HTTP/1.1\r\nHost: localhost\r\n\r\n', () => socket.destroy())
    }
    expect((await fetch(`${url}/v1/sessions/session-1/events`)).status).toBe(200)
  })
})
