import type { RunningStore } from '../running.js'
import type { HealthDatabase } from './health.js'

/** Keeps which collectors run in a table of an SQL database. */
export function createSqlRunning({ schema, all, change }: HealthDatabase): RunningStore {
  const table = `${schema}running`
  return {
    async stay({ place, start, until }) {
      await change(
        `INSERT INTO ${table} ("place", "start", "until") VALUES (?, ?, ?) ON CONFLICT ("place") DO UPDATE SET "start" = excluded."start", "until" = excluded."until" RETURNING 1`,
        [place, start, until],
      )
    },
    async leave({ place, start }) {
      await change(`DELETE FROM ${table} WHERE "place" = ? AND "start" = ? RETURNING 1`, [place, start])
    },
    async count(at) {
      const [found] = await all(`SELECT count(*) AS "count" FROM ${table} WHERE "until" > ?`, [at])
      return Number((found as { count: number | string }).count)
    },
    async removeBefore(until) {
      await change(`DELETE FROM ${table} WHERE "until" < ? RETURNING 1`, [until])
    },
  }
}
