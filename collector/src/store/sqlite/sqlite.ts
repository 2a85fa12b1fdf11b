import { sqliteLanes } from '../../limits.js'
import { foldArrivals } from '../fold.js'
import { createReads } from '../sql/reads.js'
import type { Select, Speech } from '../sql/select.js'
import { tables, toValues } from '../sql/tables.js'
import { type CollectorStore, DataError } from '../store.js'
import { isOfData } from './errors.js'
import { openFile, type Rows } from './file.js'
import { openThread } from './host.js'

/** How SQLite says what databases say differently; its texts are compared by their bytes anyway. */
export const sqlite: Speech = { schema: '', find: 'instr', byBytes: '' }

/** An SQLite file behind promises: in this thread, or in one of its own. */
export interface SqliteHost {
  readonly merge: (rows: Rows) => Promise<void>
  readonly all: (select: Select) => Promise<object[]>
  readonly check: () => Promise<void>
  readonly close: () => Promise<void>
}

/**
 * Opens the store in an SQLite file, and makes or migrates it as needed. Several processes may share one file.
 *
 * @param path of a file; a database in memory is refused, for it could not keep what was acknowledged.
 * @param thread the file that a thread runs (`thread.js` of this package): then writes and reads have a thread each, and
 *   what waits for the disk holds up nobody. Left out: this thread does it all.
 * @throws (rejects) if the file cannot be opened, was written by a newer version, or SQLite would not keep a commit through a crash.
 */
export async function openSqlite(path: string, thread?: URL): Promise<CollectorStore> {
  const here = thread ? null : makeHost(openFile(path))
  const writes = here ?? (await openThread(path, thread as URL))
  const reads = here ?? (await openSecond(path, thread as URL, writes))

  return {
    // One is written while the next is made ready; in this thread there is nothing to make ready beside it.
    lanes: thread ? sqliteLanes : 1,
    async merge(arrivals) {
      const state = foldArrivals(arrivals)
      const rows = tables.map(table => table.rowsOf(state).map(row => toValues(table.columns, row)))
      await writes.merge(rows).catch(cause => {
        throw isOfData(cause) ? new DataError(cause) : cause
      })
    },
    ...createReads(sqlite, reads.all),
    isAlive: () =>
      reads.check().then(
        () => true,
        () => false,
      ),
    async close() {
      await reads.close()
      if (writes !== reads) await writes.close()
    },
  }
}

// Should it fail, the first must not keep the process alive.
async function openSecond(path: string, thread: URL, first: SqliteHost): Promise<SqliteHost> {
  try {
    return await openThread(path, thread)
  } catch (cause) {
    await first.close()
    throw cause
  }
}

function makeHost(file: ReturnType<typeof openFile>): SqliteHost {
  return {
    merge: async rows => file.mergeAll([rows]),
    all: async select => file.all(select),
    check: async () => file.check(),
    close: async () => file.close(),
  }
}
