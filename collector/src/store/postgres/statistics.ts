import { schema } from './migrations.js'
import type { Servers } from './servers.js'

/** The tables are looked at after so many rows, and then after ten times as many. With fewer rows, every plan is fast. */
const firstRows = 300

// Where `reltuples` is -1, nobody has analyzed the table. It is 0 if somebody did so while the first rows were written.
const unknown = `
  SELECT relname AS name FROM pg_class
  WHERE relnamespace = $1::regnamespace AND relkind = 'r' AND reltuples < 1 AND pg_relation_size(oid) > 0`

/**
 * Gives the planner of PostgreSQL statistics of tables that are new or restored. PostgreSQL makes them by itself only about a
 * minute later. Until then it takes a table for empty, and may go through all visits of a site for each event of a list.
 *
 * A failure is no trouble, because PostgreSQL makes the statistics later.
 *
 * @returns what is told how many rows were merged.
 */
export function createStatistics({ read }: Pick<Servers, 'read'>): (rows: number) => void {
  let next = firstRows
  let count = 0

  async function analyze(): Promise<void> {
    await read(async run => {
      const found = (await run(unknown, [schema])) as { name: string }[]
      if (found.length) await run(`ANALYZE ${found.map(({ name }) => `${schema}.${name}`).join()}`, [], { once: true })
    })
  }

  analyze().catch(() => undefined)
  return function (rows) {
    count += rows
    if (count < next) return
    next *= 10
    analyze().catch(() => undefined)
  }
}
