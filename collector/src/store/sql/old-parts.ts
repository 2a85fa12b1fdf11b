import { both, type Condition, deleteInBites, isOf } from './bites.js'
import type { RightsDatabase } from './change.js'
import type { Folds } from './fold.js'

/** Removes what is old of a visit to which something was added since. @returns whose sessions were old; `null` if there is nothing to remove. */
export type RemoveOldParts = (site: string, visitID: string, before: number) => Promise<readonly string[] | null>

/** Makes `RemoveOldParts` of an SQL database. */
export function createRemoveOldParts(database: RightsDatabase, folds: Folds): RemoveOldParts {
  const { schema, all } = database

  return async (site, visitID, before) => {
    const of = [site, visitID] as const
    /** The condition that no row of another table of the visit has this id. */
    const isNotIn = (table: 'events' | 'pages' | 'sessions', id: string, which: Condition): Condition => ({
      sql: `"${id}" NOT IN (SELECT own."${id}" FROM ${schema}${table} AS own WHERE own.site = ? AND own."visitID" = ? AND ${which.sql})`,
      values: [...of, ...which.values],
    })
    const received = (column: string): Condition => ({ sql: `"${column}" < ?`, values: [before] })
    const hasNewer = (id: string): Condition => ({
      sql: `own."${id}" IS NOT NULL AND own."serverTimestamp" >= ?`,
      values: [before],
    })
    const old = {
      events: received('serverTimestamp'),
      pages: both(received('receivedAt'), isNotIn('events', 'pageID', hasNewer('pageID'))),
      sessions: both(received('receivedAt'), isNotIn('events', 'sessionID', hasNewer('sessionID'))),
    }
    const some = Object.entries(old).map(([table, which]) => {
      const { sql, values } = both(isOf(table as keyof typeof old, ...of), which)
      return { sql: `SELECT 1 AS one FROM ${schema}${table} WHERE ${sql}`, values }
    })
    const any = `${some.map(({ sql }) => sql).join(' UNION ALL ')} LIMIT 1`
    const found = await all(
      any,
      some.flatMap(({ values }) => values),
    )
    if (!found.length) return null
    const theirs = `SELECT DISTINCT "identityId" AS id FROM ${schema}sessions WHERE site = ? AND "visitID" = ? AND "receivedAt" < ?`
    const identities = (await all(theirs, [...of, before])).map(one => (one as { id: string }).id)
    const mark = folds.mark(site, visitID, before)
    for (const table of ['events', 'pages', 'sessions'] as const)
      await deleteInBites(database, table, of, old[table], mark)
    const every: Condition = { sql: '1 = 1', values: [] }
    for (const [table, parent, id] of [
      ['session_pages', 'sessions', 'sessionID'],
      ['session_pages', 'pages', 'pageID'],
      ['writers', 'events', 'writer'],
    ] as const)
      await deleteInBites(database, table, of, isNotIn(parent, id, every), mark)
    return identities
  }
}
