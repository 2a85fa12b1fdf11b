import { schema } from './migrations.js'
import type { Servers } from './servers.js'

/** After so many rows, tables are looked at; then after ten times as many, and so on. With fewer, every plan is fast. */
const firstRows = 300

// A table that nobody has analyzed has -1 rows, and one that was while its first rows were written has none.
const unknown = `
  SELECT relname AS name FROM pg_class
  WHERE relnamespace = $1::regnamespace AND relkind = 'r' AND reltuples < 1 AND pg_relation_size(oid) > 0`

/**
 * Gives the planner statistics of tables that are new or restored. PostgreSQL does so by itself, but a minute later or more. Until
 * then it takes a table for empty, and may go through all visits of a site for each event of a list.
 *
 * A failure changes nothing but the time: PostgreSQL comes later.
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
