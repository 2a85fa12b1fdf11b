import { describe } from 'vitest'
import { numbersRoutes } from '../contracts/numbers-routes.js'
import { databasePath, sqliteStore } from '../helpers/collector.js'
import { hasPostgres } from '../helpers/database.js'
import { isLong } from '../helpers/long.js'
import { digestAll } from '../helpers/numbers.js'
import { openWith } from '../helpers/postgres-store.js'

numbersRoutes(
  'SQLite',
  async () => {
    const store = await sqliteStore(databasePath())
    return { store, count: () => digestAll(store) }
  },
  isLong ? 25 : 10,
)

describe.skipIf(!hasPostgres)('with a server', () => {
  numbersRoutes(
    'PostgreSQL',
    async () => {
      const { store } = await openWith({})
      return { store, count: () => digestAll(store), close: () => store.close() }
    },
    isLong ? 6 : 3,
  )
})
