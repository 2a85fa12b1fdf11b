import type { AdminStore } from '../../sites/admin.js'
import { type AdminStatement, createSqlAdmin } from '../../sites/sql-admin.js'
import type { AddedCounts } from '../added.js'
import { type AskDiskUse, createPostgresDiskUse } from '../disk-use.js'
import { createRights } from '../erase.js'
import { foldArrivals } from '../fold.js'
import { toKey } from '../keys.js'
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
import { type Arrival, type CollectorStore, DataError } from '../store.js'
import { type Row, tables, type Value } from '../tables.js'
import { createTombstones } from '../tombstones.js'
import { changeUnit, settle, toNumbered } from './change.js'
import { checkDurable, durability, lastErasure, toAdded, toMerge, toMerges } from './merge.js'
import { migratePostgres } from './migrate.js'
import { schema } from './migrations.js'
import { createServers, type RunSql } from './servers.js'
import { createStatistics } from './statistics.js'

export { toNumbered }

/** The SQL dialect of PostgreSQL. */
export const postgresDialect: SqlDialect = {
  schema: `${schema}.`,
  find: 'strpos',
  byBytes: ' COLLATE "C"',
  asDistributed: ' COLLATE "default"',
  byIdentity: '',
  byBrowser: '',
}

export interface PostgresSettings {
  /**
   * Whether a group is written with one statement for each table, as a distributed database needs it.
   *
   * @default what the database says: `true` if Citus distributes the tables.
   */
  readonly isDistributed?: boolean
}

/**
 * Opens the store in a PostgreSQL database. Creates or migrates its tables if needed. Several collectors may share it.
 *
 * @param url `postgres://user:password@host:port/database`. Several hosts are separated by commas; one of them at a
 *   time accepts writes.
 * @throws (rejects) if no host answers, if a newer version wrote the database, or if the server would not keep a commit
 *   through a crash.
 */
export async function openPostgres(
  url: string,
  settings: PostgresSettings = {},
): Promise<CollectorStore & { readonly admin: AdminStore; readonly diskUse: AskDiskUse }> {
  const servers = createServers(url)
  let isDistributed: boolean
  try {
    const found = await servers.write(migratePostgres)
    isDistributed = settings.isDistributed ?? found.isDistributed
  } catch (cause) {
    await servers.close()
    throw cause
  }

  async function select({ sql, values }: Select): Promise<object[]> {
    // No stored text contains NUL, so nothing can match. PostgreSQL would reject the value with an error.
    if (values.some(value => String(value).includes('\0'))) return []
    const rows = await servers.read(run => run(toNumbered(sql), values))
    return rows.map(row => toItem(row as Record<string, Value>))
  }

  const database: RightsDatabase = {
    schema: `${schema}.`,
    lock: ' FOR UPDATE',
    byBytes: postgresDialect.byBytes,
    isDistributed,
    takesJson: !isDistributed,
    all: (sql, values) => select({ sql, values: values as Select['values'] }),
    async change(units) {
      const results = []
      for (const unit of units) results.push(await servers.write(run => changeUnit(run, unit)))
      return results
    },
    // Each statement waits for the server anyway.
    rest: async () => undefined,
    settle: () => servers.read(settle),
  }
  const folds = createFolds(database, async () => undefined)
  const rights = createSqlRights(database, folds)
  const tombstones = createTombstones(rights.tombstones, toKey)
  const countRows = createStatistics(servers)

  async function store(n: number, arrivals: readonly Arrival[]): Promise<Merged & { readonly rows: number }> {
    const folded = foldArrivals(arrivals)
    const rows = tables.map(({ keys }, place) => (folded[place] as Row[]).sort(byKey(keys)))
    const merged = await servers.write(run => (isDistributed ? mergeTables(run, n, rows) : mergeWhole(run, n, rows)))
    return { ...merged, rows: rows.flat().length }
  }

  const beside: HealthDatabase = {
    schema: `${schema}.`,
    all: (sql, values) => servers.read(run => run(toNumbered(sql), values)),
    // The number of rows changes the text, so that preparing it by name would not pay.
    change: (sql, values) => servers.write(run => run(toNumbered(sql), values, { once: true })),
  }

  return {
    diskUse: createPostgresDiskUse((sql, values) => servers.read(run => run(sql, values))),
    admin: createSqlAdmin({
      schema: `${schema}.`,
      toJsonList: columns => `json_build_array(${columns})::text`,
      all: sql => servers.read(run => run(sql, [])),
      transact: statements => servers.write(run => transact(run, statements)),
    }),
    lanes: servers.lanes,
    async merge(arrivals, onAdded) {
      try {
        for (;;) {
          const { n, arrivals: taken, gone } = tombstones.filter(arrivals)
          const merged = await store(n, taken)
          if (merged.n === n) {
            if (merged.added) onAdded?.(merged.added)
            countRows(merged.rows)
            return gone
          }
          await tombstones.load()
        }
      } catch (cause) {
        // SQLSTATE classes: 22 is invalid data, 23 is a violated constraint, 54 is an exceeded limit.
        throw /^(22|23|54)/.test((cause as { code?: string }).code ?? '') ? new DataError(cause) : cause
      }
    },
    rights: createRights(rights, tombstones),
    digest: folds.digest,
    countChanged: folds.countChanged,
    of: site => ({ ...createReads(postgresDialect, site, select), numbers: createNumbers(database, site) }),
    health: createSqlHealth(beside),
    running: createSqlRunning(beside),
    scripts: createSqlScripts(beside),
    close: servers.close,
  }
}

/** What has become of a merge: the number of the last erasure. If it is not that of the rows, nothing was written. */
interface Merged {
  readonly n: number
  /** How many events of each site were new; `null` if the database does not tell. */
  readonly added: AddedCounts | null
}

async function mergeWhole(run: RunSql, n: number, rows: readonly (readonly Row[])[]): Promise<Merged> {
  const { sql, values } = toMerge(n, rows)
  const merged = await run(sql, values)
  return { n: check(merged), added: toAdded(merged) }
}

// An erasure waits for transactions that began before it, so that the number need not be locked.
async function mergeTables(run: RunSql, n: number, rows: readonly (readonly Row[])[]): Promise<Merged> {
  await run('BEGIN', [])
  const present = check(await run(`SELECT ${durability}, ${lastErasure}`, []))
  // The texts differ with the number of rows, so that preparing them by name would not pay.
  if (present === n) for (const { sql, values } of toMerges(rows)) await run(sql, values, { once: true })
  await run('COMMIT', [])
  // Citus does not tell of a row whether it was inserted.
  return { n: present, added: null }
}

function check(rows: readonly object[]): number {
  checkDurable(rows)
  return (rows as readonly { readonly n: number }[])[0]?.n ?? 0
}

/** Runs statements in one transaction. If the first returns no row, nothing changes. */
async function transact(run: RunSql, [first, ...others]: readonly AdminStatement[]): Promise<boolean> {
  await run('BEGIN', [])
  const isDone = first !== undefined && (await run(toNumbered(first.sql), first.values, { once: true })).length > 0
  if (isDone) for (const { sql, values } of others) await run(toNumbered(sql), values, { once: true })
  await run(isDone ? 'COMMIT' : 'ROLLBACK', [])
  return isDone
}

function byKey(keys: number): (a: readonly Value[], b: readonly Value[]) => number {
  return (a, b) => {
    for (let n = 0; n < keys; n++) {
      const [ours, theirs] = [a[n] as string, b[n] as string]
      if (ours !== theirs) return ours < theirs ? -1 : 1
    }
    return 0
  }
}
