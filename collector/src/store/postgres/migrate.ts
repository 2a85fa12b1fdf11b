import { migrationTimeoutMs } from '../../limits.js'
import { checkDurable, durability } from './merge.js'
import { distribution, migrations, schema } from './migrations.js'
import type { Ask } from './servers.js'

/** Any number, the same for all collectors: who holds it may migrate. */
const migrationLock = 7_362_010

/**
 * Brings the tables to the present version, one collector at a time, in one transaction; where Citus is, spreads them.
 *
 * @throws if the database was written by a newer version, is not in UTF-8, or does not sync what it commits.
 */
export async function migratePostgres(askShortly: Ask): Promise<{ readonly isDistributed: boolean }> {
  // To wait for another collector that migrates, or to make an index of a large table, may take its time.
  const ask: Ask = (sql, values) => askShortly(sql, values, { maxMs: migrationTimeoutMs })
  checkDurable(await ask(`SELECT ${durability}`, []))
  const [server] = (await ask(`SELECT current_setting('server_encoding') AS encoding`, [])) as { encoding: string }[]
  if (server?.encoding !== 'UTF8')
    throw new Error(`the database is in ${server?.encoding}; make one with CREATE DATABASE … ENCODING 'UTF8'`)
  // Without a lock, for the one start in a thousand in which there is something to do is not worth waiting in the others.
  if ((await readVersion(ask)) !== migrations.length) await migrate(ask)
  const [spread] = await ask(
    (await hasCitus(ask))
      ? `SELECT count(*) AS count FROM pg_dist_partition WHERE logicalrelid = '${schema}.events'::regclass`
      : 'SELECT 0 AS count',
    [],
  )
  return { isDistributed: Number((spread as { count: number | string }).count) > 0 }
}

async function migrate(ask: Ask): Promise<void> {
  await ask('BEGIN', [])
  await ask('SELECT pg_advisory_xact_lock($1)', [migrationLock])
  const isCitus = await hasCitus(ask)
  if (isCitus) await ask(`SET LOCAL citus.multi_shard_modify_mode TO 'sequential'`, [])
  const version = await readVersion(ask)
  if (version > migrations.length)
    throw new Error(
      `this database was written by a newer sojourn-collector (${version}; known here: ${migrations.length})`,
    )
  if (!version && !(await isThere(ask, 'to_regnamespace', schema))) await ask(`CREATE SCHEMA ${schema}`, [])
  for (const sql of migrations.slice(version).flat()) await ask(sql, [])
  if (isCitus && !version) await distribute(ask)
  if (!version) await ask(`CREATE TABLE IF NOT EXISTS ${schema}.schema (version integer NOT NULL)`, [])
  await ask(`DELETE FROM ${schema}.schema`, [])
  await ask(`INSERT INTO ${schema}.schema VALUES ($1)`, [migrations.length])
  await ask('COMMIT', [])
}

// As docs.citusdata.com has it: only the coordinator may, the column's name is taken literally, one table is the anchor.
async function distribute(ask: Ask): Promise<void> {
  const [node] = await ask('SELECT groupid FROM pg_dist_local_group', [])
  if (Number((node as { groupid: string }).groupid) !== 0)
    throw new Error('this is a worker of Citus; the first start must reach its coordinator')
  for (const { table, column, beside } of distribution)
    await ask('SELECT create_distributed_table($1::regclass, $2, colocate_with => $3)', [
      `${schema}.${table}`,
      column,
      beside,
    ])
}

/** 0: nothing is there yet. */
async function readVersion(ask: Ask): Promise<number> {
  if (!(await isThere(ask, 'to_regclass', `${schema}.schema`))) return 0
  const [row] = await ask(`SELECT version FROM ${schema}.schema`, [])
  return Number((row as { version?: string } | undefined)?.version ?? 0)
}

async function hasCitus(ask: Ask): Promise<boolean> {
  return (await ask(`SELECT 1 FROM pg_extension WHERE extname = 'citus'`, [])).length > 0
}

async function isThere(ask: Ask, lookUp: 'to_regclass' | 'to_regnamespace', name: string): Promise<boolean> {
  const [row] = await ask(`SELECT ${lookUp}($1) IS NOT NULL AS there`, [name])
  return String((row as { there: unknown }).there) === 't'
}
