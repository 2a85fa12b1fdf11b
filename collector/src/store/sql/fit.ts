import { type Digest, dims } from '../../numbers/parts.js'
import { maxSiteWords, wordsLookEvery } from '../numbers-limits.js'
import type { RightsDatabase } from './change.js'
import { chunk } from './fold-statements.js'

/** Leaves out of digests the properties and values for which a site has no room. */
export type Fit = (site: string, digests: ReadonlyMap<string, Digest>) => Promise<ReadonlyMap<string, Digest>>

/** What is known of a site: whether it has no room, and how many texts may come until that is looked at again. */
interface Room {
  readonly isFull: boolean
  left: number
}

/**
 * Makes the function. A site has room for `maxSiteWords` texts, and some thousand more, because they are not counted each time.
 *
 * @param most for tests.
 */
export function createFit({ schema, all }: Pick<RightsDatabase, 'schema' | 'all'>, most = maxSiteWords): Fit {
  const rooms = new Map<string, Room>()

  async function look(site: string): Promise<Room> {
    const more = await all(`SELECT id FROM ${schema}words WHERE site = ? ORDER BY id LIMIT 1 OFFSET ${most}`, [site])
    const room = { isFull: more.length > 0, left: wordsLookEvery }
    rooms.set(site, room)
    return room
  }

  async function readKnown(site: string, ids: readonly number[]): Promise<ReadonlySet<number>> {
    const known = new Set<number>()
    for (const some of chunk(ids)) {
      const marks = some.map(() => '?').join()
      const rows = await all(`SELECT id FROM ${schema}words WHERE site = ? AND id IN (${marks})`, [site, ...some])
      for (const { id } of rows as { id: number }[]) known.add(id)
    }
    return known
  }

  return async (site, digests) => {
    const ids = new Set<number>()
    for (const { totals } of digests.values())
      for (const { dim, key } of totals) if (dim >= dims.properties) ids.add(key)
    if (!ids.size) return digests
    const known = rooms.get(site)
    const room = known && known.left > 0 ? known : await look(site)
    room.left -= ids.size
    if (!room.isFull) return digests
    const there = await readKnown(site, [...ids])
    return new Map(
      [...digests].map(([visitID, digest]) => {
        const totals = digest.totals.filter(({ dim, key }) => dim < dims.properties || there.has(key))
        return [visitID, { ...digest, totals }]
      }),
    )
  }
}
