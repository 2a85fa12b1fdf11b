import { existsSync } from 'node:fs'
import Database from 'better-sqlite3'
import { busyTimeoutMs } from '../../limits.js'
import { migrations } from '../../store/sqlite/migrations.js'
import { countedTables, type Findings, makeNumbersCounts, makeOrphanCounts } from '../consistency.js'

/** Lines of `PRAGMA integrity_check` that are reported. */
const maxLines = 10

/**
 * Opens the file of a collector for reading. Changes nothing in it, also if an older version wrote it. A collector may
 * have it open.
 *
 * @throws if there is no such file, or if it is not the database of a collector.
 */
export function openForReading(path: string): Database {
  if (!existsSync(path)) throw new Error('there is no such file')
  const db = new Database(path, { readonly: true, timeout: busyTimeoutMs })
  try {
    if (!versionOf(db) || !columnsOf(db, 'events').length) throw new Error('it is not the database of a collector')
    return db
  } catch (error) {
    db.close()
    throw error
  }
}

/**
 * Looks whether a file is whole: its pages and indexes, its version, and rows whose visit, session or identity is missing.
 *
 * @throws what `openForReading` throws.
 */
export function inspectFile(path: string): Findings {
  const db = openForReading(path)
  try {
    const version = versionOf(db)
    const lines = db
      .prepare(`PRAGMA integrity_check(${maxLines})`)
      .all()
      .map(row => String(Object.values(row)[0]))
    const damage = lines.filter(line => line !== 'ok').map(line => `damaged: ${line}`)
    const problems = version > migrations.length ? [`a newer sojourn-collector wrote it (version ${version})`] : []
    // A damaged index gives wrong counts.
    const orphans = damage.length ? [] : findOrphans(db)
    const counts = Object.fromEntries(
      countedTables.map(table => [table, countOf(db, `SELECT count(*) AS count FROM ${table}`)]),
    )
    return { version, counts, problems: [...damage, ...problems, ...orphans] }
  } finally {
    db.close()
  }
}

function findOrphans(db: Database): string[] {
  const numbers = columnsOf(db, 'listed').length ? makeNumbersCounts('') : []
  return [...makeOrphanCounts('', columnsOf(db, 'events').includes('site')), ...numbers].flatMap(
    ({ sql, toProblem }) => {
      const count = countOf(db, sql)
      return count ? [toProblem(count)] : []
    },
  )
}

function countOf(db: Database, sql: string): number {
  return Number(db.prepare(sql).get()?.count)
}

function versionOf(db: Database): number {
  return Number(db.pragma('user_version', { simple: true }))
}

function columnsOf(db: Database, table: string): unknown[] {
  return db
    .prepare(`SELECT name FROM pragma_table_info('${table}')`)
    .all()
    .map(({ name }) => name)
}
