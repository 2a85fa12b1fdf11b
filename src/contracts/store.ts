import type { Change, KeyValueStore, Space } from '../store/key-value-store.js'
import { type Check, expectEqual, expectRejection, toChecks } from './check.js'

/** A store to be checked. */
export interface StoreUnderTest {
  /** A store in which nothing lies. */
  readonly store: KeyValueStore
  /** The same store as another page opens it. Without it nobody knows whether two pages can share the store. */
  readonly other?: KeyValueStore | undefined
}

const put = (space: Space, key: string, value: unknown): Change => ({ space, key, value })
const odd = 'größer 🍵 "quoted" \\ \n\f\t\u2028 \u0000'
const order = ['!', '0', 'A', 'A b', 'A!', 'Z', 'a', 'a.1', 'a.10', 'a.2', 'will:b', '~']

/** Counts under that key, as often as asked, all at once. */
function countAll(stores: readonly KeyValueStore[], times: number): Promise<unknown> {
  const one = (store: KeyValueStore): Promise<void> =>
    store.change(['count'], ([count]) => [put('state', 'count', ((count as number) || 0) + 1)])
  return Promise.all(Array.from({ length: times }, (_, place) => one(stores[place % stores.length] as KeyValueStore)))
}

/**
 * The promises of a {@link KeyValueStore}, as checks for any test runner.
 *
 * @param make gives an empty store for each check.
 * @example
 * for (const { name, run } of storeContract(() => ({ store: memoryStore() }))) test(name, run)
 */
