import { closeSync, openSync, statSync } from 'node:fs'
import { platform } from 'node:os'
import { connectTimeoutMs } from '../limits.js'
import { type Database, parseDatabase } from '../ops/database.js'
import { expectPostgres } from '../ops/postgres/inspect.js'
import { createHider } from '../ops/secrets.js'
import { openForReading } from '../ops/sqlite/inspect.js'
import type { AdminStore } from '../sites/admin.js'
import type { AskDiskUse } from '../store/disk-use.js'
import { openPostgres } from '../store/postgres/postgres.js'
import { openSqlite } from '../store/sqlite/sqlite.js'
import type { CollectorStore } from '../store/store.js'

/** What opening a store needs of its process. */
export interface OpenParts {
  /** The file that the threads of SQLite run. If left out, SQLite runs in this thread. */
  readonly thread?: URL
  /** Is called with a line about an SQLite file that other users of the machine may read. */
  readonly warn?: (line: string) => void
  /**
   * Whether the database must be there. Most commands need it: in a new one, which a mistyped `--db` would make, nothing
   * can be erased or exported, and nobody would notice.
   *
   * @default false
   */
  readonly mustExist?: boolean
}

/** A store, with what its operator decides and asks. */
export interface OpenedStore extends CollectorStore {
  readonly admin: AdminStore
  readonly diskUse: AskDiskUse
}

/**
 * Opens the store that `--db` names. Creates or migrates its tables if needed. Only the user of this process may read a
 * file that it creates.
 *
 * @throws (rejects) an error of one line, also if the database must be there and is not. Neither it nor a cause contains the password of the database.
 */
export async function openStore(db: string, { thread, warn, mustExist }: OpenParts = {}): Promise<OpenedStore> {
  const database = parseDatabase(db)
  try {
    if (mustExist) await (database.isPostgres ? expectPostgres(db) : openForReading(db).close())
    if (database.isPostgres) return await openPostgres(db)
    createPrivate(db)
    const store = await openSqlite(db, thread)
    // Not before it has opened: nobody should change the permissions of a file that is no database.
    warnOfReaders(db, warn)
    return store
  } catch (error) {
    throw toOpenError(database, error)
  }
}

/** Makes an error of one line that says why a database cannot be used, without its password and without a cause. */
export function toOpenError({ name, isPostgres, secrets }: Database, error: unknown): Error {
  const { message, code } = error as NodeJS.ErrnoException
  // The name may be the end of a password that contains an `@`.
  if (isPostgres && /^(ENOTFOUND|EAI_AGAIN)$/.test(code ?? ''))
    return new Error(`--db: no server has the name of its host (${code})`)
  const said = (isPostgres ? toWaited(message) : toSentence(code)) ?? message
  // If Node tried several addresses, the message is empty.
  return new Error(`--db ${name}: ${createHider(secrets)(said || code || 'unknown error')}`)
}

/** What was waited for in vain, by what the driver of PostgreSQL says. */
function toWaited(message: string): string | undefined {
  const seconds = connectTimeoutMs / 1000
  if (/connection timeout|timeout exceeded when trying to connect/.test(message))
    return `waited ${seconds} s for the server to open a connection; look whether PostgreSQL listens at this host and port, and whether a firewall is in between`
  if (/Query read timeout/.test(message))
    return 'the server opened a connection, but did not answer a statement in time'
  return undefined
}

/** What SQLite says too shortly, by the beginning of its code. */
const sentences = {
  SQLITE_CANTOPEN: 'it is a folder, or this user may not open it',
  SQLITE_READONLY: 'this user may not write into the file and its folder, which SQLite needs for reads too',
}

function toSentence(code = ''): string | undefined {
  return Object.entries(sentences).find(([begin]) => code.startsWith(begin))?.[1]
}

/**
 * Creates the file of a database so that only this user may read it. SQLite gives its log and index the same
 * permissions. The permissions of a file that exists are left as they are.
 */
function createPrivate(path: string): void {
  try {
    closeSync(openSync(path, 'a', 0o600))
  } catch {
    // SQLite cannot open it either, and says why.
  }
}

/** @param warn is called with a line if other users may read the file. */
function warnOfReaders(path: string, warn?: (line: string) => void): void {
  const readers = statSync(path).mode & 0o044
  if (readers && platform() !== 'win32')
    warn?.(`sojourn-collector: other users of this machine may read the database: chmod 600 ${path}`)
}
