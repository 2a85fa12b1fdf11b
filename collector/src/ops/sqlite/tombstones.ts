import type Database from 'better-sqlite3'
import type { ErasedAgain, Tombstone, TombstoneState } from '../../store/rights.js'
import { openSqlite } from '../../store/sqlite/sqlite.js'
import { openForReading } from './inspect.js'

const none = { n: 0, secret: '' }

/**
 * Reads the tombstones of a file, also of one that an older version wrote, which may have none.
 *
 * @throws if the file cannot be read.
 */
export function readTombstones(path: string): TombstoneState {
  const db = openForReading(path)
  try {
    return db.transaction(() => ({ ...lastErasure(db), rows: rowsOf(db) }))()
  } finally {
    db.close()
  }
}

/** The number of the last erasure, and the secret. */
export function lastErasure(db: Database): { readonly n: number; readonly secret: string } {
  if (!hasTombstones(db)) return none
  const { n, secret } = db.prepare('SELECT n, secret FROM erasures').get() ?? {}
  return { n: Number(n), secret: String(secret) }
}

function rowsOf(db: Database): readonly Tombstone[] {
  if (!hasTombstones(db)) return []
  const sql = 'SELECT site, kind, hash, erasedAt, fromAt, untilAt FROM erased'
  return db.prepare(sql).all() as unknown as Tombstone[]
}

function hasTombstones(db: Database): boolean {
  return Boolean(db.prepare("SELECT 1 FROM sqlite_master WHERE name = 'erasures'").get())
}

/**
 * Erases again, in a file that no other process has open, whom the tombstones of another state of it name. The file is
 * migrated, and when this resolves, it is one file and on disk.
 */
export async function eraseAgainIn(path: string, tombstones: TombstoneState, now: number): Promise<ErasedAgain> {
  const store = await openSqlite(path)
  try {
    return await store.rights.eraseAgain(tombstones, now)
  } finally {
    await store.close()
  }
}
