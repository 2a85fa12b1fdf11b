import { describe, onTestFinished } from 'vitest'
import { createMemoryAdmin } from '../../src/sites/memory-admin.js'
import { openPostgres } from '../../src/store/postgres/postgres.js'
import { openSqlite } from '../../src/store/sqlite/sqlite.js'
import { adminContract } from '../contracts/admin.js'
import { databasePath } from '../helpers/collector.js'
import { databaseUrl, hasPostgres } from '../helpers/database.js'

const thread = new URL('../../dist/thread.js', import.meta.url)

adminContract('memory', async () => {
  const admin = createMemoryAdmin()
  return [admin, admin]
})

adminContract('SQLite', async () => {
  const path = databasePath()
  return both(() => openSqlite(path))
})

adminContract('SQLite in threads', async () => {
  const path = databasePath()
  return both(() => openSqlite(path, thread))
})

describe.skipIf(!hasPostgres)('with a server', () => {
  adminContract('PostgreSQL', async () => {
    const url = await databaseUrl()
    return both(() => openPostgres(url))
  })
})

async function both<S extends { readonly admin: A; close(): Promise<void> }, A>(open: () => Promise<S>) {
  const [one, other] = [await open(), await open()]
  onTestFinished(async () => {
    await one.close()
    await other.close()
  })
  return [one.admin, other.admin] as const
}
