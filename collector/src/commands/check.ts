import type { Findings } from '../ops/consistency.js'
import { parseDatabase } from '../ops/database.js'
import { inspectPostgres } from '../ops/postgres/inspect.js'
import { inspectFile } from '../ops/sqlite/inspect.js'
import { dbFlags, parseFlags, toDb } from '../options.js'
import type { Command, CommandContext } from './command.js'
import { toOpenError } from './open-store.js'

const help = `sojourn-collector check: looks whether a database is whole, and counts what is in it.

  flag                 meaning                                        variable             default
  --db <file or url>   the database                                   SOJOURN_DB           ./sojourn.db
  --db-file <file>     a file that contains what --db would be        SOJOURN_DB_FILE

It changes nothing. A collector may be running. The exit code is 0 if all is well, and 1 otherwise.`

/** Checks a database and prints its counts. */
export const check: Command = { name: 'check', summary: 'looks whether the database is whole, and counts', help, run }

async function run({ args, env, print, warn }: CommandContext): Promise<number> {
  const db = toDb(parseFlags(args, dbFlags).flags, env)
  const database = parseDatabase(db)
  let found: Findings
  try {
    found = database.isPostgres ? await inspectPostgres(db) : inspectFile(db)
  } catch (error) {
    throw toOpenError(database, error)
  }
  const { version, counts, problems } = found
  print(`${database.name}, version ${version}`)
  for (const line of toCountLines(counts)) print(line)
  for (const problem of problems) warn(`sojourn-collector: ${problem}`)
  print(problems.length ? `problems: ${problems.length}` : 'all is well')
  return problems.length ? 1 : 0
}

/** Makes a line for each table, with its name and how many rows it has. */
export function toCountLines(counts: Findings['counts']): string[] {
  return Object.entries(counts).map(([table, count]) => `  ${table.padEnd(10)} ${count}`)
}
