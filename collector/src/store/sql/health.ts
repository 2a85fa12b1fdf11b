import type { HealthRow, HealthStore } from '../health.js'
import type { Value } from '../tables.js'

/** What an SQL database offers to small tables beside the records. */
export interface HealthDatabase {
  /** What stands before the name of a table, such as `sojourn.`. */
  readonly schema: string
  readonly all: (sql: string, values: readonly (string | number)[]) => Promise<readonly object[]>
  /** Runs a statement that writes and returns rows. */
  readonly change: (sql: string, values: readonly Value[]) => Promise<unknown>
}

/** Rows that one statement writes. */
const rowsAtOnce = 100

/** Keeps health in a table of an SQL database. */
export function createSqlHealth({ schema, all, change }: HealthDatabase): HealthStore {
  const columns = ['site', 'minute', 'collector', 'refusedAt', 'counts'].map(one => `"${one}"`).join()
  const read = async (where: string, values: readonly (string | number)[]): Promise<readonly HealthRow[]> =>
    (await all(`SELECT ${columns} FROM ${schema}health WHERE ${where}`, values)) as readonly HealthRow[]

  return {
    async write(rows) {
      // All collectors write in one order, so that they do not lock each other.
      const ordered = rows.toSorted((a, b) => (a.site < b.site ? -1 : a.site > b.site ? 1 : a.minute - b.minute))
      for (let from = 0; from < ordered.length; from += rowsAtOnce) {
        const some = ordered.slice(from, from + rowsAtOnce)
        await change(
          `INSERT INTO ${schema}health (${columns}) VALUES ${some.map(() => '(?,?,?,?,?)').join()} ON CONFLICT ("site", "minute", "collector") DO UPDATE SET "refusedAt" = excluded."refusedAt", "counts" = excluded."counts" RETURNING 1`,
          some.flatMap(({ site, minute, collector, refusedAt, counts }) => [
            site,
            minute,
            collector,
            refusedAt,
            counts,
          ]),
        )
      }
    },
    since: (site, since) => read('"site" = ? AND "minute" >= ? ORDER BY "minute"', [site, since]),
    refused: (site, limit) => read('"site" = ? AND "refusedAt" > 0 ORDER BY "minute" DESC LIMIT ?', [site, limit]),
    async removeBefore(minute) {
      await change(`DELETE FROM ${schema}health WHERE "minute" < ? RETURNING 1`, [minute])
    },
  }
}
