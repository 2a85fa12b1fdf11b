import Database from 'better-sqlite3'
import { Client } from 'pg'

/**
 * Runs statements in a database, one after the other, on a connection of its own. Resolves with the rows of the last one.
 *
 * @param db as `--db` names it.
 */
export async function query(db: string, ...statements: readonly string[]): Promise<Record<string, unknown>[]> {
  return isPostgres(db) ? queryServer(db, statements) : queryFile(db, statements)
}

/** Whether a database is one of PostgreSQL. Its tables are then in a schema: see `tableIn`. */
export function isPostgres(db: string): boolean {
  return db.startsWith('postgres://')
}

/** The name of a table of the collector in SQL. */
export function tableIn(db: string, table: string): string {
  return isPostgres(db) ? `sojourn.${table}` : table
}

/** Counts the rows of a table for which a condition is true. */
export async function countIn(db: string, table: string, where = 'true'): Promise<number> {
  const [row] = await query(db, `SELECT count(*) AS count FROM ${tableIn(db, table)} AS t WHERE ${where}`)
  return Number(row?.count)
}

function queryFile(path: string, statements: readonly string[]): Record<string, unknown>[] {
  const db = new Database(path, { timeout: 30_000 })
  try {
    for (const text of statements.slice(0, -1)) db.exec(text)
    const last = statements.at(-1) as string
    if (/^select/i.test(last)) return db.prepare(last).all()
    db.exec(last)
    return []
  } finally {
    db.close()
  }
}

async function queryServer(url: string, statements: readonly string[]): Promise<Record<string, unknown>[]> {
  const client = new Client(url)
  await client.connect()
  try {
    let rows: Record<string, unknown>[] = []
    for (const text of statements) rows = (await client.query(text)).rows as Record<string, unknown>[]
    return rows
  } finally {
    await client.end()
  }
}
