/** The collector as parts: for a host of one's own, or another store behind the same contract. */

export { type Collector, type CollectorParts, createCollector } from './collector.js'
export type { Ingest, Posted } from './ingest/ingest.js'
export type { Said } from './reply/reply.js'
export { foldArrivals } from './store/fold.js'
export { createMemoryStore, type MemoryStore } from './store/memory.js'
export { openPostgres, type PostgresSettings } from './store/postgres/postgres.js'
export { openSqlite } from './store/sqlite/sqlite.js'
export {
  type Arrival,
  type CollectorStore,
  type Cursor,
  DataError,
  type EventFilter,
  type FoundEvent,
  type IdentityFilter,
  type PageFilter,
  type Place,
  type Range,
  type SessionFilter,
  type State,
  type StoredEvent,
  type StoredRefusal,
  type StoredVisit,
  type VisitFilter,
} from './store/store.js'
export { openScript, type Script } from './web/script.js'
export { type Serving, serve } from './web/serve.js'
