import { closeSync, existsSync, openSync, rmSync } from 'node:fs'
import Database from 'better-sqlite3'

/** The right of one process to write a file. */
export interface FileLock {
  /** Whether the process that had it before was ended before it was done. What it has written under other names may be there. */
  readonly isLeft: boolean
  /** Gives it back. */
  readonly free: () => void
}

/**
 * Takes the right to write a file. No other process may do so meanwhile, whatever names it writes under before. SQLite holds a lock of the
 * system on an empty file beside it, which ends with the process, also if that is killed.
 *
 * @throws if another process has it, or if nothing can be written there.
 */
export function lockFile(file: string): FileLock {
  const path = `${file}.lock`
  const isLeft = existsSync(path)
  closeSync(openSync(path, 'a', 0o600))
  const db = new Database(path, { timeout: 0 })
  try {
    // Without a file for the rollback, which would stay if the process is killed.
    db.pragma('journal_mode = MEMORY', { simple: true })
    db.exec('BEGIN EXCLUSIVE')
    // The process that had it has just removed the file, and a third one may make it anew.
    if (!existsSync(path)) throw Object.assign(new Error(path), { code: 'SQLITE_BUSY' })
  } catch (error) {
    db.close()
    if (!(error as { code?: string }).code?.startsWith('SQLITE_BUSY')) throw error
    throw new Error(`another command is writing ${file}`, { cause: error })
  }
  return {
    isLeft,
    free() {
      const isRemoved = remove(path)
      db.close()
      if (!isRemoved) remove(path)
    },
  }
}

/** Windows removes no file that is open. */
function remove(path: string): boolean {
  try {
    rmSync(path, { force: true })
    return true
  } catch {
    return false
  }
}
