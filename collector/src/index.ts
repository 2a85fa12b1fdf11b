/** The collector as parts: for a host of one's own, or another store behind the same contract. */
export { type CollectorParts, createCollector } from './collector.js'
export { openScript, type Script } from './script.js'
export { type Serving, serve } from './serve.js'
export { openSqlite } from './store/sqlite.js'
export { foldArrivals } from './store/state.js'
export type {
  Arrival,
  CollectorStore,
  Cursor,
  EventFilter,
  FoundEvent,
  PageFilter,
  Range,
  SessionFilter,
  State,
  StoredEvent,
  StoredRefusal,
  StoredVisit,
  VisitFilter,
} from './store/store.js'
