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

/**
 * Makes the queries that find what is counted wrongly: sessions that are listed and no longer there, although their visit does
 * not wait to be counted anew; and totals that are not the sum of what is listed.
 *
 * @param isDistributed whether sessions are on several machines. They cannot be compared with lists then.
 */
export function makeNumbersCounts(prefix: string, isDistributed = false): readonly OrphanCount[] {
  const isSame = (table: string): string => `${table}.site = listed.site AND ${table}."visitID" = listed."visitID"`
  const isThere = `SELECT 1 FROM ${prefix}sessions AS sessions WHERE ${isSame('sessions')} AND sessions."sessionID" = listed."sessionID"`
  const waits = `SELECT 1 FROM ${prefix}changed AS changed WHERE ${isSame('changed')}`
  const both = `SELECT site, n FROM ${prefix}totals WHERE dim = 0 AND "key" = 2 UNION ALL SELECT site, -1 AS n FROM ${prefix}listed`
  const listed = {
    sql: `SELECT count(*) AS count FROM ${prefix}listed AS listed WHERE NOT EXISTS (${isThere}) AND NOT EXISTS (${waits})`,
    toProblem: (count: number) => `${count} of listed without their row in sessions`,
  }
  return [
    ...(isDistributed ? [] : [listed]),
    {
      sql: `SELECT count(*) AS count FROM (SELECT site FROM (${both}) AS part GROUP BY site HAVING sum(n) <> 0) AS odd`,
      toProblem: count => `the totals of ${count} sites are not the sums of their sessions`,
    },
  ]
}
