import { isPostgres, toLogText } from '../options.js'
import { openPostgres } from '../store/postgres/postgres.js'
import { openSqlite } from '../store/sqlite/sqlite.js'
import type { CollectorStore } from '../store/store.js'

/**
 * Opens the store that `--db` names. Creates or migrates its tables if needed.
 *
 * @param thread the file that the threads of SQLite run. If left out, SQLite runs in this thread.
 * @throws (rejects) an error of one line, which names the database without its password.
 */
export async function openStore(db: string, thread?: URL): Promise<CollectorStore> {
  try {
    return await (isPostgres(db) ? openPostgres(db) : openSqlite(db, thread))
  } catch (error) {
    const { message, code } = error as NodeJS.ErrnoException
    // If Node tried several addresses, the message is empty.
    throw new Error(`--db ${toLogText(db)}: ${message || code}`, { cause: error })
  }
}
