import { eraseBiteSessions } from '../../limits.js'
import type { RightsTables, SessionKey, SessionRow, VisitPart } from '../erasable.js'
import { toKey } from '../keys.js'
import type { Erased, StoredTrait } from '../rights.js'
import type { Value } from '../tables.js'
import { both, type Condition, deleteInBites, isOf, toDelete, toLock, visitTables } from './bites.js'
import type { ChangeStatement, RightsDatabase } from './change.js'
import type { Folds } from './fold.js'
import { createRemoveOld } from './old.js'
import { createSqlTombstones } from './tombstones.js'

/** Keys of visits or identities that are compared with tombstones at a time. */
const keysAtOnce = 1000
/** How many parts of a visit one statement names, because an expression has a limited depth. */
const maxParts = 50

/** Makes the tables of erasure, retention and export in an SQL database. */
export function createSqlRights(database: RightsDatabase, folds: Folds): RightsTables {
  const { schema, lock, all, change, settle } = database

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

  async function removePart(part: VisitPart): Promise<Erased> {
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
    await folds.fold(site, [visitID])
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

  /** If somebody has signed in again meanwhile, the new session needs its identity. */
  async function addIdentity(site: string, identityId: string): Promise<void> {
    const [first] = (await all(
      `SELECT "receivedAt", "startDate", coalesce("longSessionID", "sessionID") AS "sessionID", "longIdentityId"
       FROM ${schema}sessions WHERE site = ? AND "identityId" = ? ORDER BY "receivedAt", "startDate", "sessionID" LIMIT 1`,
      [site, identityId],
    )) as Record<string, Value>[]
    if (!first) return
    const names = ['receivedAt', 'startDate', 'sessionID', 'longIdentityId']
    const list = names.map(name => `"${name}"`).join()
    const sql = `INSERT INTO ${schema}identities (site, "identityId", ${list}) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING RETURNING 1 AS one`
    await change([[{ sql, values: [site, identityId, ...names.map(name => first[name] ?? null)] }]])
  }

  return {
    keyOf: toKey,
    tombstones: createSqlTombstones(database),
    settle,
    removePart,
    removeOld: createRemoveOld(database, folds),
    async sessionsOf(site, identityId, after) {
      const order = ['startDate', 'sessionID', 'visitID'].map(name => `"${name}"`).join()
      const later = after ? ` AND (${order}) > (?, ?, ?)` : ''
      const values: Value[] = after ? [after.startDate, after.sessionID, after.visitID] : []
      const rows = await all(
        `SELECT ${order} FROM ${schema}sessions WHERE site = ? AND "identityId" = ?${later} ORDER BY ${order} LIMIT ${eraseBiteSessions}`,
        [site, identityId, ...values],
      )
      return rows as SessionKey[]
    },
    async keysIn(table, site, after) {
      const id = table === 'visits' ? '"visitID"' : '"identityId"'
      const sql = `SELECT ${id} AS id FROM ${schema}${table} WHERE site = ? AND ${id} > ? ORDER BY ${id} LIMIT ${keysAtOnce}`
      return (await all(sql, [site, after])).map(row => (row as { id: string }).id)
    },
    async sessionsIn(site, visitID) {
      const names = ['visitID', 'sessionID', 'identityId', 'startDate', 'endDate', 'lastActivity', 'receivedAt']
      const list = names.map(name => `"${name}"`).join()
      const sql = `SELECT ${list} FROM ${schema}sessions WHERE site = ? AND "visitID" = ?`
      return (await all(sql, [site, visitID])) as SessionRow[]
    },
    async skewOf(site, visitID) {
      const [row] = await all(`SELECT "skew" FROM ${schema}visits WHERE site = ? AND "visitID" = ?`, [site, visitID])
      return (row as { skew: number | null } | undefined)?.skew ?? 0
    },
    async removePerson(site, identityId, { erasedAt, aheadAt }) {
      const old = (time: string): Condition => {
        return { sql: `"receivedAt" <= ? OR "receivedAt" > ? OR "${time}" <= ?`, values: [erasedAt, aheadAt, erasedAt] }
      }
      await deleteInBites(database, 'traits', [site, identityId], old('at'))
      const which = both(isOf('identities', site, identityId), old('startDate'))
      await change([[toDelete(schema, 'identities', which)]])
      await addIdentity(site, identityId)
    },
    async traits(site, identityId, after, limit) {
      const later = after ? ' AND ("trait", "sourceID") > (?, ?)' : ''
      const values: Value[] = after ? [after.trait, after.sourceID] : []
      const rows = await all(
        `SELECT "trait", "value", "sourceID", "at", "receivedAt" FROM ${schema}traits WHERE site = ? AND "identityId" = ?${later} ORDER BY "trait", "sourceID" LIMIT ?`,
        [site, toKey(identityId), ...values, limit],
      )
      return rows as StoredTrait[]
    },
  }
}
