import { realpathSync, statSync } from 'node:fs'
import Database from 'better-sqlite3'
import { busyTimeoutMs } from '../../limits.js'
import type { Select } from '../sql/select.js'
import { type Table, tables, toItem, toValues, type Value } from '../sql/tables.js'
import { migrations } from './migrations.js'

/** The rows of one group, table by table in the order of `tables`: values only. */
export type Rows = readonly (readonly Value[][])[]

/** An open SQLite file, spoken to in turn: what a thread of its own does. */
export interface SqliteFile {
  /** Joins the rows of groups into what is kept: all or nothing, in one commit, and on disk when it returns. */
  mergeAll(groups: readonly Rows[]): void
  all(select: Select): object[]
  /** @throws if it cannot be read now. */
  check(): void
  close(): void
}

/**
 * Opens an SQLite file, and makes or migrates it as needed. Several processes may share one file.
 *
 * @throws if the file cannot be opened, was written by a newer version, or SQLite would not keep a commit through a crash.
 */
export function openFile(path: string): SqliteFile {
  const db = new Database(path, { timeout: busyTimeoutMs })
  try {
    makeDurable(db)
    migrate(db)
  } catch (error) {
    db.close()
    throw error
  }
  // SQLite puts its log beside the file itself, wherever a link to it lies.
  const real = realpathSync(path)
  const paths = [path, `${real}-wal`, `${real}-shm`]
  const opened = paths.map(toIdentity)
  const writers = tables.map(table => createWriter(db, table))
  const statements = new Map<string, ReturnType<typeof db.prepare>>()
  const merge = db.transaction((groups: readonly Rows[]) => {
    for (const rows of groups)
      rows.forEach((some, n) => {
        for (const row of some) writers[n]?.(row)
      })
  })

  // An open file outlives its name: what is written to a file that was moved or deleted is written for nobody. It may come
  // back; another in its place is not taken, for the log that lies beside it belongs to the one that went.
  function checkThere(): void {
    paths.forEach((one, n) => {
      if (toIdentity(one) !== opened[n])
        throw new Error(`${one} was moved or replaced: put it back, or restart the collector`)
    })
  }

  return {
    mergeAll(groups) {
      checkThere()
      merge.immediate(groups)
      checkThere()
    },
    all({ sql, values }) {
      checkThere()
      const statement = statements.get(sql) ?? db.prepare(sql)
      statements.set(sql, statement)
      return statement.all(...values).map(toItem)
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

/** Writes one row: new, joined with what is there, or not at all because it says nothing new. */
function createWriter(db: Database, { name, columns, keys, join }: Table<object>): (row: readonly Value[]) => void {
  const key = columns.slice(0, keys)
  const [list, marks] = [columns.join(), columns.map(() => '?').join()]
  const where = `WHERE ${key.map(one => `${one} = ?`).join(' AND ')}`
  const insert = db.prepare(`INSERT INTO ${name} (${list}) VALUES (${marks}) ON CONFLICT DO NOTHING`)
  const select = db.prepare(`SELECT ${list} FROM ${name} ${where}`).raw()
  // One for each set of columns: to set a column is to write its indexes anew, though nothing changed in it.
  const updates = new Map<string, ReturnType<typeof db.prepare>>()
  const toRow = (values: readonly Value[]): object =>
    toItem(Object.fromEntries(columns.map((one, place) => [one, values[place] as Value])))

  function update(sets: string, values: readonly Value[]): void {
    const statement = updates.get(sets) ?? db.prepare(`UPDATE ${name} SET ${sets} ${where}`)
    updates.set(sets, statement)
    statement.run(...values)
  }

  // What came again comes in runs: after one that was there, it is looked for first, which costs less than an insert in vain.
  let wasThere = false

  function write(row: readonly Value[]): void {
    if (!wasThere && insert.run(...row).changes) return
    const keyValues = row.slice(0, keys)
    const before = select.get(...keyValues) as unknown as Value[] | undefined
    wasThere = before !== undefined
    if (!before) {
      insert.run(...row)
      return
    }
    // A replay, mostly: what came is what is there.
    if (row.every((value, place) => before[place] === value)) return
    const joined = toValues(columns, join(toRow(before), toRow(row)))
    const changed = columns.map((_, place) => place).filter(place => joined[place] !== before[place])
    if (!changed.length) return
    const sets = changed.map(place => `${columns[place]} = ?`).join()
    update(sets, [...changed.map(place => joined[place] as Value), ...keyValues])
  }

  return write
}

function toIdentity(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false })
  return found ? `${found.dev}:${found.ino}` : ''
}

// Set, and then asked: a setting that did not take would lose what was acknowledged, and nobody would know.
function makeDurable(db: Database): void {
  const version = String(db.prepare('SELECT sqlite_version() AS version').get()?.version)
  // https://www.sqlite.org/wal.html#walresetbug
  if (!isAtLeast(version, [3, 51, 3]))
    throw new Error(`SQLite ${version} may lose commits in WAL mode; 3.51.3 is needed`)
  const settings = [
    ['journal_mode', 'WAL', 'wal'],
    ['synchronous', 'FULL', 2],
    ['fullfsync', 'ON', 1],
    ['checkpoint_fullfsync', 'ON', 1],
    // Pages of the log, about 32 MB: what changes again before it is copied into the file is copied once.
    ['wal_autocheckpoint', 8000, 8000],
    // KiB: what is known of people lies all over the file, and need not be read again for each of their sessions.
    ['cache_size', -16_384, -16_384],
  ] as const
  for (const [name, value, expected] of settings) {
    db.pragma(`${name} = ${value}`, { simple: true })
    const actual = db.pragma(name, { simple: true })
    if (actual !== expected)
      throw new Error(`SQLite does not take ${name} = ${value} for this file (it says ${actual})`)
  }
}

function migrate(db: Database): void {
  const step = db.transaction(() => {
    const version = Number(db.pragma('user_version', { simple: true }))
    if (version > migrations.length)
      throw new Error(
        `this database was written by a newer sojourn-collector (${version}; known here: ${migrations.length})`,
      )
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
