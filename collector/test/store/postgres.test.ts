import { Client } from 'pg'
import { parseBatch } from 'sojourn/record'
import { describe, expect, it, onTestFinished } from 'vitest'
import { adminTableNames } from '../../src/sites/tables.js'
import { healthTableNames } from '../../src/store/health-tables.js'
import { numbersTableNames } from '../../src/store/numbers-tables.js'
import { checkDurable } from '../../src/store/postgres/merge.js'
import { migrations } from '../../src/store/postgres/migrations.js'
import { openPostgres, toNumbered } from '../../src/store/postgres/postgres.js'
import { createServers, toUrls } from '../../src/store/postgres/servers.js'
import { rightsTableNames } from '../../src/store/rights-tables.js'
import { runningTableNames } from '../../src/store/running.js'
import { scriptsTableNames } from '../../src/store/scripts.js'
import { tables } from '../../src/store/tables.js'
import { rightsContract } from '../contracts/rights.js'
import { storeContract } from '../contracts/store.js'
import { wireBatch, wireEvent } from '../helpers/batches.js'
import { noon } from '../helpers/collector.js'
import { databaseUrl, hasPostgres } from '../helpers/database.js'
import { isLong } from '../helpers/long.js'
import { expectMigrated, olderRows } from '../helpers/older.js'
import { openWith, query, storeAt } from '../helpers/postgres-store.js'

describe.skipIf(!hasPostgres)('with a server', () => {
  storeContract('PostgreSQL', () => openWith({}), isLong ? 5 : 3)

  rightsContract('PostgreSQL', () => openWith({}))

  it('is created and migrated once, although several collectors start at the same time', async () => {
    const url = await databaseUrl()
    const stores = await Promise.all(Array.from({ length: 6 }, () => storeAt(url)))
    for (const store of stores) expect(await store.of('default').visit('v')).toBe(null)
    expect(await query(url, 'SELECT version FROM sojourn.schema')).toEqual([{ version: migrations.length }])
  })

  it('knows its tables after a few hundred rows, and at once those that were restored', async () => {
    const url = await databaseUrl()
    const rowsOf = async (table: string): Promise<unknown> =>
      (await query(url, `SELECT reltuples FROM pg_class WHERE oid = 'sojourn.${table}'::regclass`))[0]
    const store = await storeAt(url)
    const batch = parseBatch(JSON.stringify(wireBatch(Array.from({ length: 400 }, (_, n) => wireEvent(`e${n}`)))))
    await store.merge([{ site: 'default', batch, receivedAt: noon }])
    await expect.poll(() => rowsOf('events'), { timeout: 5000 }).toEqual({ reltuples: 400 })
    await query(url, 'CREATE TABLE sojourn.copy AS SELECT * FROM sojourn.events')
    await storeAt(url)
    await expect.poll(() => rowsOf('copy')).toEqual({ reltuples: 400 })
  })

  it('does not open a database that a newer version wrote', async () => {
    const url = await databaseUrl()
    await (await storeAt(url)).close()
    await query(url, 'UPDATE sojourn.schema SET version = 99')
    await expect(openPostgres(url)).rejects.toThrow(/newer sojourn-collector/)
  })

  it('does not open a database whose commits are confirmed before they are on disk', async () => {
    const url = await databaseUrl()
    await expect(openPostgres(`${url}?options=-c%20synchronous_commit%3Doff`)).rejects.toThrow(
      /synchronous_commit is off/,
    )
  })

  it('does not accept commits that no standby has on disk if standbys are named', async () => {
    const durable = { fsync: 'on', synchronous_commit: 'on', synchronous_standby_names: 'b' }
    expect(() => checkDurable([durable])).not.toThrow()
    expect(() =>
      checkDurable([{ ...durable, synchronous_commit: 'local', synchronous_standby_names: '' }]),
    ).not.toThrow()
    for (const mode of ['local', 'remote_write', 'off'])
      expect(() => checkDurable([{ ...durable, synchronous_commit: mode }])).toThrow(/synchronous_commit is/)
  })

  it('rejects a commit if the server warns about it, in any language', async () => {
    const servers = createServers(await databaseUrl())
    onTestFinished(() => servers.close())
    const warn = (code: string) =>
      `DO $$ BEGIN RAISE WARNING USING ERRCODE = '${code}', MESSAGE = 'not replicated'; END $$`
    await expect(servers.write(run => run(warn('01000'), []))).rejects.toThrow('not replicated')
    await expect(servers.write(run => run('SELECT 1 AS one', []))).resolves.toEqual([{ one: '1' }])
  })

  it('finds nothing for a text with NUL, which PostgreSQL cannot store', async () => {
    const store = await storeAt(await databaseUrl())
    expect([
      await store.of('default').session('a\0b'),
      await store.of('default').identities({ location: '\0' }),
    ]).toEqual([null, []])
  })

  it('distributes its tables once if Citus is installed, and then writes table by table', async () => {
    const url = await databaseUrl()
    await query(url, citusFake)
    for (const id of ['a', 'b']) {
      const store = await storeAt(url)
      await store.merge([
        { site: 'default', receivedAt: noon, batch: parseBatch(JSON.stringify(wireBatch([wireEvent(id)]))) },
      ])
    }
    const visit = ['visitID', 'sojourn.visits']
    expect(await query(url, 'SELECT logicalrelid::text AS "table", partkey, beside FROM pg_dist_partition')).toEqual(
      [
        ['visits', 'visitID', 'none'],
        ...['sessions', 'pages', 'session_pages', 'events', 'writers', 'refused'].map(name => [name, ...visit]),
        ['identities', 'identityId', 'none'],
        ['traits', 'identityId', 'sojourn.identities'],
        ...[...adminTableNames, ...rightsTableNames].map(name => [name, null, 'everywhere']),
        ['changed', ...visit],
        ...[
          ...numbersTableNames.filter(name => name !== 'changed'),
          ...healthTableNames,
          ...scriptsTableNames,
          ...runningTableNames,
        ].map(name => [name, null, 'everywhere']),
      ].map(([table, partkey, beside]) => ({ table: `sojourn.${table}`, partkey, beside })),
    )
    expect(await query(url, 'SELECT count(*) AS count FROM sojourn.events')).toEqual([{ count: 2 }])
    const wholes = `SELECT count(*) AS count FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'WITH visits%'`
    expect(await query(url, wholes)).toEqual([{ count: 0 }])
  })

  it.each([1, 3] as const)(
    'answers after the migration from version %i as if it had taken every record itself',
    async version => {
      const url = await databaseUrl()
      await makeOlder(url, version)
      const client = new Client(url)
      await client.connect()
      for (const { sql, values } of olderRows(version, 'sojourn.')) await client.query(toNumbered(sql), values)
      await client.end()
      await expectMigrated(await storeAt(url), version)
    },
  )

  it('distributes the tables of a later step, unless Citus was installed after the first', async () => {
    for (const isDistributed of [true, false]) {
      const url = await databaseUrl()
      await makeOlder(url, 1)
      await query(url, citusFake)
      if (isDistributed)
        await query(url, `SELECT create_distributed_table('sojourn.events', 'visitID', 'sojourn.visits')`)
      await storeAt(url)
      const spread = await query(
        url,
        `SELECT partkey, beside FROM pg_dist_partition WHERE logicalrelid::text LIKE '%.session_pages'`,
      )
      expect(spread).toEqual(isDistributed ? [{ partkey: 'visitID', beside: 'sojourn.visits' }] : [])
    }
  })

  it('does not create its tables on a Citus worker', async () => {
    const url = await databaseUrl()
    await query(url, `${citusFake}; UPDATE pg_dist_local_group SET groupid = 3`)
    await expect(openPostgres(url)).rejects.toThrow(/its coordinator/)
  })

  it('has site and distribution column in every unique key, because Citus needs the latter', async () => {
    const url = await databaseUrl()
    await storeAt(url)
    const keys = await query(
      url,
      `SELECT c.relname AS "table", (SELECT string_agg(attname, ',' ORDER BY attnum) FROM pg_attribute
         WHERE attrelid = c.oid AND attnum IN (i.indkey[0], i.indkey[1])) AS first
       FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE n.nspname = 'sojourn' AND i.indisunique AND c.relname <> ALL ('{${[...adminTableNames, ...rightsTableNames, ...numbersTableNames, ...healthTableNames, ...scriptsTableNames, ...runningTableNames].join()}}') ORDER BY 1`,
    )
    const expected = tables.map(({ name }) => ({
      table: name,
      first: `site,${name === 'identities' || name === 'traits' ? 'identityId' : 'visitID'}`,
    }))
    expect(keys).toEqual(expected.sort((a, b) => (a.table < b.table ? -1 : 1)))
  })
})

