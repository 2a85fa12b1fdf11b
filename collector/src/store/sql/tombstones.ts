import type { Tombstone } from '../rights.js'
import type { TombstoneTable } from '../tombstones.js'
import type { RightsDatabase } from './change.js'

/** How many tombstones one statement writes. */
const maxRows = 500

/** Makes the tables of tombstones in an SQL database: `erased`, and `erasures` with one row. */
export function createSqlTombstones({ schema, all, change }: RightsDatabase): TombstoneTable {
  const columns = ['site', 'kind', 'hash', 'fromAt', 'untilAt', 'erasedAt']
  const list = [...columns, 'n'].map(name => `"${name}"`).join()
  // One statement sees the number and its tombstones as they were at one moment.
  const read = `SELECT state.n AS number, state.secret AS secret, ${columns.map(name => `e."${name}"`).join()}
    FROM ${schema}erasures AS state LEFT JOIN ${schema}erased AS e ON e.n > ?`
  const greater = (name: string): string =>
    `"${name}" = CASE WHEN excluded."${name}" > ours."${name}" THEN excluded."${name}" ELSE ours."${name}" END`

  return {
    async read(after) {
      const rows = (await all(read, [after])) as (Tombstone & { number: number; secret: string })[]
      const [{ number: n, secret } = { number: 0, secret: '' }] = rows
      return { n, secret, rows: rows.filter(({ hash }) => hash !== null) }
    },
    async write(n, secret, rows) {
      const parts = Array.from({ length: Math.ceil(rows.length / maxRows) }, (_, part) =>
        rows.slice(part * maxRows, (part + 1) * maxRows),
      )
      const next = `UPDATE ${schema}erasures SET n = n + 1, secret = ? WHERE n = ? RETURNING 1 AS one`
      const [result] = await change([
        [
          { sql: next, values: [secret, n], must: true },
          ...parts.map(some => ({
            sql: `INSERT INTO ${schema}erased AS ours (${list}) VALUES ${some.map(() => '(?,?,?,?,?,?,?)').join()}
              ON CONFLICT ("site", "kind", "hash", "fromAt") DO UPDATE SET "n" = excluded."n", ${greater('untilAt')}, ${greater('erasedAt')} RETURNING 1 AS one`,
            values: some.flatMap(one => [one.site, one.kind, one.hash, one.fromAt, one.untilAt, one.erasedAt, n + 1]),
          })),
        ],
      ])
      return result !== null && result !== undefined
    },
  }
}
