// The measured stores: how to make, fill and drop a database of each.

import { rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { numbersTableNames } from '../../collector/src/store/numbers-tables.ts'
import { multiplyPostgres, multiplySqlite, storeTemplates } from './fill.mjs'
import { startPostgres } from './postgres.mjs'

/**
 * Opens the stores by name. `make` returns the `--db` of a new, empty database. `fill` lets a collector write templates
 * and multiplies them; nothing of that counts in the numbers. `run` runs statements. `drop` removes a database. No collector may use the database during `fill` and `drop`. `cpuMs`
 * is the CPU time of the processes of the database, and `pidsOf` gives those that serve one of its databases.
 */
export async function openStores(names, room) {
  const stores = []
  for (const name of names) stores.push(name === 'postgres' ? await openPostgres() : openSqlite(room))
  return stores
}

const clearing = numbersTableNames.map(name => `DELETE FROM ${name}`)

function openSqlite(room) {
  function run(path, statements) {
    const db = new Database(path)
    for (const pragma of ['synchronous = OFF', 'cache_size = -1000000']) db.pragma(pragma)
    for (const sql of statements) db.exec(sql)
    db.close()
  }

  return {
    name: 'sqlite',
    goal: 0.5,
    version: null,
    cpuMs: () => 0,
    make: label => join(room, `${label}.db`),
    async fill(db, visits, filling) {
      await storeTemplates(db, filling)
      run(db, clearing)
      multiplySqlite(db, visits, filling)
    },
    run,
    bytes: db => statSync(db).size,
    drop(db) {
      for (const end of ['', '-wal', '-shm']) rmSync(db + end, { force: true })
    },
    async stop() {},
  }
}

async function openPostgres() {
  const cluster = await startPostgres()
  const nameOf = url => new URL(url).pathname.slice(1)

  function run(url, statements) {
    for (const sql of statements) cluster.ask(nameOf(url), `SET search_path = sojourn; ${sql}`)
    cluster.ask(nameOf(url), 'VACUUM (ANALYZE)')
  }

  return {
    name: 'postgres',
    goal: 0.35,
    version: cluster.version,
    cpuMs: cluster.cpuMs,
    pidsOf: url =>
      cluster
        .ask('postgres', `SELECT pid FROM pg_stat_activity WHERE datname = '${nameOf(url)}'`)
        .split('\n')
        .filter(Boolean),
    make(label) {
      cluster.ask('postgres', `CREATE DATABASE "${label}"`)
      return cluster.toUrl(label)
    },
    async fill(url, visits, filling) {
      await storeTemplates(url, filling)
      run(url, clearing)
      await multiplyPostgres(cluster, nameOf(url), visits, filling)
    },
    run,
    bytes: url => Number(cluster.ask('postgres', `SELECT pg_database_size('${nameOf(url)}')`)),
    drop: url => cluster.ask('postgres', `DROP DATABASE "${nameOf(url)}" WITH (FORCE)`),
    stop: cluster.stop,
  }
}
