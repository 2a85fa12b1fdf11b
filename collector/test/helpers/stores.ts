import { createMemoryStore } from '../../src/store/memory.js'
import type { CollectorStore } from '../../src/store/store.js'
import { sqliteStore } from './collector.js'
import { databaseUrl, hasPostgres } from './database.js'
import { storeAt } from './postgres-store.js'

/** Every store, with a function that opens an empty one for one test. PostgreSQL only if it was found. */
export const stores: readonly (readonly [name: string, open: () => Promise<CollectorStore>])[] = [
  ['memory', async () => createMemoryStore()],
  ['SQLite', () => sqliteStore()],
  ...(hasPostgres
    ? [
        ['PostgreSQL', async () => storeAt(await databaseUrl())] as const,
        ['PostgreSQL, distributed', async () => storeAt(await databaseUrl(), { isDistributed: true })] as const,
      ]
    : []),
]
