import { migrationTimeoutMs } from '../../limits.js'
import { checkDurable, durability } from './merge.js'
import { distribution, migrations, schema } from './migrations.js'
import type { RunSql } from './servers.js'

/**
 * The key of the advisory lock that a collector holds while it migrates. Any number, but the same for all collectors.
 */
const migrationLock = 7_362_010

/**
 * Migrates the tables to the present version in one transaction. One collector at a time does it. If Citus is
 * installed, it also distributes new tables.
 *
 * @throws if a newer version wrote the database, if its encoding is not UTF-8, or if the server would confirm a commit
 *   before it is on disk.
 */
export async function migratePostgres(runShortly: RunSql): Promise<{ readonly isDistributed: boolean }> {
  // Waiting for another collector that migrates, or indexing a large table, may take longer than other statements.
  const run: RunSql = (sql, values) => runShortly(sql, values, { maxMs: migrationTimeoutMs })
  checkDurable(await run(`SELECT ${durability}`, []))
  const [server] = (await run(`SELECT current_setting('server_encoding') AS encoding`, [])) as { encoding: string }[]
  if (server?.encoding !== 'UTF8')
    throw new Error(
      `the encoding of the database is ${server?.encoding}; create one with CREATE DATABASE … ENCODING 'UTF8'`,
    )
  // This check takes no lock, because most starts have nothing to migrate and should not wait.
  if ((await readVersion(run)) !== migrations.length) await migrate(run)
  return { isDistributed: (await hasCitus(run)) && (await isDistributed(run)) }
}

async function migrate(run: RunSql): Promise<void> {
  await run('BEGIN', [])
  await run('SELECT pg_advisory_xact_lock($1)', [migrationLock])
  const isCitus = await hasCitus(run)
  if (isCitus) await run(`SET LOCAL citus.multi_shard_modify_mode TO 'sequential'`, [])
  const version = await readVersion(run)
  if (version > migrations.length)
    throw new Error(
      `a newer sojourn-collector wrote this database (its version is ${version}, this one knows ${migrations.length})`,
    )
  if (!version && !(await isThere(run, 'to_regnamespace', schema))) await run(`CREATE SCHEMA ${schema}`, [])
  // If Citus was installed after the tables were made, they are not distributed, and neither are new ones.
  const isSpread = isCitus && version > 0 && (await isDistributed(run))
  for (let step = version + 1; step <= migrations.length; step++) {
    for (const sql of migrations[step - 1] ?? []) await run(sql, [])
    const created = distribution.filter(one => one.step === step)
    if (isSpread && created.length) await distribute(run, created)
  }
  if (isCitus && !version) await distribute(run, distribution)
  if (!version) await run(`CREATE TABLE IF NOT EXISTS ${schema}.schema (version integer NOT NULL)`, [])
  await run(`DELETE FROM ${schema}.schema`, [])
  await run(`INSERT INTO ${schema}.schema VALUES ($1)`, [migrations.length])
  await run('COMMIT', [])
}

// As docs.citusdata.com says: only the coordinator may distribute, column names are case-sensitive, and the other
// tables are colocated with `visits`.
async function distribute(run: RunSql, created: typeof distribution): Promise<void> {
  const [node] = await run('SELECT groupid FROM pg_dist_local_group', [])
  if (Number((node as { groupid: string }).groupid) !== 0)
    throw new Error('this server is a Citus worker; at this start, --db must name its coordinator')
  for (const { table, column, beside } of created) {
    const name = `${schema}.${table}`
    if (column === null) await run('SELECT create_reference_table($1::regclass)', [name])
    else await run('SELECT create_distributed_table($1::regclass, $2, colocate_with => $3)', [name, column, beside])
  }
}

/** Reads the version of the tables; 0 if there are none yet. */
async function readVersion(run: RunSql): Promise<number> {
  if (!(await isThere(run, 'to_regclass', `${schema}.schema`))) return 0
  const [row] = await run(`SELECT version FROM ${schema}.schema`, [])
  return Number((row as { version?: string } | undefined)?.version ?? 0)
}

async function hasCitus(run: RunSql): Promise<boolean> {
  return (await run(`SELECT 1 FROM pg_extension WHERE extname = 'citus'`, [])).length > 0
}

async function isDistributed(run: RunSql): Promise<boolean> {
  const events = `'${schema}.events'::regclass`
  return (await run(`SELECT 1 FROM pg_dist_partition WHERE logicalrelid = ${events}`, [])).length > 0
}

async function isThere(run: RunSql, lookUp: 'to_regclass' | 'to_regnamespace', name: string): Promise<boolean> {
  const [row] = await run(`SELECT ${lookUp}($1) IS NOT NULL AS there`, [name])
  return String((row as { there: unknown }).there) === 't'
}
