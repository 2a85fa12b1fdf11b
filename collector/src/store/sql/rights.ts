import { eraseBiteSessions } from '../../limits.js'
import type { RightsTables, SessionKey, SessionRow } from '../erasable.js'
import { toKey } from '../keys.js'
import type { StoredTrait } from '../rights.js'
import type { Value } from '../tables.js'
import { both, type Condition, deleteInBites, isOf, toDelete } from './bites.js'
import type { RightsDatabase } from './change.js'
import type { Folds } from './fold.js'
import { createRemoveOld } from './old.js'
import { createRemoveParts } from './remove-parts.js'
import { createSqlTombstones } from './tombstones.js'
import { toIn } from './visit-rows.js'

/** Keys of visits or identities that are compared with tombstones at a time. */
const keysAtOnce = 1000
/** Sessions of several visits that an erasure reads at a time. */
export const sessionsAtOnce = 2000

/** Makes the tables of erasure, retention and export in an SQL database. */
export function createSqlRights(database: RightsDatabase, folds: Folds): RightsTables {
  const { schema, all, change, settle } = database

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
    removeParts: createRemoveParts(database, folds),
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
    async sessionsIn(site, visitIDs) {
      const names = ['visitID', 'sessionID', 'identityId', 'startDate', 'endDate', 'lastActivity', 'receivedAt']
      const list = names.map(name => `"${name}"`).join()
      const { sql, values } = toIn('own', site, visitIDs)
      // A stranger who knows the ids of visits can add any number of sessions to each.
      const limit = visitIDs.length > 1 ? ` LIMIT ${sessionsAtOnce + 1}` : ''
      const rows = await all(`SELECT ${list} FROM ${schema}sessions AS own WHERE ${sql}${limit}`, values)
      return visitIDs.length > 1 && rows.length > sessionsAtOnce ? null : (rows as SessionRow[])
    },
    async skewsOf(site, visitIDs) {
      const { sql, values } = toIn('own', site, visitIDs)
      const rows = await all(`SELECT "visitID", "skew" FROM ${schema}visits AS own WHERE ${sql}`, values)
      return new Map((rows as { visitID: string; skew: number | null }[]).map(one => [one.visitID, one.skew ?? 0]))
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
