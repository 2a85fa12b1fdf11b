import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { onTestFinished, type TestContext } from 'vitest'
import { clusterWith, stores } from './stores.js'

/**
 * Stores that another process can hold up. `hold` resolves when nothing can be written, with the function that
 * releases.
 */
export const holdableStores = [
  {
    store: 'SQLite',
    open: async (context: TestContext) => {
      const db = await stores[0].open(context)
      return { db, hold: async () => holdFile(db) }
    },
  },
  {
    store: 'PostgreSQL',
    open: async (context: TestContext) => {
      const { url, createDatabase, bin, socket, port } = await clusterWith(context)
      const database = await createDatabase()
      const args = ['-X', '-q', '-A', '-t', '-h', socket, '-p', String(port), '-U', 'postgres', '-d', database]
      return { db: url(database), hold: () => holdTables(join(bin, 'psql'), args) }
    },
  },
] as const

function holdFile(path: string): () => Promise<void> {
  const db = new Database(path, { timeout: 30_000 })
  db.exec('BEGIN IMMEDIATE')
  // `close` may be called twice.
  const release = async (): Promise<void> => void db.close()
  onTestFinished(release)
  return release
}

const lockAll = `BEGIN;
  DO $$ DECLARE one regclass; BEGIN
    FOR one IN SELECT relid FROM pg_stat_user_tables ORDER BY relid
    LOOP EXECUTE format('LOCK TABLE %s IN EXCLUSIVE MODE', one); END LOOP;
    IF one IS NULL THEN RAISE 'there is no table to hold'; END IF;
  END $$;
  SELECT 'held';\n`

async function holdTables(psql: string, args: readonly string[]): Promise<() => Promise<void>> {
  const child = spawn(psql, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  const release = async (): Promise<void> => {
    if (child.exitCode !== null) return
    child.stdin.end()
    await once(child, 'exit')
  }
  onTestFinished(release)
  child.stdin.write(lockAll)
  await once(child.stdout, 'data')
  return release
}
