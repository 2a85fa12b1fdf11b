import { oldBiteIdentities } from '../../limits.js'
import type { Value } from '../tables.js'
import type { RightsDatabase } from './change.js'

/**
 * Finds some identities that have no session, and some of which only what was said of them is left. A collector may have died, or its
 * store may have failed, after it had removed their last session; and whoever claims the session of somebody else makes one.
 *
 * @param before only what was received before that time, Unix epoch, ms.
 * @returns keys. The next call looks at the next ones, and after the last begins anew.
 */
export type FindLeftIdentities = (site: string, before: number) => Promise<readonly string[]>

/** Makes the function. What it remembers is where it looks next. */
export function createFindLeftIdentities({ schema, all }: Pick<RightsDatabase, 'schema' | 'all'>): FindLeftIdentities {
  const places = new Map<string, string>()

  async function look(table: 'identities' | 'traits', site: string, before: number, more: string): Promise<string[]> {
    const place = `${site} ${table}`
    const later = `own.site = ? AND own."identityId" > ?`
    const values: Value[] = [site, places.get(place) ?? '']
    const [edge] = (await all(
      `SELECT own."identityId" AS id FROM ${schema}${table} AS own WHERE ${later} ORDER BY own."identityId" LIMIT 1 OFFSET ${oldBiteIdentities - 1}`,
      values,
    )) as { id: string }[]
    places.set(place, edge?.id ?? '')
    const until = edge ? ' AND own."identityId" <= ?' : ''
    const found = await all(
      `SELECT DISTINCT own."identityId" AS id FROM ${schema}${table} AS own WHERE ${later}${until} AND own."receivedAt" < ?${more}`,
      [...values, ...(edge ? [edge.id] : []), before],
    )
    return found.map(row => (row as { id: string }).id)
  }

  async function hasSession(site: string, id: string): Promise<boolean> {
    const sql = `SELECT 1 AS one FROM ${schema}sessions WHERE site = ? AND "identityId" = ? LIMIT 1`
    return (await all(sql, [site, id])).length > 0
  }

  return async (site, before) => {
    const isAlone = ` AND NOT EXISTS (SELECT 1 FROM ${schema}identities AS i WHERE i.site = own.site AND i."identityId" = own."identityId")`
    const left: string[] = []
    for (const id of await look('identities', site, before, '')) if (!(await hasSession(site, id))) left.push(id)
    return [...left, ...(await look('traits', site, before, isAlone))]
  }
}
