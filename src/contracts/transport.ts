import type { Outcome, Transport } from '../transport/transport.js'
import { type Check, expectEqual, toChecks } from './check.js'

/** What the network answers in a check: a response of the collector, or of something before it. */
export interface Reply {
  readonly status: number
  readonly text: string
}

/** Answers a request. It is given the text of the batch, and rejects where the network fails. */
export type Network = (body: string) => Promise<Reply>

const batch = `{"v":1,"text":"größer 🍵 ${'x'.repeat(3000)}"}`
const ours = (error: string, more = ''): string => `{"v":1,"error":"${error}","message":"no"${more}}`
const answer = { stored: ['a'], refused: [['b', 'too-large']], gone: ['c'] }

/** What each response means. */
const meanings: readonly [what: string, status: number, text: string, outcome: object][] = [
  ['an answer', 200, JSON.stringify({ v: 1, ...answer }), { is: 'answered', answer }],
  ['a 200 that is no answer', 200, '<h1>Log in to this Wi-Fi</h1>', { is: 'unknown' }],
  [
    'a 503 that asks to wait',
    503,
    ours('busy', ',"retryAfter":30'),
    { is: 'later', status: 503, retryAfterMs: 30_000 },
  ],
  ['a 429', 429, ours('busy'), { is: 'later', status: 429, retryAfterMs: 0 }],
  ['a 413 of the collector', 413, ours('too-large'), { is: 'too-large', isForeign: false }],
  ['a 413 of a proxy', 413, '<h1>Too large</h1>', { is: 'too-large', isForeign: true }],
  ['a 400 of the collector', 400, ours('malformed'), { is: 'malformed' }],
  ['a 400 of a proxy', 400, '<h1>Bad request</h1>', { is: 'unknown' }],
  ['a 401', 401, '', { is: 'rejected', status: 401 }],
  ['a 403', 403, '', { is: 'rejected', status: 403 }],
  ['a 404', 404, '', { is: 'rejected', status: 404 }],
  ['a 500', 500, '', { is: 'unknown' }],
]

/**
 * The promises of a {@link Transport}, as checks for any test runner.
 *
 * @param make gives a transport whose requests end at `network`, in place of the collector. It is called for each check.
 * @example
 * const make = network => bridgeTransport({ post: (address, body) => network(body) })
 * for (const { name, run } of transportContract(make)) test(name, run)
 */
export function transportContract(make: (network: Network) => Transport | Promise<Transport>): Check[] {
  const bodies: Record<string, () => Promise<void>> = {}
  for (const [what, status, text, outcome] of meanings)
    bodies[`takes ${what} for ${Object.values(outcome).slice(0, 1).join()}`] = async () => {
      const found: Record<string, unknown> = { ...(await sendOnce(async () => ({ status, text }))) }
      // The cause is free.
      if (found.is === 'unknown') found.cause = undefined
      expectEqual(sorted(found), sorted(outcome))
    }

  async function sendOnce(network: Network): Promise<Outcome> {
    const transport = await make(network)
    return transport.send(batch, new AbortController().signal)
  }

  return toChecks(() => {}, {
    ...bodies,
    async 'brings each batch to the letter, one request each'() {
      const arrived: string[] = []
      const transport = await make(async body => {
        arrived.push(body)
        return { status: 200, text: '{"v":1,"stored":[]}' }
      })
      for (const body of [batch, '{}']) await transport.send(body, new AbortController().signal)
      expectEqual(arrived, [batch, '{}'])
    },
    async 'takes a network that fails for unknown, and never rejects'() {
      expectEqual((await sendOnce(() => Promise.reject(new TypeError('no network')))).is, 'unknown')
    },
    async 'sends again after a failure'() {
      let isDown = true
      const transport = await make(async () => {
        if (isDown) throw new TypeError('no network')
        return { status: 200, text: '{"v":1,"stored":["a"]}' }
      })
      await transport.send(batch, new AbortController().signal)
      isDown = false
      expectEqual((await transport.send(batch, new AbortController().signal)).is, 'answered')
    },
    async 'says how many bytes a copy may have, and takes or refuses one at once'() {
      const arrived: string[] = []
      const transport = await make(async body => {
        arrived.push(body)
        return { status: 200, text: '{"v":1,"stored":[]}' }
      })
      const room = transport.room()
      if (typeof room !== 'number' || !(room >= 0)) throw new Error(`room is ${room}`)
      const isTaken: unknown = transport.copy('{}')
      if (typeof isTaken !== 'boolean') throw new Error(`copy gives a ${typeof isTaken}`)
      // A request that is sent later comes after the copy, or beside it.
      await transport.send(batch, new AbortController().signal)
      if (arrived.some(body => body !== '{}' && body !== batch)) throw new Error('a copy was changed')
    },
  })
}

/** With its fields in order. */
function sorted(one: object): object {
  const fields = one as Record<string, unknown>
  return Object.fromEntries(
    Object.keys(fields)
      .sort()
      .map(name => [name, fields[name]]),
  )
}
