import { inject, onTestFinished } from 'vitest'
import { createDatabase, runSql, toUrl } from './postgres.js'

const address = inject('postgres')

/** Whether there is a PostgreSQL; for `describe.skipIf(!hasPostgres)`, and the run says at its end what was not run. */
export const hasPostgres = address !== null

/** The URL of an empty PostgreSQL database of its own for one test, gone after it. */
export async function databaseUrl(): Promise<string> {
  if (!address) throw new Error('there is no PostgreSQL: skip this test')
  const name = await createDatabase(address)
  onTestFinished(async () => {
    await runSql(address, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)
  })
  return toUrl(address, name)
}

/** The URL of an empty database that outlives the test; the server is gone with the run. */
export async function lastingUrl(): Promise<string> {
  if (!address) throw new Error('there is no PostgreSQL: skip this test')
  return toUrl(address, await createDatabase(address))
}