describe('a PostgreSQL address', () => {
  it('may name several hosts', () => {
    expect(toUrls('postgres://me:p%40ss@a:1,b:2/records?x=y')).toEqual([
      'postgres://me:p%40ss@a:1/records?x=y',
      'postgres://me:p%40ss@b:2/records?x=y',
    ])
    expect(toUrls('postgresql://host/db')).toEqual(['postgresql://host/db'])
    expect(() => toUrls('mysql://host/db')).toThrow(/postgres:\/\//)
  })
})

/** A fake of what the migration uses of Citus, after its documentation. It notes the calls and distributes nothing. */
const citusFake = `
  SET allow_system_table_mods = on;
  INSERT INTO pg_extension (oid, extname, extowner, extnamespace, extrelocatable, extversion)
    VALUES (99999, 'citus', 10, 'pg_catalog'::regnamespace, false, '12.1');
  CREATE TABLE pg_dist_local_group (groupid integer);
  INSERT INTO pg_dist_local_group VALUES (0);
  CREATE TABLE pg_dist_partition (logicalrelid regclass PRIMARY KEY, partkey text, beside text);
  CREATE FUNCTION create_distributed_table(table_name regclass, distribution_column text, colocate_with text DEFAULT 'default')
    RETURNS void LANGUAGE sql AS 'INSERT INTO pg_dist_partition VALUES ($1, $2, $3)';
  CREATE FUNCTION create_reference_table(table_name regclass)
    RETURNS void LANGUAGE sql AS 'INSERT INTO pg_dist_partition VALUES ($1, NULL, ''everywhere'')'`

/** Creates the tables of an older version in an empty database. */
async function makeOlder(url: string, version: number): Promise<void> {
  const noted = `CREATE TABLE sojourn.schema (version integer NOT NULL); INSERT INTO sojourn.schema VALUES (${version})`
  for (const sql of ['CREATE SCHEMA sojourn', ...migrations.slice(0, version).flat(), noted]) await query(url, sql)
}
