import { both, type Condition, deleteInBites, isOf, toDelete } from './bites.js'
import type { RightsDatabase } from './change.js'
import type { Folds } from './fold.js'

/** Removes what is old of a visit to which something was added since. @returns whose sessions it removed; `null` if nothing is old. */
export type RemoveOldParts = (site: string, visitID: string, before: number) => Promise<readonly string[] | null>

/** Makes `RemoveOldParts` of an SQL database. */
export function createRemoveOldParts(database: RightsDatabase, folds: Folds): RemoveOldParts {
  const { schema, lock, all, change } = database

  return async (site, visitID, before) => {
    const of = [site, visitID] as const
    const received = (column: string): Condition => ({ sql: `"${column}" < ?`, values: [before] })
    const times = [
      ['events', 'serverTimestamp'],
      ['pages', 'receivedAt'],
      ['sessions', 'receivedAt'],
    ] as const
    const any = times.map(([table, column]) => both(isOf(table, ...of), received(column)))
    const found = await all(
      any.map(({ sql }, n) => `SELECT 1 AS one FROM ${schema}${times[n]?.[0]} WHERE ${sql}`).join(' UNION ALL ') +
        ' LIMIT 1',
      any.flatMap(({ values }) => values),
    )
    if (!found.length) return null
    const theirs = `SELECT DISTINCT "identityId" AS id FROM ${schema}sessions WHERE site = ? AND "visitID" = ? AND "receivedAt" < ?`
    const identities = (await all(theirs, [...of, before])).map(one => (one as { id: string }).id)
    // A session goes with all that belongs to it, also what came later: without it, nobody could tell whose it is.
    const old = `SELECT s."sessionID" FROM ${schema}sessions AS s WHERE s.site = ? AND s."visitID" = ? AND s."receivedAt" < ?`
    const isOfOld: Condition = { sql: `"sessionID" IN (${old})`, values: [...of, before] }
    const mark = folds.mark(site, visitID, before)
    for (const [table, which] of [
      ['events', received('serverTimestamp')],
      ['events', isOfOld],
      ['pages', received('receivedAt')],
      ['pages', isOfOld],
      ['session_pages', isOfOld],
    ] as const)
      await deleteInBites(database, table, of, which, mark)
    const visit = isOf('visits', ...of)
    await change([
      [
        // While the row of the visit is locked, no merge adds to its sessions.
        { sql: `SELECT 1 AS one FROM ${schema}visits WHERE ${visit.sql}${lock}`, values: visit.values, must: true },
        ...(['events', 'pages', 'session_pages'] as const).map(table =>
          toDelete(schema, table, both(isOf(table, ...of), isOfOld)),
        ),
        toDelete(schema, 'sessions', both(isOf('sessions', ...of), received('receivedAt'))),
        mark,
      ],
    ])
    const left = `writer NOT IN (SELECT own.writer FROM ${schema}events AS own WHERE own.site = ? AND own."visitID" = ?)`
    await deleteInBites(database, 'writers', of, { sql: left, values: of }, mark)
    return identities
  }
}
