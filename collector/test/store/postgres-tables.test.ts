import { describe } from 'vitest'
import { rightsContract } from '../contracts/rights.js'
import { storeContract } from '../contracts/store.js'
import { hasPostgres } from '../helpers/database.js'
import { openWith } from '../helpers/postgres-store.js'

// In a file of its own, so that it runs beside the other form.
describe.skipIf(!hasPostgres)('with a server', () => {
  storeContract('PostgreSQL, written table by table as Citus wants it,', () => openWith({ isDistributed: true }), 3)
  rightsContract('PostgreSQL, written table by table as Citus wants it,', () => openWith({ isDistributed: true }))
})
