/** The collector as parts: for a host of one's own, or another store behind the same contract. */
export { type CollectorParts, createCollector } from './collector.js'
export { openScript, type Script } from './script.js'
export { type Serving, serve } from './serve.js'
export { createMemoryStore, type MemoryStore } from './store/memory.js'
export { openPostgres, type PostgresSettings } from './store/postgres.js'
export { openSqlite } from './store/sqlite.js'
export { foldArrivals } from './store/state.js'
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
