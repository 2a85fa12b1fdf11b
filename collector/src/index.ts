/** The parts of the collector. Use them to write your own server, or another store with the same contract. */
export { type Collector, type CollectorParts, createCollector } from './collector.js'
export type { Ingest, IngestRequest } from './ingest/ingest.js'
export type { Group, Measure, StoredBatch } from './ops/measure.js'
export type { Reply } from './reply/reply.js'
export { openPieces, type Pieces } from './scripts/pieces.js'
export type {
  AdminState,
  AdminStore,
  KeyRow,
  OriginRow,
  Right,
  SecretRow,
  SiteQuota,
  SiteRow,
  TokenRow,
} from './sites/admin.js'
export { parseOrigin } from './sites/origins.js'
export { createRegistry, type RegistryParts, type Site, type SiteRegistry, type Token } from './sites/registry.js'
export { type WatchedSites, type WatchParts, watchSites } from './sites/watch.js'
export { type AskDiskUse, createPostgresDiskUse, createSqliteDiskUse, type DiskUse } from './store/disk-use.js'
export { foldArrivals } from './store/fold.js'
export { createMemoryStore, type MemoryStore } from './store/memory.js'
export { openPostgres, type PostgresSettings } from './store/postgres/postgres.js'
export type {
  Bite,
  Erased,
  ErasedAgain,
  OldCursor,
  Rights,
  StoredTrait,
  Tombstone,
  TombstoneState,
} from './store/rights.js'
export { openSqlite } from './store/sqlite/sqlite.js'
export {
  type Arrival,
  type CollectorStore,
  type Cursor,
  DataError,
  type EventFilter,
  type IdentityFilter,
  type PageFilter,
  type Place,
  type Range,
  type SessionFilter,
  type SiteReads,
  type StoredEvent,
  type StoredPage,
  type StoredSession,
  type StoredVisit,
  type VisitClock,
  type VisitFilter,
} from './store/store.js'
export type { WrongToken } from './web/access.js'
export { clientOf, type RequestEnv } from './web/client.js'
export { type Docs, openDocs } from './web/docs.js'
export { type Explorer, openExplorer } from './web/explorer.js'
export type { ApiParts } from './web/openapi/document.js'
export { openApiParts } from './web/openapi/open.js'
export { openScript, type Script, type ScriptName } from './web/script.js'
export { type ListenOptions, type RunningServer, type ServerParts, serve } from './web/server.js'
export { parseTrust } from './web/trust.js'
