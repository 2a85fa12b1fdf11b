import { afterEach, describe, expect, it, vi } from 'vitest'
import { cancel, later } from '../../src/browser/clock.js'
import { maxExitBytes, requestTimeoutMs, retryAfterMaxMs } from '../../src/record/limits.js'
import { guardTransport } from '../../src/transport/own.js'
import type { Outcome, Transport } from '../../src/transport/transport.js'
import { waitFor } from '../helpers/wait.js'

/** A guarded transport that does as told, and what was reported. */
function ownWith(own: { [name in keyof Transport]?: unknown }) {
  const troubles: unknown[] = []
  const whole = { send: async () => ({ is: 'unknown', cause: 0 }), copy: () => true, room: () => 9, ...own }
  const transport = guardTransport(
    whole as Transport,
    later,
    cancel,
    (code, cause) => void troubles.push([code, cause]),
  )
  return { transport, troubles }
}

const sendWith = (send: () => unknown) => {
  const { transport, troubles } = ownWith({ send })
  return transport.send('{}', new AbortController().signal).then(outcome => ({ outcome, troubles }))
}

afterEach(() => void vi.useRealTimers())

describe('an own transport', () => {
  it.each<Outcome>([
    { is: 'answered', answer: { stored: ['a'], refused: [['b', 'too-large']], gone: ['c'] } },
    { is: 'later', status: 503, retryAfterMs: 5000 },
    { is: 'too-large', isForeign: false },
    { is: 'malformed' },
    { is: 'rejected', status: 403 },
    { is: 'unknown', cause: 'no network' },
  ])('is believed if it says %j', async outcome => {
    expect(await sendWith(() => outcome)).toEqual({ outcome, troubles: [] })
  })

  it('keeps its own `this`, and gets the body', async () => {
    class Own {
      readonly bodies: string[] = []
      async send(body: string): Promise<Outcome> {
        this.bodies.push(body)
        return { is: 'malformed' }
      }
      copy(body: string): boolean {
        return this.bodies.push(body) > 0
      }
      room(): number {
        return this.bodies.length
      }
    }
    const own = new Own()
    const { transport, troubles } = ownWith({})
    const guarded = guardTransport(own, later, cancel, () => {})
    await guarded.send('1', new AbortController().signal)
    expect([guarded.copy('2'), guarded.room(), own.bodies, troubles]).toEqual([true, 2, ['1', '2'], []])
    expect(transport.room()).toBe(9)
  })

  it('that throws or rejects is reported with what it has thrown, and settles nothing', async () => {
    const cause = new Error('no bridge')
    const result = { outcome: { is: 'unknown', cause }, troubles: [['transport-failed', cause]] }
    const thrower = (): never => {
      throw cause
    }
    expect(await sendWith(thrower)).toEqual(result)
    expect(await sendWith(() => Promise.reject(cause))).toEqual(result)
  })

  const throwing = Object.defineProperty({}, 'is', {
    get() {
      throw new TypeError('a getter')
    },
  })
  it.each([
    undefined,
    null,
    200,
    'answered',
    {},
    { is: 'stored' },
    { is: 'answered' },
    { is: 'answered', answer: null },
    { is: 'answered', answer: {} },
    { is: 'answered', answer: { stored: 'all' } },
    { is: 'answered', answer: { stored: [], refused: ['a'] } },
    throwing,
  ])('that gives no outcome is reported, and settles nothing: case %#', async junk => {
    const { outcome, troubles } = await sendWith(async () => junk)
    expect(outcome.is).toBe('unknown')
    expect(troubles).toEqual([['transport-failed', expect.any(TypeError)]])
  })

  it('may leave out of an answer what did not happen', async () => {
    const { outcome } = await sendWith(() => ({ is: 'answered', answer: { stored: ['a'] } }))
    expect(outcome).toEqual({ is: 'answered', answer: { stored: ['a'], refused: [], gone: [] } })
  })

  it.each([
    [Number.NaN, 0],
    [undefined, 0],
    [-5, 0],
    [Infinity, retryAfterMaxMs],
  ])('that asks to wait for %s ms is waited for as long as makes sense', async (retryAfterMs, is) => {
    const { outcome } = await sendWith(() => ({ is: 'later', status: 503, retryAfterMs }))
    expect(outcome).toEqual({ is: 'later', status: 503, retryAfterMs: is })
  })

  it('that does not say whose words "too large" are costs no record', async () => {
    expect((await sendWith(() => ({ is: 'too-large' }))).outcome).toEqual({ is: 'too-large', isForeign: true })
  })

  it('that never answers is reported after 30 s, and told to stop', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    let given: AbortSignal | undefined
    const send = (_body: string, signal: AbortSignal): Promise<never> => {
      given = signal
      return new Promise(() => {})
    }
    const { transport, troubles } = ownWith({ send })
    const sending = transport.send('{}', new AbortController().signal)
    await vi.advanceTimersByTimeAsync(requestTimeoutMs - 1)
    expect(given?.aborted).toBe(false)
    await vi.advanceTimersByTimeAsync(1)
    expect(await sending).toMatchObject({ is: 'unknown' })
    expect(given?.reason).toBe(true)
    expect(troubles).toEqual([['transport-failed', 'no answer']])
  })

  it('leaves no timer behind', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    await sendWith(() => ({ is: 'malformed' }))
    expect(vi.getTimerCount()).toBe(0)
  })

  it('hears why it is stopped, and its late rejection reaches nobody', async () => {
    const heard: unknown[] = []
    const send = (_body: string, signal: AbortSignal): Promise<never> =>
      new Promise((_resolve, reject) => {
        signal.onabort = () => {
          heard.push(signal.reason)
          setTimeout(() => reject(new Error('late')))
        }
      })
    for (const reason of [true, 'left']) {
      const { transport, troubles } = ownWith({ send })
      const stop = new AbortController()
      const sending = transport.send('{}', stop.signal)
      stop.abort(reason)
      expect(await sending).toMatchObject({ is: 'unknown' })
      expect(troubles).toEqual([])
    }
    await new Promise(resolve => setTimeout(resolve, 5))
    expect(heard).toEqual([true, 'left'])
  })

  it('that cannot copy says so, and one that throws is reported and not asked for a smaller copy', async () => {
    const cause = new Error('no')
    const thrower = (): never => {
      throw cause
    }
    expect(ownWith({ copy: () => false }).transport.copy('{}')).toBe(false)
    const thrown = ownWith({ copy: thrower })
    expect([thrown.transport.copy('{}'), thrown.troubles]).toEqual([true, [['transport-failed', cause]]])
    const rejected = ownWith({ copy: () => Promise.reject(cause) })
    expect(rejected.transport.copy('{}')).toBe(true)
    await waitFor(() => expect(rejected.troubles).toEqual([['transport-failed', cause]]))
  })

  it.each([
    [() => Infinity, maxExitBytes],
    [() => 2000, 2000],
    [() => Number.NaN, 0],
    [() => undefined, 0],
  ])('has room for at most what a closing page may send: case %#', (room, is) => {
    expect(ownWith({ room }).transport.room()).toBe(is)
  })

  it('that throws when asked for room has none', () => {
    const cause = new Error('no')
    const { transport, troubles } = ownWith({
      room() {
        throw cause
      },
    })
    expect([transport.room(), troubles]).toEqual([0, [['transport-failed', cause]]])
  })
})
