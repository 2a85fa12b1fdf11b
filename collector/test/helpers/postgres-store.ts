import { Client } from 'pg'
import { onTestFinished } from 'vitest'
import { healthTableNames } from '../../src/store/health-tables.js'
import { numbersTableNames } from '../../src/store/numbers-tables.js'
import { openPostgres, type PostgresSettings } from '../../src/store/postgres/postgres.js'
import { rightsTableNames } from '../../src/store/rights-tables.js'
import { runningTableNames } from '../../src/store/running.js'
import { scriptsTableNames } from '../../src/store/scripts.js'
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

/** A database that tests use one after another, with a connection that stays open. */
interface Reused {
  readonly url: string
  readonly client: Client
}

// Creating a database takes longer than most tests, so that a test reuses the database of an earlier one, emptied.
const free: Reused[] = []
const others = [...numbersTableNames, ...healthTableNames, ...scriptsTableNames, ...runningTableNames, 'erased']
// The tables are almost empty. TRUNCATE makes a new file for each table and index, which takes ten times as long.
const emptying = [
  ...[...tables.map(({ name }) => name), ...others].map(name => `DELETE FROM sojourn.${name}`),
  `UPDATE sojourn.erasures SET n = 0, secret = ''`,
].join(';')

async function takeFree(): Promise<Reused> {
  const used = free.pop()
  if (used) {
    await used.client.query(emptying)
    return used
  }
  const url = await lastingUrl()
  return { url, client: await connect(url) }
}

/** Opens an empty store for the contracts. */
export async function openWith(settings: PostgresSettings): Promise<RightsImplementation> {
  const reused = await takeFree()
  const { url, client } = reused
  const store = await openPostgres(url, settings)
  let isClosed = false
  async function close(): Promise<void> {
    await store.close()
    if (!isClosed) free.push(reused)
    isClosed = true
  }
  onTestFinished(close)
  return {
    store: { ...store, close },
    another: () => storeAt(url, settings),
    dump: () => dumpOf(client),
    everything: async () =>
      JSON.stringify(
        await rowsOf(client, [...tables.map(({ name }) => name), ...numbersTableNames, ...rightsTableNames]),
      ),
  }
}

async function rowsOf(client: Client, names: readonly string[], end = ''): Promise<object[][]> {
  const all: object[][] = []
  for (const name of names) all.push((await client.query(`SELECT * FROM sojourn.${name}${end}`)).rows)
  return all
}

async function dumpOf(client: Client): Promise<State> {
  const names = tables.map(({ name }) => name)
  const all = await rowsOf(client, names, ' ORDER BY 1, 2, 3')
  return Object.fromEntries(names.map((name, n) => [name, all[n]])) as unknown as State
}

/** Reads all rows of a database. */
export async function dumpAt(url: string): Promise<State> {
  const client = await connect(url)
  try {
    return await dumpOf(client)
  } finally {
    await client.end()
  }
}

/** Runs statements in a database, on a connection of its own. */
export async function query(url: string, text: string): Promise<object[]> {
  const client = await connect(url)
  try {
    return (await client.query(text)).rows as object[]
  } finally {
    await client.end()
  }
}

async function connect(url: string): Promise<Client> {
  const client = new Client(url)
  // At the end of the run, the server ends before the connection.
  client.on('error', () => undefined)
  await client.connect()
  client.setTypeParser(20, Number)
  return client
}
