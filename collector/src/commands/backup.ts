import { parseDatabase } from '../ops/database.js'
import { copyDatabase } from '../ops/sqlite/copy.js'
import { dbFlags, OptionError, parseFlags, toDb } from '../options.js'
import { schema } from '../store/postgres/migrations.js'
import type { Command, CommandContext } from './command.js'
import { toOpenError } from './open-store.js'

const help = `sojourn-collector backup <file>: copies the database of a running collector into a new file.

  flag                 meaning                                        variable             default
  --db <file>          the database                                   SOJOURN_DB           ./sojourn.db
  --db-file <file>     a file that contains what --db would be        SOJOURN_DB_FILE

The copy holds every record that was acknowledged before the command began. It is one file. A copy made with cp would
lack what is still in the log of SQLite. A PostgreSQL database is backed up with pg_dump.`

/** Copies an SQLite database that a collector may be writing to. For PostgreSQL it names the program that does so. */
export const backup: Command = { name: 'backup', summary: 'copies the database of a running collector', help, run }

async function run({ args, env, print, warn }: CommandContext): Promise<number> {
  const { flags, words } = parseFlags(args, dbFlags, 1)
  const [file] = words
  if (!file) throw new OptionError('backup: name the new file, such as backup ./sojourn-backup.db')
  const db = toDb(flags, env)
  const database = parseDatabase(db)
  if (database.isPostgres) {
    const command = `pg_dump --format=custom --schema=${schema} --file=${file} --dbname=${database.dbname}`
    warn(`sojourn-collector: PostgreSQL has its own program for this: ${command}`)
    return 1
  }
  try {
    copyDatabase(db, file)
  } catch (error) {
    throw toOpenError({ ...database, name: `${database.name} to ${file}` }, error)
  }
  print(`copied ${database.name} to ${file}`)
  return 0
}
