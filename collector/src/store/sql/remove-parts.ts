import { eraseBiteRows } from '../../limits.js'
import { addErased, type VisitPart } from '../erasable.js'
import type { Erased } from '../rights.js'
import type { Value } from '../tables.js'
import { both, type Condition, toDelete, visitTables } from './bites.js'
import type { ChangeStatement, RightsDatabase } from './change.js'
import type { Folds } from './fold.js'
import { createRemoveLarge } from './remove-large.js'
import { toIn } from './visit-rows.js'

/** Visits that one transaction removes something of, and the parts of them that one statement names. */
const maxVisits = 50

/**
 * Makes the removal of what belongs to a person in some visits. As many visits as have `eraseBiteRows` rows together share a
 * transaction, because most have a dozen, and a commit costs more than they do. A larger visit is removed in bites.
 *
 * The transaction locks the rows of its visits first, in the order in which a merge does.
 *
 * @param database on Citus, each visit has transactions of its own, because it may be on a node of its own.
 */
export function createRemoveParts(
  database: RightsDatabase,
  folds: Folds,
): (parts: readonly VisitPart[]) => Promise<Erased> {
  const { schema, all, change, rest, isDistributed } = database
  const removeLarge = createRemoveLarge(database, folds)

  /** Whether visits have at most so many rows together as one transaction may delete. */
  async function isSmall(site: string, visitIDs: readonly string[]): Promise<boolean> {
    let left = eraseBiteRows
    for (const table of visitTables) {
      const { sql, values } = toIn('own', site, visitIDs)
      const edge = `SELECT 1 AS one FROM ${schema}${table} AS own WHERE ${sql} LIMIT ${eraseBiteRows + 1}`
      left -= (await all(edge, values)).length
      if (left < 0) return false
    }
    return true
  }

  async function removeSmall(site: string, parts: readonly VisitPart[], visitIDs: readonly string[]): Promise<Erased> {
    const statements = toStatements(database, site, parts, visitIDs)
    const marks = folds.markAll(site, visitIDs, (parts[0] as VisitPart).erasedAt)
    const [counts] = await change([[...statements.map(({ statement }) => statement), ...marks]])
    const erased = { sessions: 0, events: 0, visits: 0 }
    for (const [n, { counted }] of statements.entries()) if (counted) erased[counted] += counts?.[n] ?? 0
    await rest()
    return erased
  }

  async function remove(parts: readonly VisitPart[]): Promise<Erased> {
    const { site } = parts[0] as VisitPart
    const visitIDs = parts.map(one => one.visitID).sort()
    const spans = parts.reduce((sum, one) => sum + one.parts.length, 0)
    if (!isDistributed && spans <= maxVisits && (await isSmall(site, visitIDs)))
      return removeSmall(site, parts, visitIDs)
    if (parts.length === 1) return removeLarge(parts[0] as VisitPart)
    const half = Math.ceil(parts.length / 2)
    const erased = { sessions: 0, events: 0, visits: 0 }
    for (const some of [parts.slice(0, half), parts.slice(half)]) addErased(erased, await remove(some))
    return erased
  }

  return async parts => {
    const erased = { sessions: 0, events: 0, visits: 0 }
    for (let from = 0; from < parts.length; from += maxVisits) {
      const some = parts.slice(from, from + maxVisits)
      addErased(erased, await remove(some))
      await folds.fold(
        (some[0] as VisitPart).site,
        some.map(one => one.visitID),
      )
    }
    return erased
  }
}

interface Counted {
  readonly statement: ChangeStatement
  /** What the statement returns a row for. */
  readonly counted?: keyof Erased
}

/** Makes the statements of a transaction. Texts differ with a few lengths only, because each text is kept. */
function toStatements(
  { schema, lock, byBytes }: RightsDatabase,
  site: string,
  parts: readonly VisitPart[],
  visitIDs: readonly string[],
): readonly Counted[] {
  type Table = (typeof visitTables)[number] | 'visits'
  const isIn = (alias: string): Condition => toIn(alias, site, visitIDs)
  const remove = (table: Table, ...which: readonly Condition[]): ChangeStatement => {
    const { sql, values } = both(isIn('own'), ...which)
    return toDelete(schema, table, { sql, values }, 'own')
  }
  const isLeft = (table: Table): Condition => {
    const { sql, values } = isIn('other')
    return { sql: `own."visitID" NOT IN (SELECT other."visitID" FROM ${schema}${table} AS other WHERE ${sql})`, values }
  }

  const theirs = isOwn(parts, 's')
  const sessions = both(isIn('s'), theirs)
  const ofSession: Condition = {
    sql: `(own."visitID", own."sessionID") IN (SELECT s."visitID", s."sessionID" FROM ${schema}sessions AS s WHERE ${sessions.sql})`,
    values: sessions.values,
  }
  const inParts = (time: 'timestamp' | 'startDate'): Condition => {
    const spans = parts.flatMap(({ visitID, parts: some }) => some.map(({ from, until }) => [visitID, from, until]))
    const { sql, values } = isAny(spans, `own."visitID" || '' = ? AND own."${time}" BETWEEN ? AND ?`)
    return { sql: `own."sessionID" IS NULL AND ${sql}`, values }
  }
  const hasSpans = parts.some(one => one.parts.length > 0)
  const { sql, values } = isIn('own')
  const locked = `SELECT 1 AS one FROM ${schema}visits AS own WHERE ${sql} ORDER BY own."visitID"${byBytes}${lock}`
  return [
    { statement: { sql: locked, values } },
    { statement: remove('events', ofSession), counted: 'events' },
    ...(hasSpans ? [{ statement: remove('events', inParts('timestamp')), counted: 'events' } as const] : []),
    { statement: remove('session_pages', ofSession) },
    { statement: remove('pages', ofSession) },
    ...(hasSpans ? [{ statement: remove('pages', inParts('startDate')) }] : []),
    // A refused record does not say to which session it would have belonged.
    { statement: remove('refused') },
    { statement: remove('sessions', isOwn(parts, 'own')), counted: 'sessions' },
    // Visits without sessions and events go.
    { statement: remove('visits', isLeft('events'), isLeft('sessions')), counted: 'visits' },
    ...visitTables.map(table => ({ statement: remove(table, isLeft('visits')) })),
  ]
}

/**
 * Sessions of the identity, as `isBefore` says. With `|| ''`, those of the visits are read. Without it, a database may read all sessions
 * of the identity.
 */
function isOwn(parts: readonly VisitPart[], alias: string): Condition {
  const { identityId, erasedAt, aheadAt } = parts[0] as VisitPart
  const began = isAny(
    parts.map(({ visitID, skew }) => [visitID, erasedAt - skew]),
    `${alias}."visitID" || '' = ? AND ${alias}."startDate" <= ?`,
  )
  const sql = `${alias}."identityId" || '' = ? AND (${alias}."receivedAt" <= ? OR ${alias}."receivedAt" > ? OR ${began.sql})`
  return { sql, values: [identityId, erasedAt, aheadAt, ...began.values] }
}

/** The condition that one of some conditions holds, which differ in their values alone. */
function isAny(all: readonly (readonly Value[])[], sql: string): Condition {
  const length = [1, 8, maxVisits].find(one => one >= all.length) ?? all.length
  const padded = Array.from({ length }, (_, n) => all[n] ?? (all[0] as readonly Value[]))
  return { sql: `(${padded.map(() => `(${sql})`).join(' OR ')})`, values: padded.flat() }
}
