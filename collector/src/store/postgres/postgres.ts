import { foldArrivals } from '../fold.js'
import { createReads } from '../sql/reads.js'
import type { Select, Speech } from '../sql/select.js'
import { tables, toItem, toValues, type Value } from '../sql/tables.js'
import { type CollectorStore, DataError } from '../store.js'
import { checkDurable, durability, toMerge, toMerges } from './merge.js'
import { migratePostgres } from './migrate.js'
import { schema } from './migrations.js'
import { type Ask, createServers } from './servers.js'

/** How PostgreSQL says what databases say differently. */
export const postgres: Speech = { schema: `${schema}.`, find: 'strpos', byBytes: ' COLLATE "C"' }

/** What can be told otherwise than by the database itself. */
export interface PostgresSettings {
  /** Whether groups are written table by table, as a distributed database wants it. Left out: the database says. */
  readonly isDistributed?: boolean
}

/**
 * Opens the store in a PostgreSQL database, and makes or migrates its tables as needed. Any number of collectors may share it.
 *
 * @param url `postgres://user:password@host:port/database`; several hosts, with commas between them, are those of which one
 *   at a time takes writes.
 * @throws (rejects) if no host answers, if the database was written by a newer version, or if it would not keep a commit
 *   through a crash.
 */
export async function openPostgres(url: string, settings: PostgresSettings = {}): Promise<CollectorStore> {
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
    // No text of ours holds a NUL, and PostgreSQL takes none even to say so.
    if (values.some(value => String(value).includes('\0'))) return []
    return (await servers.read(ask => ask(toNumbered(sql), values))).map(row => toItem(row as Record<string, Value>))
  }

  return {
    lanes: servers.lanes,
    async merge(arrivals) {
      const state = foldArrivals(arrivals)
      const rows = tables.map(table =>
        table
          .rowsOf(state)
          .map(row => toValues(table.columns, row))
          .sort(byKey(table.keys)),
      )
      try {
        await servers.write(ask => (isDistributed ? mergeTables(ask, rows) : mergeWhole(ask, rows)))
      } catch (cause) {
        // Classes of SQLSTATE: what was said, what it breaks, what is too large.
        throw /^(22|23|54)/.test((cause as { code?: string }).code ?? '') ? new DataError(cause) : cause
      }
    },
    ...createReads(postgres, select),
    isAlive: () =>
      servers
        .read(ask => ask(`SELECT 1 FROM ${schema}.visits LIMIT 1`, []))
        .then(
          () => true,
          () => false,
        ),
    close: servers.close,
  }
}

/** A query as PostgreSQL takes it: its marks numbered. */
export function toNumbered(sql: string): string {
  let place = 0
  return sql.replace(/\?/g, () => `$${++place}`)
}

async function mergeWhole(ask: Ask, rows: readonly Value[][][]): Promise<void> {
  const { sql, values } = toMerge(rows)
  checkDurable(await ask(sql, values))
}

async function mergeTables(ask: Ask, rows: readonly Value[][][]): Promise<void> {
  await ask('BEGIN', [])
  checkDurable(await ask(`SELECT ${durability}`, []))
  // Each is another text, as long as its rows are many: not worth a name.
  for (const { sql, values } of toMerges(rows)) await ask(sql, values, { once: true })
  await ask('COMMIT', [])
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
