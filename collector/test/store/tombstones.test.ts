import { describe, expect, it } from 'vitest'
import type { Tombstone } from '../../src/store/rights.js'
import { createTombstones, type TombstoneTable } from '../../src/store/tombstones.js'
import { arrive } from '../helpers/arrivals.js'
import { wireBatch, wireEvent } from '../helpers/batches.js'
import { noon } from '../helpers/collector.js'

/** Makes a table that several processes share. */
function tableOf() {
  const state = { n: 0, secret: '', rows: [] as (Tombstone & { n: number })[] }
  const table: TombstoneTable = {
    read: async after => ({ ...state, rows: state.rows.filter(({ n }) => n > after) }),
    async write(n, secret, rows) {
      if (n !== state.n) return false
      Object.assign(state, { n: n + 1, secret, rows: [...state.rows, ...rows.map(row => ({ ...row, n: n + 1 }))] })
      return true
    },
  }
  return { state, table }
}

const same = (id: string): string => id
const arrival = arrive(wireBatch([wireEvent('a')]))
const of =
  (identityId: string, site = 'default') =>
  (hash: (site: string, kind: 'identity', key: string) => string) => [
    {
      site,
      kind: 'identity' as const,
      hash: hash(site, 'identity', identityId),
      erasedAt: noon,
      fromAt: 0,
      untilAt: 0,
    },
  ]

describe('tombstones', () => {
  it('cost nothing while a site has none', async () => {
    const { table } = tableOf()
    const never = createTombstones(table, () => {
      throw new Error('a key was made')
    })
    expect(never.filter([arrival])).toEqual({ n: 0, arrivals: [arrival], gone: [[]] })
    await never.put(of('user-42', 'other'))
    expect(never.filter([arrival])).toEqual({ n: 1, arrivals: [arrival], gone: [[]] })
  })

  it('of several processes have one secret and one order', async () => {
    const { table, state } = tableOf()
    const all = [1, 2, 3].map(() => createTombstones(table, same))
    await Promise.all(all.map((one, n) => one.put(of(n ? `user-${n}` : 'user-42'))))
    expect([state.n, new Set(state.rows.map(({ hash }) => hash)).size]).toEqual([3, 3])
    for (const one of all) {
      await one.load()
      expect(one.filter([arrival])).toMatchObject({ n: 3, gone: [['a']] })
    }
    // The same identity has the same hash, so that a second erasure replaces the first.
    await all[2]?.put(of('user-42'))
    expect(new Set(state.rows.map(({ hash }) => hash)).size).toBe(3)
  })

  it('are read anew if the database was restored from a backup', async () => {
    const { table, state } = tableOf()
    const [one, other] = [createTombstones(table, same), createTombstones(table, same)]
    await one.put(of('user-1'))
    const backup = { ...state }
    await one.put(of('user-42'))
    expect(one.filter([arrival]).gone).toEqual([['a']])
    Object.assign(state, backup)
    await one.load()
    expect(one.filter([arrival])).toMatchObject({ n: 1, gone: [[]] })
    // Another database has another secret.
    Object.assign(state, { n: 0, secret: '', rows: [] })
    await other.put(of('user-42'))
    await one.load()
    expect(one.filter([arrival])).toMatchObject({ n: 1, gone: [['a']] })
  })
})
