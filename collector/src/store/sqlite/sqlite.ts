import { sqliteLanes } from '../../limits.js'
import type { AdminStore } from '../../sites/admin.js'
import { createSqlAdmin } from '../../sites/sql-admin.js'
import { type AskDiskUse, createSqliteDiskUse } from '../disk-use.js'
import { createRights } from '../erase.js'
import { foldArrivals } from '../fold.js'
import { toKey } from '../keys.js'
import type { Rights } from '../rights.js'
import type { RightsDatabase } from '../sql/change.js'
import type { SqlDialect } from '../sql/dialect.js'
import { createFolds } from '../sql/fold.js'
import { createSqlHealth, type HealthDatabase } from '../sql/health.js'
import { toItem } from '../sql/items.js'
import { createNumbers } from '../sql/numbers.js'
import { createReads } from '../sql/reads.js'
import { createSqlRights } from '../sql/rights.js'
import { createSqlRunning } from '../sql/running.js'
import { createSqlScripts } from '../sql/scripts.js'
import type { Select } from '../sql/select.js'
import { type CollectorStore, DataError } from '../store.js'
import { createTombstones } from '../tombstones.js'
import { openHere, openInThread, type SqliteClient } from './client.js'
import { isDataError } from './errors.js'
import { createMergeWatch } from './merge-watch.js'

/** The SQL dialect of SQLite. SQLite compares texts by bytes anyway. */
export const sqliteDialect: SqlDialect = {
  schema: '',
  find: 'instr',
  byBytes: '',
  asDistributed: '',
  byIdentity: ' INDEXED BY sessions_of_identity',
  byBrowser: ' INDEXED BY visits_of_browser',
}

/** What SQLite is to the statements for rights. A unit runs alone, so that nothing need be locked. */
export const sqliteDatabase = { schema: '', lock: '', byBytes: '', isDistributed: false, takesJson: false } as const

/**
 * Opens the store in an SQLite file. Creates or migrates the file if needed. Several processes may share one file.
 *
 * @param path of a file. A database in memory is not accepted, because it would lose acknowledged records.
 * @param thread the file that a thread runs (`thread.js` of this package). Writes and reads then have a thread each, so
 *   that this thread never waits for the disk. If left out, this thread does all the work.
 * @throws (rejects) if the file cannot be opened, if a newer version wrote it, or if SQLite would not keep a commit
 *   through a crash.
 */
export async function openSqlite(
  path: string,
  thread?: URL,
): Promise<CollectorStore & { readonly admin: AdminStore; readonly diskUse: AskDiskUse }> {
  const here = thread ? null : openHere(path)
  const writes = here ?? (await openInThread(path, thread as URL))
  const reads = here ?? (await openReads(path, thread as URL, writes))

  const merges = createMergeWatch()
  const database: RightsDatabase = {
    ...sqliteDatabase,
    all: (sql, values) => reads.all({ sql, values: values as Select['values'] }),
    change: writes.change,
    rest: () => new Promise(resolve => setImmediate(resolve)),
    settle: async () => undefined,
  }
  const folds = createFolds(database, () => merges.yield())
  const rights = createSqlRights(database, folds)
  const tombstones = createTombstones(rights.tombstones, toKey)

  const beside: HealthDatabase = {
    schema: '',
    all: (sql, values) => reads.all({ sql, values }),
    async change(sql, values) {
      await merges.yield()
      await writes.change([[{ sql, values }]])
    },
  }

  return {
    diskUse: createSqliteDiskUse(path),
    admin: createSqlAdmin({
      schema: '',
      toJsonList: columns => `json_array(${columns})`,
      all: sql => reads.all({ sql, values: [] }),
      transact: writes.transact,
    }),
    // The next group is prepared while the thread writes. Without a thread, a second lane would have nothing to do.
    lanes: thread ? sqliteLanes : 1,
    async merge(arrivals, onAdded) {
      for (;;) {
        const { n, arrivals: taken, gone } = tombstones.filter(arrivals)
        const merge = writes.merge({ n, rows: foldArrivals(taken) })
        merges.watch(merge)
        const merged = await merge.catch(cause => {
          throw isDataError(cause) ? new DataError(cause) : cause
        })
        if (merged.n === n) {
          onAdded?.(merged.added)
          return gone
        }
        await tombstones.load()
      }
    },
    rights: withoutTraces(createRights(rights, tombstones), writes, reads),
    digest: folds.digest,
    countChanged: folds.countChanged,
    of: site => ({
      ...createReads(sqliteDialect, site, async select => (await reads.all(select)).map(toItem)),
      numbers: createNumbers(database, site),
    }),
    health: createSqlHealth(beside),
    running: createSqlRunning(beside),
    scripts: createSqlScripts(beside),
    async close() {
      await reads.close()
      if (writes !== reads) await writes.close()
    },
  }
}

/** How often the log is tried to be emptied. Another process may read in it; then what was erased leaves it later. */
const emptyTries = 5

/** What was erased is not in the log either, so that neither the files nor a copy of them have it. */
function withoutTraces(rights: Rights, writes: SqliteClient, reads: SqliteClient): Rights {
  async function empty<T>(erased: T): Promise<T> {
    for (let n = 0; n < emptyTries; n++) {
      // The read under way is over then.
      await reads.all({ sql: 'SELECT 1', values: [] })
      if (await writes.emptyLog()) break
    }
    return erased
  }
  // Each bite would copy the log. So the last one does.
  let isToEmpty = false
  return {
    ...rights,
    erase: async (...of) => empty(await rights.erase(...of)),
    eraseAgain: async (state, now) => empty(await rights.eraseAgain(state, now)),
    async removeOld(...of) {
      const wasToEmpty = isToEmpty
      // A bite that fails may have removed some.
      isToEmpty = true
      const bite = await rights.removeOld(...of)
      isToEmpty = wasToEmpty || bite.hasRemoved
      if (bite.next || !isToEmpty) return bite
      isToEmpty = false
      return empty(bite)
    },
  }
}

// If the second thread cannot start, the first is closed, because it would keep the process alive.
async function openReads(path: string, thread: URL, writes: SqliteClient): Promise<SqliteClient> {
  try {
    return await openInThread(path, thread)
  } catch (cause) {
    await writes.close()
    throw cause
  }
}