export function storeContract(make: () => StoreUnderTest | Promise<StoreUnderTest>): Check[] {
  return toChecks(make, {
    async 'is empty at first'({ store }) {
      expectEqual(await store.keys('parcels'), [])
      expectEqual(await store.read('state', ['a']), [null])
      expectEqual(await store.read('settled'), [])
    },
    async 'gives texts back to the letter'({ store }) {
      await store.write([put('parcels', 'a', odd), put('parcels', 'b', '')])
      expectEqual(await store.read('parcels', ['a', 'b']), [odd, ''])
    },
    async 'gives values of JSON back as they were'({ store }) {
      const value = {
        rev: 1,
        visit: { visitID: 'v', at: 1.5 },
        session: null,
        list: [true, odd],
        active: 1_800_000_000_000,
      }
      await store.write([put('state', 'presence', value), put('state', 'active', 0)])
      expectEqual(await store.read('state', ['presence', 'active']), [value, 0])
    },
    async 'keeps the last of several values under a key'({ store }) {
      await store.write([put('state', 'a', 1), put('state', 'a', 2)])
      await store.write([put('state', 'a', 3)])
      expectEqual(await store.read('state', ['a']), [3])
      expectEqual(await store.keys('state'), ['a'])
    },
    async 'keeps spaces apart'({ store }) {
      const spaces: Space[] = ['parcels', 'settled', 'state']
      await store.write(spaces.map(space => put(space, 'a', space)))
      for (const space of spaces) expectEqual(await store.read(space), [space])
      await store.write([{ space: 'settled', key: 'a' }])
      expectEqual(
        [await store.keys('parcels'), await store.keys('settled'), await store.keys('state')],
        [['a'], [], ['a']],
      )
    },
    async 'lists keys in the order of their characters'({ store }) {
      await store.write([...order].reverse().map(key => put('parcels', key, key)))
      expectEqual(await store.keys('parcels'), order)
    },
    async 'lists the keys after a key, whether it is there or not, so many at a time'({ store }) {
      await store.write(order.map(key => put('parcels', key, key)))
      expectEqual(await store.keys('parcels', undefined, 3), order.slice(0, 3))
      expectEqual(await store.keys('parcels', order[2], 3), order.slice(3, 6))
      expectEqual(await store.keys('parcels', 'a.11', 100), ['a.2', 'will:b', '~'])
      expectEqual(await store.keys('parcels', '~', 100), [])
    },
    async 'reads in the order that was asked for, and nothing where nothing lies'({ store }) {
      await store.write(['a', 'b'].map(key => put('parcels', key, key)))
      expectEqual(await store.read('parcels', ['b', 'nothing', 'a']), ['b', null, 'a'])
      expectEqual(await store.read('parcels', []), [])
    },
    async 'reads all values of a space'({ store }) {
      await store.write(order.map(key => put('settled', key, key)))
      const found = await store.read('settled')
      expectEqual([found.length, order.filter(key => !found.includes(key))], [order.length, []])
    },
    async 'deletes a key, also twice, and also one that never was'({ store }) {
      await store.write([put('parcels', 'a', 1), put('parcels', 'b', 2)])
      const change: Change = { space: 'parcels', key: 'a' }
      await store.write([change, { space: 'parcels', key: 'never' }])
      await store.write([change])
      expectEqual(await store.keys('parcels'), ['b'])
    },
    async 'deletes a range: its first key, and not its last'({ store }) {
      await store.write(order.map(key => put('settled', key, key)))
      await store.write([{ space: 'settled', from: 'A', until: 'a.10' }])
      expectEqual(await store.keys('settled'), ['!', '0', 'a.10', 'a.2', 'will:b', '~'])
      await store.write([{ space: 'settled', from: 'a.2', until: '\x7f' }])
      expectEqual(await store.keys('settled'), ['!', '0', 'a.10'])
      await store.write([{ space: 'settled', from: '', until: '\x7f' }])
      expectEqual(await store.keys('settled'), [])
    },
    async 'makes the changes of a call in their order'({ store }) {
      const all: Change = { space: 'state', from: '', until: '\x7f' }
      await store.write([
        put('state', 'a', 1),
        all,
        put('state', 'b', 2),
        { space: 'state', key: 'b' },
        put('state', 'c', 3),
      ])
      expectEqual(await store.keys('state'), ['c'])
    },
    async 'lets calls take effect in their order, although nobody has waited'({ store }) {
      const done = [
        store.write([put('parcels', 'a', 'older')]),
        store.write([{ space: 'parcels', key: 'a' }]),
        store.write([put('parcels', 'a', 'newer')]),
      ]
      expectEqual(await store.read('parcels', ['a']), ['newer'])
      await Promise.all(done)
    },
    async 'takes a thousand values at once, and long ones'({ store }) {
      const long = 'x'.repeat(130_000)
      const many = Array.from({ length: 1000 }, (_, place) => put('parcels', `k${place + 1000}`, 'x'))
      await store.write([...many, put('settled', 'long', long)])
      expectEqual((await store.keys('parcels', undefined, 2000)).length, 1000)
      expectEqual((await store.read('settled', ['long']))[0] === long, true)
    },
    async 'calls `decide` once, with the values in the order of their keys, and writes what it gives'({ store }) {
      await store.write([put('state', 'a', 1), put('state', 'gone', 1)])
      const seen: unknown[] = []
      await store.change(['b', 'a'], values => {
        seen.push([...values])
        return [put('state', 'b', { rev: 2 }), { space: 'state', key: 'gone' }]
      })
      expectEqual(seen, [[null, 1]])
      expectEqual(await store.read('state', ['a', 'b', 'gone']), [1, { rev: 2 }, null])
    },
    async 'changes nothing if `decide` gives nothing, or throws'({ store }) {
      await store.write([put('state', 'a', 1)])
      await store.change(['a'], () => [])
      await expectRejection(() =>
        store.change(['a'], () => {
          throw new Error('no decision')
        }),
      )
      expectEqual(await store.read('state', ['a']), [1])
    },
    async 'counts every change of many at once'({ store }) {
      await countAll([store], 20)
      expectEqual(await store.read('state', ['count']), [20])
    },
    async 'shows another page what it has, and counts the changes of both'({ store, other }) {
      if (!other) return
      await store.write([put('parcels', 'a', odd)])
      expectEqual(await other.read('parcels', ['a']), [odd])
      await countAll([store, other], 20)
      expectEqual([await store.read('state', ['count']), await other.read('state', ['count'])], [[20], [20]])
      await other.write([{ space: 'parcels', from: '', until: '\x7f' }])
      expectEqual(await store.keys('parcels'), [])
    },
  })
}
