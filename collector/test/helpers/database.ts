import { inject, onTestFinished } from 'vitest'
import { createDatabase, runSql, toUrl } from './postgres.js'

const address = inject('postgres')

/** Whether PostgreSQL was found, for `describe.skipIf(!hasPostgres)`. At its end, the run reports what was not run. */
export const hasPostgres = address !== null

/** Creates an empty PostgreSQL database for one test. It is dropped after the test. Returns its URL. */
export async function databaseUrl(): Promise<string> {
  if (!address) throw new Error('PostgreSQL was not found: skip this test')
  const name = await createDatabase(address)
  onTestFinished(async () => {
    await runSql(address, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)
  })
  return toUrl(address, name)
}

/** Creates an empty database that exists until the end of the run. Returns its URL. */
export async function lastingUrl(): Promise<string> {
  if (!address) throw new Error('PostgreSQL was not found: skip this test')
  return toUrl(address, await createDatabase(address))
}
