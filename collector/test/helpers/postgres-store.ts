import { Client } from 'pg'
import { onTestFinished } from 'vitest'
import { numbersTableNames } from '../../src/store/numbers-tables.js'
import { openPostgres, type PostgresSettings } from '../../src/store/postgres/postgres.js'
import { rightsTableNames } from '../../src/store/rights-tables.js'
import type { CollectorStore } from '../../src/store/store.js'
import { tables } from '../../src/store/tables.js'
import type { State } from '../contracts/implementation.js'
import type { RightsImplementation } from '../contracts/rights.js'
import { lastingUrl } from './database.js'

/** Opens the store in a database for one test, and closes it after the test. */
export async function storeAt(url: string, settings: PostgresSettings = {}): Promise<CollectorStore> {
  const store = await openPostgres(url, settings)
  onTestFinished(() => store.close())
  return store
}

// Creating a database takes longer than most tests, so that a test reuses the database of an earlier one, emptied.
const free: string[] = []

/** Opens an empty store for the contracts. */
export async function openWith(settings: PostgresSettings): Promise<RightsImplementation> {
  const used = free.pop()
  const url = used ?? (await lastingUrl())
  if (used) {
    await query(
      used,
      `TRUNCATE ${[...tables.map(({ name }) => name), ...numbersTableNames, 'erased'].map(name => `sojourn.${name}`).join()}`,
    )
    await query(used, `UPDATE sojourn.erasures SET n = 0, secret = ''`)
  }
  const store = await openPostgres(url, settings)
  let isClosed = false
  async function close(): Promise<void> {
    await store.close()
    if (!isClosed) free.push(url)
    isClosed = true
  }
  onTestFinished(close)
  return {
    store: { ...store, close },
    dump: () => dumpOf(url),
    another: () => storeAt(url, settings),
    everything: async () => {
      const names = [...tables.map(({ name }) => name), ...numbersTableNames, ...rightsTableNames]
      return JSON.stringify(await Promise.all(names.map(name => query(url, `SELECT * FROM sojourn.${name}`))))
    },
  }
}

/** Runs statements in a database, on a connection of its own. */
export async function query(url: string, text: string): Promise<object[]> {
  const client = new Client(url)
  await client.connect()
  client.setTypeParser(20, Number)
  try {
    return (await client.query(text)).rows as object[]
  } finally {
    await client.end()
  }
}

async function dumpOf(url: string): Promise<State> {
  const state: Record<string, object[]> = {}
  for (const { name } of tables) state[name] = await query(url, `SELECT * FROM sojourn.${name} ORDER BY 1, 2, 3`)
  return state as unknown as State
}
