import { realpath, stat, statfs } from 'node:fs/promises'
import { dirname } from 'node:path'

/** How much a database uses, and how much is free. */
export interface DiskUse {
  /** Bytes of the database, with what it has logged and not yet copied. */
  readonly usedBytes: number
  /** Bytes that are free on its disk; `null` if the store cannot tell. */
  readonly freeBytes: number | null
}

/** Asks how much the database uses now. `null` if the store cannot tell. Rejects if the store fails. */
export type AskDiskUse = () => Promise<DiskUse | null>

/**
 * Makes the question for an SQLite file: the file and its log, and what is free on their disk. What others of the same
 * machine may not use does not count as free.
 *
 * @param path of the file. It rejects if there is no such file.
 */
export function createSqliteDiskUse(path: string): AskDiskUse {
  return async () => {
    // If `path` is a symbolic link, SQLite writes its log beside the real file.
    const real = await realpath(path)
    const [file, log, disk] = await Promise.all([stat(real), sizeOf(`${real}-wal`), statfs(dirname(real))])
    return { usedBytes: file.size + log, freeBytes: disk.bavail * disk.bsize }
  }
}

/**
 * Makes the question for a PostgreSQL database: its tables, indexes and catalogs. The write-ahead log belongs to the whole
 * server and does not count. PostgreSQL does not tell what is free. On Citus, only the coordinator's part counts.
 *
 * @param run runs one statement on the database.
 */
export function createPostgresDiskUse(run: (sql: string, values: readonly unknown[]) => Promise<object[]>): AskDiskUse {
  return async () => {
    const rows = await run('SELECT pg_database_size(current_database()) AS bytes', [])
    const { bytes } = rows[0] as { readonly bytes: number | string }
    return { usedBytes: Number(bytes), freeBytes: null }
  }
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0
    throw error
  }
}
