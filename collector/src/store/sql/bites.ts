import { eraseBiteRows } from '../../limits.js'
import { type TableName, tables, type Value } from '../tables.js'
import type { ChangeStatement, RightsDatabase } from './change.js'

/** The tables that have rows of visits, besides `visits` itself. Sessions come last, because others refer to them. */
export const visitTables = ['events', 'session_pages', 'pages', 'writers', 'refused', 'sessions'] as const

/** A condition with its values. */
export interface Condition {
  readonly sql: string
  readonly values: readonly Value[]
}

/** Makes a statement that deletes rows and returns one row for each. @param alias what the condition calls the table. */
export function toDelete(
  schema: string,
  table: TableName,
  { sql, values }: Condition,
  alias?: string,
): ChangeStatement {
  const from = `${schema}${table}${alias ? ` AS ${alias}` : ''}`
  return { sql: `DELETE FROM ${from} WHERE ${sql} RETURNING 1 AS one`, values }
}

/** Makes the statement that locks the row of a visit. Until the end of the unit, no merge writes rows of the visit. */
export function toLock(schema: string, lock: string, site: string, visitID: string): ChangeStatement {
  const { sql, values } = isOf('visits', site, visitID)
  return { sql: `SELECT 1 AS one FROM ${schema}visits WHERE ${sql}${lock}`, values }
}

/** The condition that rows belong to a visit; or to an identity, for tables of identities. */
export function isOf(table: TableName, site: string, id: string): Condition {
  return { sql: `site = ? AND "${columnsOf(table)[1]}" = ?`, values: [site, id] }
}

/** Joins conditions with AND. */
export function both(...all: readonly Condition[]): Condition {
  return { sql: all.map(({ sql }) => `(${sql})`).join(' AND '), values: all.flatMap(({ values }) => values) }
}

/**
 * Deletes the rows of one visit or identity that match, in ranges of keys of at most `eraseBiteRows` rows, each a
 * transaction of its own. Between them, the event loop and other writers go on.
 *
 * Each transaction locks the row of the visit first, as a merge does. So `which` may look at other rows of the visit.
 *
 * @param mark the statement that marks the visit as changed; `null` for an identity, of which nothing is locked.
 * @returns how many rows were deleted.
 */
export async function deleteInBites(
  { schema, lock, all, change, rest }: RightsDatabase,
  table: TableName,
  [site, id]: readonly [string, string],
  which: Condition | null,
  mark: ChangeStatement | null = null,
): Promise<number> {
  const keys = columnsOf(table).slice(2)
  const [list, marks] = [keys.map(key => `"${key}"`).join(), keys.map(() => '?').join()]
  const own = isOf(table, site, id)
  const visit = mark ? [toLock(schema, lock, site, id)] : []
  let after: readonly Value[] = keys.map(() => '')
  for (let count = 0; ; ) {
    const later = { sql: `(${list}) > (${marks})`, values: after }
    const [edge] = await all(
      `SELECT ${list} FROM ${schema}${table} WHERE ${own.sql} AND ${later.sql} ORDER BY ${list} LIMIT 1 OFFSET ${eraseBiteRows - 1}`,
      [...own.values, ...later.values],
    )
    const to = edge && keys.map(key => (edge as Record<string, Value>)[key] as Value)
    const range = to ? both(later, { sql: `(${list}) <= (${marks})`, values: to }) : later
    const remove = toDelete(schema, table, both(own, range, ...(which ? [which] : [])))
    const [result] = await change([[...visit, remove, ...(mark ? [mark] : [])]])
    count += result?.[visit.length] ?? 0
    await rest()
    if (!to) return count
    after = to
  }
}

function columnsOf(name: TableName): readonly string[] {
  const table = tables.find(one => one.name === name)
  return table ? table.columns.slice(0, table.keys) : []
}
