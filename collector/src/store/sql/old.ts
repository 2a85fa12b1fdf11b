import { eraseBiteRows, oldBiteVisits } from '../../limits.js'
import type { OldCursor, Rights } from '../rights.js'
import { both, deleteInBites, isOf, toDelete, toLock, visitTables } from './bites.js'
import type { ChangeStatement, RightsDatabase, Unit } from './change.js'
import type { Folds } from './fold.js'
import { createFindLeftIdentities } from './left-identities.js'
import { createRemoveOldParts } from './old-parts.js'

/** A visit that may be old, with what is needed to remove it. */
interface OldVisit {
  readonly visitID: string
  readonly identities: readonly string[]
  /** How many rows belong to it; of each table, not more than `eraseBiteRows` are counted. */
  readonly rows: number
  readonly isLarge: boolean
}

/** Makes `removeOld` of an SQL database. */
export function createRemoveOld(database: RightsDatabase, folds: Folds): Rights['removeOld'] {
  const { schema, lock, isDistributed, all, change, rest } = database
  const removeParts = createRemoveOldParts(database, folds)
  const findLeft = createFindLeftIdentities(database)

  /** The condition that nothing of a visit was received since a time. */
  function isOld(site: string, visitID: string, before: number) {
    const none = (table: 'events' | 'sessions', column: string) => {
      const { sql, values } = isOf(table, site, visitID)
      return {
        sql: `NOT EXISTS (SELECT 1 FROM ${schema}${table} WHERE ${sql} AND "${column}" >= ?)`,
        values: [...values, before],
      }
    }
    const visit = isOf('visits', site, visitID)
    return both(
      visit,
      { sql: '"receivedAt" < ?', values: [before] },
      none('sessions', 'receivedAt'),
      none('events', 'serverTimestamp'),
    )
  }

  function toGuards(site: string, visitID: string, before: number): ChangeStatement[] {
    const old = isOld(site, visitID, before)
    // The second statement sees what a merge has stored for which the first one waited.
    return [
      { ...toLock(schema, lock, site, visitID), must: true },
      { sql: `SELECT 1 AS one FROM ${schema}visits WHERE ${old.sql}`, values: old.values, must: true },
    ]
  }

  function toUnit(site: string, visitID: string, before: number): Unit {
    const names = [...visitTables, 'visits'] as const
    return [
      ...toGuards(site, visitID, before),
      ...names.map(table => toDelete(schema, table, isOf(table, site, visitID))),
      folds.mark(site, visitID, before),
    ]
  }

  async function look(site: string, visitID: string, before: number): Promise<OldVisit | null> {
    const old = isOld(site, visitID, before)
    if (!(await all(`SELECT 1 AS one FROM ${schema}visits WHERE ${old.sql}`, old.values)).length) return null
    const counts = visitTables.map(table => {
      const { sql, values } = isOf(table, site, visitID)
      const some = `SELECT 1 FROM ${schema}${table} WHERE ${sql} LIMIT ${eraseBiteRows + 1}`
      return { sql: `SELECT count(*) AS size FROM (${some}) AS part`, values }
    })
    const found = await all(
      counts.map(({ sql }) => sql).join(' UNION ALL '),
      counts.flatMap(({ values }) => values),
    )
    const rows = found.reduce<number>((sum, one) => sum + (one as { size: number }).size, 0)
    const theirs = `SELECT DISTINCT "identityId" AS id FROM ${schema}sessions WHERE site = ? AND "visitID" = ?`
    const identities = (await all(theirs, [site, visitID])).map(one => (one as { id: string }).id)
    return { visitID, identities, rows, isLarge: rows > eraseBiteRows }
  }

  async function removeLarge(site: string, visitID: string, before: number): Promise<number> {
    // Something may arrive meanwhile. It stays.
    await removeParts(site, visitID, before)
    const old = isOld(site, visitID, before)
    const isStillOld = { sql: `EXISTS (SELECT 1 FROM ${schema}visits WHERE ${old.sql})`, values: old.values }
    await deleteInBites(database, 'refused', [site, visitID], isStillOld, folds.mark(site, visitID, before))
    const [result] = await change([toUnit(site, visitID, before)])
    return result ? 1 : 0
  }

  /** Removes an identity without sessions. Of others, removes what was said of them long ago and said anew since. */
  async function removeIdentity(site: string, identityId: string, before: number): Promise<void> {
    const one = isOf('identities', site, identityId)
    const any = `SELECT 1 AS one FROM ${schema}sessions WHERE site = ? AND "identityId" = ?`
    if ((await all(`${any} LIMIT 1`, one.values)).length) {
      const newer = `SELECT 1 FROM ${schema}traits AS newer WHERE newer.site = ? AND newer."identityId" = ? AND newer.trait = ${schema}traits.trait AND newer.at > ${schema}traits.at`
      const isOver = { sql: `"receivedAt" < ? AND EXISTS (${newer})`, values: [before, site, identityId] }
      await deleteInBites(database, 'traits', [site, identityId], isOver)
      return
    }
    const none = { sql: `NOT EXISTS (${any})`, values: one.values }
    await change([
      [
        { sql: `SELECT 1 AS one FROM ${schema}identities WHERE ${one.sql}${lock}`, values: one.values, must: true },
        { ...toDelete(schema, 'identities', isDistributed ? one : both(one, none)), must: true },
      ],
    ])
    // Somebody may have signed in again meanwhile. If there was none, a collector may have died here.
    const isGone = { sql: `NOT EXISTS (SELECT 1 FROM ${schema}identities WHERE ${one.sql})`, values: one.values }
    await deleteInBites(database, 'traits', [site, identityId], isGone)
  }

  return async (site, before, after) => {
    const later = after ? ' AND ("receivedAt", "visitID") > (?, ?)' : ''
    const found = (await all(
      `SELECT "receivedAt", "visitID" FROM ${schema}visits WHERE site = ? AND "receivedAt" < ?${later} ORDER BY "receivedAt", "visitID" LIMIT ${oldBiteVisits}`,
      [site, before, ...(after ? [after.receivedAt, after.visitID] : [])],
    )) as OldCursor[]
    const identities = new Set<string>()
    const looked: string[] = []
    let visits = 0
    let small: Unit[] = []
    let rows = 0
    async function flush(): Promise<void> {
      const results = small.length ? await change(small) : []
      visits += results.filter(one => one !== null).length
      small = []
      rows = 0
      await rest()
    }
    for (const { visitID } of found) {
      const old = await look(site, visitID, before)
      const whose = old?.identities ?? (await removeParts(site, visitID, before))
      if (!whose) continue
      looked.push(visitID)
      for (const identityId of whose) identities.add(identityId)
      if (!old) continue
      if (old.isLarge) visits += await removeLarge(site, visitID, before)
      else {
        if (rows + old.rows > eraseBiteRows) await flush()
        small.push(toUnit(site, visitID, before))
        rows += old.rows
      }
    }
    await flush()
    await folds.fold(site, looked)
    const last = found.at(-1)
    const next = last && found.length === oldBiteVisits ? last : null
    const left = next ? [] : await findLeft(site, before)
    for (const identityId of [...identities, ...left]) await removeIdentity(site, identityId, before)
    return { visits, hasRemoved: looked.length + left.length > 0, next }
  }
}
