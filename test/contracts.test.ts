import { gunzipSync } from 'node:zlib'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { cancel, later } from '../src/browser/clock.js'
import { type Check, type Network, storeContract, transportContract } from '../src/contracts.js'
import { createIndexed } from '../src/store/indexed.js'
import type { KeyValueStore } from '../src/store/key-value-store.js'
import { createOwn } from '../src/store/own.js'
import { emptyShelf, memoryStore } from '../src/testing/memory.js'
import { createFetch } from '../src/transport/fetch.js'
import { toOutcome } from '../src/transport/outcome.js'
import { guardTransport } from '../src/transport/own.js'
import type { Transport } from '../src/transport/transport.js'
import { emptyBrowser, openTab } from './helpers/database.js'

afterEach(() => void vi.unstubAllGlobals())

async function indexedPage(): Promise<KeyValueStore> {
  return createIndexed((await openTab()).database).values
}

/** An own store as a tracker uses it. */
function guarded(store: KeyValueStore): Promise<KeyValueStore> {
  return new Promise((resolve, reject) => {
    const onOpen = (): void => resolve(connection.values)
    const connection = createOwn(store, { later, cancel, isStale: () => false, onOpen, onFail: reject })
    connection.open()
  })
}

/** A transport whose requests go to that function, as through the app of a web view. */
function bridge(network: Network): Transport {
  return {
    async send(body, signal) {
      const stopped = new Promise<never>((_resolve, reject) => {
        signal.onabort = () => reject(new Error('stopped'))
      })
      try {
        const { status, text } = await Promise.race([network(body), stopped])
        return toOutcome(status, text)
      } catch (cause) {
        return { is: 'unknown', cause }
      }
    },
    copy: () => false,
    room: () => 0,
  }
}

function fetching(network: Network): Transport {
  vi.stubGlobal('self', globalThis)
  vi.stubGlobal('fetch', async (_url: string, { body }: { body: string | Uint8Array }) => {
    const { status, text } = await network(typeof body === 'string' ? body : gunzipSync(body).toString('utf8'))
    return new Response(text, { status })
  })
  return createFetch('https://collector.example', 'my-key', Date.now, later)
}

const shelves = {
  'the database': storeContract(async () => {
    emptyBrowser()
    return { store: await indexedPage(), other: await indexedPage() }
  }),
  'a store in memory': storeContract(() => {
    const shelf = emptyShelf()
    return { store: memoryStore(shelf), other: memoryStore(shelf) }
  }),
  'a store as a tracker uses it': storeContract(async () => ({ store: await guarded(memoryStore()) })),
}

describe.each(Object.entries(shelves))('%s', (_name, checks) => {
  for (const { name, run } of checks) it(name, run)
})

const transports = {
  'the transport that uses fetch': transportContract(fetching),
  'a transport over a bridge': transportContract(bridge),
  'a transport as a tracker uses it': transportContract(network =>
    guardTransport(bridge(network), later, cancel, () => {}),
  ),
}

describe.each(Object.entries(transports))('%s', (_name, checks) => {
  for (const { name, run } of checks) it(name, run)
})

/** The names of the checks that fail. */
async function failedOf(checks: readonly Check[]): Promise<string[]> {
  const results = await Promise.allSettled(checks.map(({ run }) => run()))
  return checks.filter((_check, place) => results[place]?.status === 'rejected').map(({ name }) => name)
}

