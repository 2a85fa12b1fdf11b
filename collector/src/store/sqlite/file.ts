import { existsSync, realpathSync, statSync } from 'node:fs'
import Database from 'better-sqlite3'
import { busyTimeoutMs } from '../../limits.js'
import type { AdminStatement } from '../../sites/sql-admin.js'
import type { AddedCounts } from '../added.js'
import { toKey } from '../keys.js'
import type { Unit, UnitResult } from '../sql/change.js'
import type { Select } from '../sql/select.js'
import type { Row, Value } from '../tables.js'
import { migrations } from './migrations.js'
import { createWriters } from './writer.js'

/** The rows of one group: one list for each table, in the order of `tables`. A row is a list of values. */
export type Rows = readonly (readonly Row[])[]

/** Rows that may be written only while the number of the last erasure is `n`. */
export interface NumberedRows {
  readonly n: number
  readonly rows: Rows
}

/** An open SQLite file. All methods are synchronous. */
export interface SqliteFile {
  /**
   * Joins the rows of groups into the tables in one commit, all or nothing. When it returns, they are on disk. Groups with
   * another number than that of the last erasure are left out.
   *
   * @returns the number of the last erasure, and what was new of each group.
   */
  mergeAll(groups: readonly NumberedRows[]): { readonly n: number; readonly added: readonly AddedCounts[] }
  /** Runs a query and returns its rows. */
  all(select: Select): Record<string, Value>[]
  /**
   * Runs statements in one transaction. If the first returns no row, nothing changes.
   *
   * @returns whether the first has returned a row. When it returns, the changes are on disk.
   */
  transact(statements: readonly AdminStatement[]): boolean
  /** Runs units of statements in one commit. */
  change(units: readonly Unit[]): readonly UnitResult[]
  /** Copies the log into the file and empties it. @returns `false` if somebody still reads what is in it. Ask again then. */
  emptyLog(): boolean
  /** @throws if the file cannot be read now. */
  check(): void
  close(): void
}

/**
 * Opens an SQLite file. Creates or migrates it if needed. Several processes may share one file.
 *
 * @throws if the file cannot be opened, if it is that of another program, if a newer version wrote it, if its log is there
 *   without it, or if SQLite would not keep a commit through a crash.
 */
export function openFile(path: string): SqliteFile {
  refuseLostLog(path)
  const db = new Database(path, { timeout: busyTimeoutMs })
  try {
    makeDurable(db)
    migrate(db)
  } catch (error) {
    db.close()
    throw error
  }
  // If `path` is a symbolic link, SQLite writes its log beside the real file.
  const real = realpathSync(path)
  const paths = [path, `${real}-wal`, `${real}-shm`]
  const opened = paths.map(toFileID)
  const write = createWriters(db)
  const statements = new Map<string, ReturnType<typeof db.prepare>>()
  const erasures = db.prepare('SELECT n FROM erasures')
  const merge = db.transaction((groups: readonly NumberedRows[]) => {
    const present = Number(erasures.get()?.n)
    const added = groups.map(({ n, rows }): AddedCounts => (n === present ? write(rows) : new Map()))
    return { n: present, added }
  })

  const transact = db.transaction(([first, ...others]: readonly AdminStatement[]) => {
    if (!first || !db.prepare(first.sql).get(...first.values)) return false
    for (const { sql, values } of others) db.prepare(sql).run(...values)
    return true
  })

  const changeOne = db.transaction((unit: Unit) =>
    unit.map(({ sql, values, must = false }) => {
      const statement = prepare(sql)
      if (!statement.reader) {
        statement.run(...values)
        return 0
      }
      const count = statement.all(...values).length
      if (must && !count) throw stop
      return count
    }),
  )
  // Each unit is a savepoint in the transaction of all.
  const change = db.transaction((units: readonly Unit[]) =>
    units.map(unit => {
      try {
        return changeOne(unit)
      } catch (error) {
        if (error === stop) return null
        throw error
      }
    }),
  )

  function prepare(sql: string): ReturnType<typeof db.prepare> {
    const statement = statements.get(sql) ?? db.prepare(sql)
    statements.set(sql, statement)
    return statement
  }

  // An open file can still be written after it was moved or deleted, but the next start would not find these commits.
  // The same file may come back. Another file in its place is not used, because the log beside it belongs to the first
  // file.
  function checkThere(): void {
    paths.forEach((one, n) => {
      if (toFileID(one) !== opened[n])
        throw new Error(`${one} was moved or replaced: put it back, or restart the collector`)
    })
  }

  return {
    mergeAll(groups) {
      checkThere()
      const merged = merge.immediate(groups)
      checkThere()
      return merged
    },
    all({ sql, values }) {
      checkThere()
      return prepare(sql).all(...values)
    },
    transact(statements) {
      checkThere()
      const isDone = transact.immediate(statements)
      checkThere()
      return isDone
    },
    change(units) {
      checkThere()
      const results = change.immediate(units)
      checkThere()
      return results
    },
    emptyLog() {
      checkThere()
      // A reader is not waited for, because merges would wait too.
      db.pragma('busy_timeout = 0', { simple: true })
      const busy = db.pragma('wal_checkpoint(TRUNCATE)', { simple: true })
      db.pragma(`busy_timeout = ${busyTimeoutMs}`, { simple: true })
      return busy === 0
    },
    check() {
      checkThere()
      db.prepare('SELECT visitID FROM visits LIMIT 1').get()
    },
    close() {
      db.close()
    },
  }
}

