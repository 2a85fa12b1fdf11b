import { createMemoryStore } from '../../src/store/memory.js'
import type { CollectorStore } from '../../src/store/store.js'
import { sqliteStore } from './collector.js'
import { hasPostgres } from './database.js'
import { openWith } from './postgres-store.js'

/** Every store, with a function that opens an empty one for one test. PostgreSQL only if it was found. */
export const stores: readonly (readonly [name: string, open: () => Promise<CollectorStore>])[] = [
  ['memory', async () => createMemoryStore()],
  ['SQLite', () => sqliteStore()],
  ...(hasPostgres
    ? [
        ['PostgreSQL', async () => (await openWith({})).store] as const,
        ['PostgreSQL, distributed', async () => (await openWith({ isDistributed: true })).store] as const,
      ]
    : []),
]
