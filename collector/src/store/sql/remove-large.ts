import type { VisitPart } from '../erasable.js'
import type { Erased } from '../rights.js'
import { both, type Condition, deleteInBites, isOf, toDelete, toLock, visitTables } from './bites.js'
import type { ChangeStatement, RightsDatabase } from './change.js'
import type { Folds } from './fold.js'

/** How many parts of a visit one statement names, because an expression has a limited depth. */
const maxParts = 50

/** Makes the removal of what belongs to a person in a visit of any size: in bites, each a transaction of its own. */
export function createRemoveLarge(database: RightsDatabase, folds: Folds): (part: VisitPart) => Promise<Erased> {
  const { schema, lock, all, change } = database

  /** Sessions of an identity in a visit, as `isBefore` says. */
  function isOwn({ identityId, erasedAt, aheadAt, skew }: VisitPart, alias = ''): Condition {
    const sql = `${alias}"identityId" = ? AND (${alias}"receivedAt" <= ? OR ${alias}"receivedAt" > ? OR ${alias}"startDate" <= ?)`
    return { sql, values: [identityId, erasedAt, aheadAt, erasedAt - skew] }
  }

  /** Rows of such a session, or of no session in an erased part of the visit. */
  function toConditions(part: VisitPart, time: 'timestamp' | 'startDate' | null): Condition[] {
    const { site, visitID, parts } = part
    const { sql, values } = isOwn(part, 's.')
    const theirs = `SELECT s."sessionID" FROM ${schema}sessions AS s WHERE s.site = ? AND s."visitID" = ? AND ${sql}`
    const own = { sql: `"sessionID" IN (${theirs})`, values: [site, visitID, ...values] }
    if (!time) return [own]
    const chunks = Array.from({ length: Math.ceil(parts.length / maxParts) }, (_, n) =>
      parts.slice(n * maxParts, (n + 1) * maxParts),
    )
    const inParts = chunks.map(chunk => ({
      sql: `"sessionID" IS NULL AND (${chunk.map(() => `"${time}" BETWEEN ? AND ?`).join(' OR ')})`,
      values: chunk.flatMap(({ from, until }) => [from, until]),
    }))
    return [own, ...inParts]
  }

  async function removeLarge(part: VisitPart): Promise<Erased> {
    const { site, visitID } = part
    const of = [site, visitID] as const
    const mark = folds.mark(site, visitID, part.erasedAt)
    let events = 0
    for (const which of toConditions(part, 'timestamp'))
      events += await deleteInBites(database, 'events', of, which, mark)
    for (const which of toConditions(part, null)) await deleteInBites(database, 'session_pages', of, which, mark)
    for (const which of toConditions(part, 'startDate')) await deleteInBites(database, 'pages', of, which, mark)
    // A refused record does not say to which session it would have belonged.
    await deleteInBites(database, 'refused', of, null, mark)
    const sessions = await deleteInBites(database, 'sessions', of, isOwn(part), mark)
    const visits = await removeEmpty(site, visitID, mark)
    return { sessions, events, visits }
  }

  /** Removes a visit without sessions and events. */
  async function removeEmpty(site: string, visitID: string, mark: ChangeStatement): Promise<number> {
    const one = isOf('visits', site, visitID)
    const none = (['events', 'sessions'] as const).map(table => {
      const { sql, values } = isOf(table, site, visitID)
      return { sql: `NOT EXISTS (SELECT 1 FROM ${schema}${table} WHERE ${sql})`, values }
    })
    const isEmpty = both(one, ...none)
    const empty = await all(`SELECT 1 AS one FROM ${schema}visits WHERE ${isEmpty.sql}`, isEmpty.values)
    if (!empty.length) return 0
    const [result] = await change([
      [
        { ...toLock(schema, lock, site, visitID), must: true },
        { ...toDelete(schema, 'visits', isEmpty), must: true },
        ...visitTables.map(table => toDelete(schema, table, isOf(table, site, visitID))),
        mark,
      ],
    ])
    return result ? 1 : 0
  }

  return removeLarge
}
