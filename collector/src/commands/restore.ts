import { parseDatabase } from '../ops/database.js'
import { restoreDatabase } from '../ops/sqlite/copy.js'
import { inspectFile } from '../ops/sqlite/inspect.js'
import { dbFlags, OptionError, parseFlags, toDb } from '../options.js'
import { toCountLines } from './check.js'
import type { Command, CommandContext } from './command.js'
import { toOpenError } from './open-store.js'
import { otherSecret, toErasedLine } from './tombstones.js'

const help = `sojourn-collector restore <file>: puts a backup in place of the database of a stopped collector.

  flag                 meaning                                        variable             default
  --db <file>          the database                                   SOJOURN_DB           ./sojourn.db
  --db-file <file>     a file that contains what --db would be        SOJOURN_DB_FILE
  --replace            a database that is there is lost

The backup is checked first, and stays where it is. Whom the replaced database had erased is erased again. If no database is
there, do so with tombstones apply. A PostgreSQL database is restored with pg_restore.`

/** Checks a backup, and puts a copy of it in place of an SQLite database that no process has open. */
export const restore: Command = { name: 'restore', summary: 'puts a backup in place of the database', help, run }

async function run({ args, env, print, warn }: CommandContext): Promise<number> {
  const { flags, words } = parseFlags(args, { ...dbFlags, replace: { type: 'boolean' } }, 1)
  const [file] = words
  if (!file) throw new OptionError('restore: name the backup, such as restore ./sojourn-backup.db')
  const db = toDb(flags, env)
  const database = parseDatabase(db)
  if (database.isPostgres) {
    const command = `pg_restore --exit-on-error --dbname=${database.dbname} ${file}`
    warn(`sojourn-collector: PostgreSQL has its own program for this: ${command}`)
    return 1
  }
  try {
    const { problems, counts } = inspectFile(file)
    const [problem] = problems
    if (problem !== undefined) throw new Error(`the backup is not restored: ${problem}`)
    const erased = await restoreDatabase(file, db, flags.replace ?? false, Date.now())
    print(`restored ${file} to ${database.name}`)
    for (const line of toCountLines(erased ? inspectFile(db).counts : counts)) print(line)
    if (erased) print(toErasedLine(erased))
    else print('nobody was erased again: no erasure of a replaced database is known')
    if (erased && !erased.isKept) warn(`sojourn-collector: ${otherSecret}`)
    return 0
  } catch (error) {
    throw toOpenError({ ...database, name: `${database.name} from ${file}` }, error)
  }
}
