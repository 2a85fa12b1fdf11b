import { closeSync, existsSync, fsyncSync, linkSync, openSync, realpathSync, renameSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import Database from 'better-sqlite3'
import type { ErasedAgain, TombstoneState } from '../../store/rights.js'
import { type FileLock, lockFile } from './file-lock.js'
import { openForReading } from './inspect.js'
import { eraseAgainIn, lastErasure, readTombstones } from './tombstones.js'

/** A version that no collector accepts. A collector that waits for the replaced file then does not go on with it. */
const replacedVersion = 2_147_483_647
/** How long a restore waits for a lock. A collector that has the file open never gives it up. */
const lockTimeoutMs = 1000

/**
 * Copies a database that collectors may be writing to. The copy holds all that was committed when the copying began.
 *
 * `VACUUM INTO` reads in one transaction. Other processes go on writing meanwhile. (The backup interface of SQLite would
 * begin again after each of their commits.) The copy is on disk, and only this user may read it, before it gets its name.
 *
 * @throws if there is a file of that name already, or if the database cannot be read.
 */
export function copyDatabase(from: string, to: string): void {
  refuseExisting(to)
  const lock = lockFile(to)
  try {
    const part = writePart(from, to, lock)
    try {
      giveName(part, to)
    } finally {
      rmSync(part, { force: true })
    }
  } finally {
    lock.free()
  }
}

/**
 * Puts a copy of a backup in place of a database. A database that is there is replaced in one step, so that there is
 * always one of them. Whom the replaced database had erased is erased in the copy before, so that nobody who was erased is
 * ever back.
 *
 * @param isReplacing whether a database may be there. It is lost.
 * @param now Unix epoch, ms.
 * @returns what was erased again; `null` if no database was there, or none in which anybody was erased.
 * @throws (rejects) if a database is there and may not be replaced, if a process has it open, or if it cannot be told
 *   whom it had erased. Nothing is changed then.
 */
export async function restoreDatabase(
  backup: string,
  to: string,
  isReplacing: boolean,
  now: number,
): Promise<ErasedAgain | null> {
  // If the path is a symbolic link, the link stays.
  const target = existsSync(to) ? realpathSync(to) : to
  if (!isReplacing)
    for (const path of [target, ...besideOf(target)]) refuseExisting(path, '; --replace replaces the database')
  const tombstones = existsSync(target) ? tombstonesOf(target) : null
  const lock = lockFile(target)
  try {
    return await restoreInto(backup, target, tombstones, now, lock)
  } finally {
    lock.free()
  }
}

async function restoreInto(
  backup: string,
  target: string,
  tombstones: TombstoneState | null,
  now: number,
  lock: FileLock,
): Promise<ErasedAgain | null> {
  const part = writePart(backup, target, lock)
  try {
    const erased = tombstones?.rows.length ? await eraseAgainIn(part, tombstones, now) : null
    sync(part)
    if (tombstones) replace(part, target, tombstones.n)
    else {
      // SQLite would play the log of another database into this one.
      for (const path of besideOf(target)) rmSync(path, { force: true })
      giveName(part, target)
    }
    return erased
  } finally {
    for (const path of [part, ...besideOf(part)]) rmSync(path, { force: true })
  }
}

function tombstonesOf(target: string): TombstoneState {
  try {
    return readTombstones(target)
  } catch (error) {
    throw new Error(`${target} cannot be read, so it is not known whom it had erased; move it away to do without`, {
      cause: error,
    })
  }
}

/** Copies into a file beside the target, and returns its path. What an interrupted copy has left there is removed. */
function writePart(from: string, to: string, { isLeft }: FileLock): string {
  const part = `${to}.part`
  const db = openForReading(from)
  try {
    for (const path of isLeft ? [part, ...besideOf(part)] : []) rmSync(path, { force: true })
    closeSync(createFile(part))
    try {
      db.prepare('VACUUM INTO ?').run(part)
      sync(part)
    } catch (error) {
      rmSync(part, { force: true })
      throw error
    }
  } finally {
    db.close()
  }
  return part
}

function createFile(path: string): number {
  try {
    return openSync(path, 'wx', 0o600)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    const found = [path, ...besideOf(path)].filter(one => existsSync(one)).join(' and ')
    throw new Error(`${found} would be written over; if an interrupted copy has left it, delete it`, { cause: error })
  }
}

/** Names a file. Unlike a rename, this fails if there is a file of that name by now. */
function giveName(part: string, to: string): void {
  linkSync(part, to)
  sync(dirname(to))
}

/** Replaces a database that no other process has open. @param n the number of its last erasure that is known. */
function replace(part: string, target: string, n: number): void {
  const db = new Database(target, { timeout: lockTimeoutMs })
  try {
    takeAlone(db, target)
    // Without a file for the rollback, which would lie beside the new database.
    db.pragma('journal_mode = MEMORY', { simple: true })
    db.exec('BEGIN EXCLUSIVE')
    if (lastErasure(db).n !== n) throw new Error('somebody was erased meanwhile; run it again')
    renameSync(part, target)
    sync(dirname(target))
    db.exec(`PRAGMA user_version = ${replacedVersion}; COMMIT`)
  } finally {
    db.close()
  }
}

/** Leaves the write-ahead log, which SQLite does only for the last process that has the file open. */
function takeAlone(db: Database, target: string): void {
  try {
    if (db.pragma('journal_mode = DELETE', { simple: true }) === 'delete') return
  } catch (error) {
    if (!(error as { code?: string }).code?.startsWith('SQLITE_BUSY'))
      throw new Error(`${target} cannot be opened, so it is not known whether a collector uses it; move it away`, {
        cause: error,
      })
  }
  throw new Error(`${target} is open in another process; stop the collector first`)
}

function besideOf(path: string): string[] {
  return ['-wal', '-shm', '-journal'].map(end => path + end)
}

function refuseExisting(path: string, hint = ''): void {
  if (existsSync(path)) throw new Error(`${path} exists already${hint}`)
}

/** Waits until a file, or the names in a folder, are on disk. */
function sync(path: string): void {
  const opened = openSync(path, 'r')
  try {
    fsyncSync(opened)
  } finally {
    closeSync(opened)
  }
}