const brokenStores: [what: string, breakIt: (store: KeyValueStore) => Partial<KeyValueStore>, ...names: string[]][] = [
  [
    'gives keys as they were put',
    ({ read, write }) => {
      const seen: string[] = []
      return {
        keys: async () => seen,
        write: changes => (seen.push(...changes.flatMap(({ key }) => key ?? [])), write(changes)),
        read,
      }
    },
    'lists keys in the order of their characters',
  ],
  [
    'ignores the limit',
    ({ keys }) => ({ keys: (space, after) => keys(space, after) }),
    'lists the keys after a key, whether it is there or not, so many at a time',
  ],
  ['has one space', ({ read }) => ({ read: (_space, some) => read('parcels', some) }), 'keeps spaces apart'],
  [
    'writes later',
    ({ write }) => ({
      write: async changes => {
        await Promise.resolve()
        await Promise.resolve()
        return write(changes)
      },
    }),
    'lets calls take effect in their order, although nobody has waited',
  ],
  [
    'deletes the end of a range too',
    ({ write }) => ({
      write: changes => write(changes.map(one => (one.key === undefined ? { ...one, until: `${one.until}!` } : one))),
    }),
    'deletes a range: its first key, and not its last',
  ],
  [
    'waits between reading and writing',
    ({ read, write }) => ({
      change: async (keys, decide) => write(decide(await read('state', keys))),
    }),
    'counts every change of many at once',
  ],
  [
    'decides twice',
    ({ change }) => ({
      change: (keys, decide) => change(keys, values => [...decide(values), ...decide(values)]),
    }),
    'calls `decide` once, with the values in the order of their keys, and writes what it gives',
  ],
  [
    'swallows what `decide` throws',
    ({ change }) => ({ change: (keys, decide) => change(keys, decide).catch(() => {}) }),
    'changes nothing if `decide` gives nothing, or throws',
  ],
  [
    'cuts texts',
    ({ write }) => ({
      write: changes =>
        write(changes.map(one => (typeof one.value === 'string' ? { ...one, value: one.value.slice(0, 1e5) } : one))),
    }),
    'takes a thousand values at once, and long ones',
  ],
]

const brokenTransports: [what: string, breakIt: (transport: Transport) => Partial<Transport>, ...names: string[]][] = [
  [
    'rejects',
    ({ send }) => ({
      async send(body, signal) {
        const outcome = await send(body, signal)
        if (outcome.is === 'unknown' && outcome.cause instanceof Error) throw outcome.cause
        return outcome
      },
    }),
    'takes a network that fails for unknown, and never rejects',
  ],
  [
    'changes the body',
    ({ send }) => ({ send: (body, signal) => send(body.trim().slice(0, 2000), signal) }),
    'brings each batch to the letter, one request each',
  ],
  [
    'takes every 413 for the collector’s',
    ({ send }) => ({
      async send(body, signal) {
        const outcome = await send(body, signal)
        return outcome.is === 'too-large' ? { ...outcome, isForeign: false } : outcome
      },
    }),
    'takes a 413 of a proxy for too-large',
  ],
  [
    'copies in a promise',
    () => ({ copy: async () => true }) as never,
    'says how many bytes a copy may have, and takes or refuses one at once',
  ],
]

describe('a broken part fails by name', () => {
  it.each(brokenStores)('a store that %s', async (_what, breakIt, ...names) => {
    const checks = storeContract(() => {
      const store = memoryStore()
      return { store: { ...store, ...breakIt(store) } }
    })
    expect(await failedOf(checks)).toEqual(expect.arrayContaining(names))
  })

  it('a store whose pages do not share it', async () => {
    const checks = storeContract(() => ({ store: memoryStore(), other: memoryStore() }))
    expect(await failedOf(checks)).toEqual(['shows another page what it has, and counts the changes of both'])
  })

  it('and of a long batch the place is shown where it is another one', async () => {
    const changing = transportContract(network => bridge(body => network(`${body} `)))
    const check = changing.find(({ name }) => name.startsWith('brings each batch'))
    if (!check) throw new Error('there is no such check')
    const { message } = (await check.run().catch((error: unknown) => error)) as Error
    expect(message).toMatch(/^expected ….+\{\}"\], but found ….+\{\} "\]$/)
    expect(message.length).toBeLessThan(700)
  })

  it.each(brokenTransports)('a transport that %s', async (_what, breakIt, ...names) => {
    const checks = transportContract(network => {
      const transport = bridge(network)
      return { ...transport, ...breakIt(transport) }
    })
    expect(await failedOf(checks)).toEqual(expect.arrayContaining(names))
  })
})
