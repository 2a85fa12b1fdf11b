import { addErased, type ErasureTimes, type RightsTables } from './erasable.js'
import type { Erased, ErasedAgain, Tombstone, TombstoneState } from './rights.js'
import { type Tombstones, toHash } from './tombstones.js'

/**
 * Makes the erasure of whom the tombstones of another state of the store name. They do not say who it was, so the keys of all
 * visits and identities of their sites are hashed and compared.
 *
 * @param erase erases the person of a key.
 */
export function createEraseAgain(
  tables: RightsTables,
  tombstones: Tombstones,
  erase: (site: string, key: string, times: ErasureTimes) => Promise<Erased>,
): (state: TombstoneState, aheadAt: number) => Promise<ErasedAgain> {
  async function* keysIn(table: 'visits' | 'identities', site: string): AsyncGenerator<string> {
    for (let after = ''; ; ) {
      const some: readonly string[] = await tables.keysIn(table, site, after)
      yield* some
      const last = some.at(-1)
      if (last === undefined) return
      after = last
    }
  }

  /** Removes what was done in parts of a visit while nobody was signed in. The sign-in may have come after the backup. */
  async function eraseParts(site: string, visitID: string, rows: readonly Tombstone[]): Promise<Erased> {
    await tombstones.put(hash => rows.map(row => ({ ...row, hash: hash(site, 'visit', visitID) })))
    await tables.settle()
    const parts = rows.map(({ fromAt, untilAt }) => ({ from: fromAt, until: untilAt }))
    const erasedAt = Math.max(...rows.map(row => row.erasedAt))
    // No identity has this key.
    return tables.removeParts([{ site, visitID, identityId: '', erasedAt, aheadAt: erasedAt, skew: 0, parts }])
  }

  return async ({ secret, rows }, aheadAt) => {
    const isKept = await tombstones.take({ secret, rows })
    await tables.settle()
    const total = { sessions: 0, events: 0, visits: 0 }
    for (const [site, own] of Map.groupBy(rows, row => row.site)) {
      const found = Map.groupBy(own, ({ kind, hash }) => `${kind} ${hash}`)
      const of = (kind: 'identity' | 'visit', key: string): readonly Tombstone[] =>
        found.get(`${kind} ${toHash(secret, site, kind, key)}`) ?? []
      for await (const key of keysIn('identities', site)) {
        const some = of('identity', key)
        const erasedAt = Math.max(...some.map(row => row.erasedAt))
        if (some.length) addErased(total, await erase(site, key, { erasedAt, aheadAt }))
      }
      for await (const key of keysIn('visits', site)) {
        const some = of('visit', key)
        if (some.length) addErased(total, await eraseParts(site, key, some))
      }
    }
    return { ...total, isKept }
  }
}
