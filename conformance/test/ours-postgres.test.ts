import { describe, onTestFinished } from 'vitest'
import { openPostgres, type PostgresSettings } from '../../collector/src/store/postgres/postgres.js'
import type { CollectorStore } from '../../collector/src/store/store.js'
import { databaseUrl, hasPostgres } from '../../collector/test/helpers/database.js'
import { keepsEveryPromise, keepsSomePromises } from './contract.js'

const postgresStore =
  (settings: PostgresSettings = {}) =>
  async (): Promise<CollectorStore> => {
    const store = await openPostgres(await databaseUrl(), settings)
    onTestFinished(() => store.close())
    return store
  }

describe.skipIf(!hasPostgres)('our collector on PostgreSQL', () =>
  process.env.SOJOURN_LONG ? keepsEveryPromise(postgresStore()) : keepsSomePromises(postgresStore()),
)

// The contracts of stores hold this form in `npm test` too.
if (process.env.SOJOURN_LONG)
  describe.skipIf(!hasPostgres)('our collector on PostgreSQL, written table by table as Citus wants it,', () =>
    keepsEveryPromise(postgresStore({ isDistributed: true })),
  )
