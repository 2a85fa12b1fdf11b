import type { AdminStore } from '../../sites/admin.js'
import { type AdminStatement, createSqlAdmin } from '../../sites/sql-admin.js'
import { type AskDiskUse, createPostgresDiskUse } from '../disk-use.js'
import { foldArrivals } from '../fold.js'
import type { SqlDialect } from '../sql/dialect.js'
import { toItem } from '../sql/items.js'
import { createReads } from '../sql/reads.js'
import type { Select } from '../sql/select.js'
import { type CollectorStore, DataError } from '../store.js'
import { type Row, tables, type Value } from '../tables.js'
import { checkDurable, durability, toMerge, toMerges } from './merge.js'
import { migratePostgres } from './migrate.js'
import { schema } from './migrations.js'
import { createServers, type RunSql } from './servers.js'

/** The SQL dialect of PostgreSQL. */
export const postgresDialect: SqlDialect = { schema: `${schema}.`, find: 'strpos', byBytes: ' COLLATE "C"' }

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

  return {
    diskUse: createPostgresDiskUse((sql, values) => servers.read(run => run(sql, values))),
    admin: createSqlAdmin({
      schema: `${schema}.`,
      toJsonList: columns => `json_build_array(${columns})::text`,
      all: sql => servers.read(run => run(sql, [])),
      transact: statements => servers.write(run => transact(run, statements)),
    }),
    lanes: servers.lanes,
    async merge(arrivals) {
      const folded = foldArrivals(arrivals)
      const rows = tables.map(({ keys }, n) => (folded[n] as Row[]).sort(byKey(keys)))
      try {
        await servers.write(run => (isDistributed ? mergeTables(run, rows) : mergeWhole(run, rows)))
      } catch (cause) {
        // SQLSTATE classes: 22 is invalid data, 23 is a violated constraint, 54 is an exceeded limit.
        throw /^(22|23|54)/.test((cause as { code?: string }).code ?? '') ? new DataError(cause) : cause
      }
    },
    of: site => createReads(postgresDialect, site, select),
    isAlive: () =>
      servers
        .read(run => run(`SELECT 1 FROM ${schema}.visits LIMIT 1`, []))
        .then(
          () => true,
          () => false,
        ),
    close: servers.close,
  }
}

/** Numbers the `?` of a query, as PostgreSQL needs it: `$1`, `$2`, … */
export function toNumbered(sql: string): string {
  let place = 0
  return sql.replace(/\?/g, () => `$${++place}`)
}

async function mergeWhole(run: RunSql, rows: readonly (readonly Row[])[]): Promise<void> {
  const { sql, values } = toMerge(rows)
  checkDurable(await run(sql, values))
}

async function mergeTables(run: RunSql, rows: readonly (readonly Row[])[]): Promise<void> {
  await run('BEGIN', [])
  checkDurable(await run(`SELECT ${durability}`, []))
  // The texts differ with the number of rows, so that preparing them by name would not pay.
  for (const { sql, values } of toMerges(rows)) await run(sql, values, { once: true })
  await run('COMMIT', [])
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