/** Is thrown to undo a unit whose `must` has returned no row. */
const stop = new Error('a statement that must return a row has returned none')

function toFileID(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false })
  return found ? `${found.dev}:${found.ino}` : ''
}

/** SQLite would delete the log of a file that is gone, with the commits that are only in the log, and begin a new file. */
function refuseLostLog(path: string): void {
  const real = existsSync(path) ? realpathSync(path) : path
  const log = `${real}-wal`
  // The log is looked at first, because another process that makes both writes the file before the log.
  if (sizeOf(log) && !sizeOf(real))
    throw new Error(`the file is gone, and its log ${log} has records of it: put the file back, or move the log away`)
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0
}

// Each setting is read back after it was set. A setting that SQLite ignored could lose acknowledged records unnoticed.
function makeDurable(db: Database): void {
  const version = String(db.prepare('SELECT sqlite_version() AS version').get()?.version)
  // https://www.sqlite.org/wal.html#walresetbug
  if (!isAtLeast(version, [3, 51, 3]))
    throw new Error(`SQLite ${version} may lose commits in WAL mode; 3.51.3 or newer is needed`)
  const settings = [
    ['journal_mode', 'WAL', 'wal'],
    ['synchronous', 'FULL', 2],
    ['fullfsync', 'ON', 1],
    ['checkpoint_fullfsync', 'ON', 1],
    // In pages, about 32 MB. A page that changes again before SQLite copies it from the log into the file is copied
    // once.
    ['wal_autocheckpoint', 8000, 8000],
    // In KiB. Identities are scattered over the file. The cache saves reading them again for each of their sessions.
    ['cache_size', -16_384, -16_384],
    // What is erased is overwritten, so that the file does not keep it in its free pages.
    ['secure_delete', 'ON', 1],
  ] as const
  for (const [name, value, expected] of settings) {
    db.pragma(`${name} = ${value}`, { simple: true })
    const actual = db.pragma(name, { simple: true })
    if (actual !== expected)
      throw new Error(`SQLite does not accept ${name} = ${value} for this file; it reports ${actual}`)
  }
}

function migrate(db: Database): void {
  const step = db.transaction(() => {
    const version = Number(db.pragma('user_version', { simple: true }))
    if (version > migrations.length)
      throw new Error(
        `a newer sojourn-collector wrote this database (its version is ${version}, this one knows ${migrations.length})`,
      )
    // The file may be that of another program, whose path was given by mistake.
    if (!version && db.prepare('SELECT 1 FROM sqlite_master LIMIT 1').get())
      throw new Error('it is not the database of a collector')
    db.function('to_key', { deterministic: true }, id => (id === null ? null : toKey(String(id))))
    for (const sql of migrations.slice(version)) db.exec(sql)
    db.pragma(`user_version = ${migrations.length}`, { simple: true })
  })
  step.immediate()
}

function isAtLeast(version: string, least: readonly number[]): boolean {
  const parts = version.split('.').map(Number)
  const different = least.findIndex((part, place) => parts[place] !== part)
  return different < 0 || (parts[different] ?? 0) > (least[different] ?? 0)
}
