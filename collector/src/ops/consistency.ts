/** A table whose rows are counted for people. */
export const countedTables = ['visits', 'sessions', 'pages', 'events', 'identities'] as const

/** What a look into a database found. */
export interface Findings {
  /** The version of its tables. 0: it has none. */
  readonly version: number
  /** Rows by table. */
  readonly counts: Readonly<Record<string, number>>
  /** What is wrong, one line each. Empty if all is well. */
  readonly problems: readonly string[]
}

/** Rows that need a row of another table: the merge writes both in one transaction. */
const needs = [
  ['events', 'visits', ['visitID']],
  ['pages', 'visits', ['visitID']],
  ['sessions', 'visits', ['visitID']],
  ['writers', 'visits', ['visitID']],
  ['events', 'sessions', ['visitID', 'sessionID']],
  ['sessions', 'identities', ['identityId']],
] as const

/** A count of rows that should be 0, and what it says if it is not. */
export interface OrphanCount {
  readonly sql: string
  readonly toProblem: (count: number) => string
}

/**
 * Makes the queries that count the rows whose visit, session or identity is missing.
 *
 * @param prefix of table names, such as `sojourn.`.
 * @param hasSite whether the keys of these tables begin with the site.
 * @param isDistributed whether each visit is on one machine. Rows of different machines cannot be compared.
 */
export function makeOrphanCounts(prefix: string, hasSite: boolean, isDistributed = false): readonly OrphanCount[] {
  return needs
    .filter(([, parent]) => !isDistributed || parent !== 'identities')
    .map(([table, parent, columns]) => {
      const keys = [...(hasSite ? ['site'] : []), ...columns]
      const isSame = keys.map(key => `parent."${key}" = child."${key}"`).join(' AND ')
      const last = columns.at(-1)
      const from = `${prefix}${table} AS child WHERE child."${last}" IS NOT NULL`
      return {
        sql: `SELECT count(*) AS count FROM ${from} AND NOT EXISTS (SELECT 1 FROM ${prefix}${parent} AS parent WHERE ${isSame})`,
        toProblem: count => `${count} of ${table} without their row in ${parent}`,
      }
    })
}
