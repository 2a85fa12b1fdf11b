import Database from 'better-sqlite3'
import { busyTimeoutMs } from '../limits.js'
import { migrations } from './migrations.js'
import { type Items, type Listed, toSelect } from './select.js'
import { foldArrivals } from './state.js'
import type { CollectorStore, Range } from './store.js'
import { createTables, toItem } from './tables.js'

/**
 * Opens the store in an SQLite file, and makes or migrates it as needed. Several processes may share one file.
 *
 * @param path of a file; a database in memory is refused, for it could not keep what was acknowledged.
 * @throws if the file cannot be opened, was written by a newer version, or SQLite would not keep a commit through a crash.
 */
export function openSqlite(path: string): CollectorStore {
  const db = new Database(path, { timeout: busyTimeoutMs })
  try {
    makeDurable(db)
    migrate(db)
  } catch (error) {
    db.close()
    throw error
  }
  const tables = createTables(db)
  const merge = db.transaction((state: ReturnType<typeof foldArrivals>) => {
    for (const visit of state.visits) tables.visits(visit)
    for (const session of state.sessions) tables.sessions(session)
    for (const page of state.pages) tables.pages(page)
    for (const event of state.events) tables.events(event)
    for (const count of state.counts) tables.writers(count)
    for (const refusal of state.refusals) tables.refused(refusal)
  })
  const statements = new Map<string, ReturnType<typeof db.prepare>>()

  function all<L extends Listed>(listed: L, filter: object, range?: Range): readonly Items[L][] {
    const { sql, values } = toSelect(listed, filter, range)
    const statement = statements.get(sql) ?? db.prepare(sql)
    statements.set(sql, statement)
    return statement.all(...values).map(toItem) as unknown as readonly Items[L][]
  }

  return {
    merge: async arrivals => merge.immediate(foldArrivals(arrivals)),
    session: async sessionID => all('sessions', { sessionID })[0] ?? null,
    visit: async visitID => all('visits', { visitID })[0] ?? null,
    events: async (filter, range) => all('events', filter, range),
    pages: async (filter, range) => all('pages', filter, range),
    sessions: async (filter, range) => all('sessions', filter, range),
    visits: async (filter, range) => all('visits', filter, range),
    async isAlive() {
      try {
        db.prepare('SELECT visitID FROM visits LIMIT 1').get()
        return true
      } catch {
        return false
      }
    },
    async close() {
      db.close()
    },
  }
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
