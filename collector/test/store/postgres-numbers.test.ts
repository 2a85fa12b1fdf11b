import { describe } from 'vitest'
import { numbersContract } from '../contracts/numbers.js'
import { hasPostgres } from '../helpers/database.js'
import { isLong } from '../helpers/long.js'
import { openWith } from '../helpers/postgres-store.js'

describe.skipIf(!hasPostgres)('with a server', () => {
  numbersContract('PostgreSQL', () => openWith({}), isLong ? 4 : 2)
  if (isLong)
    numbersContract('PostgreSQL, written table by table as Citus wants it,', () => openWith({ isDistributed: true }), 2)
})
