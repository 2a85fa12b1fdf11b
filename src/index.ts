export type {
  AnyEvents,
  EventData,
  Observed,
  PageProperties,
  Question,
  SignInInfo,
  Status,
  Tracker,
  TrackOptions,
  TrackRest,
} from './api.js'
export { TrackerError, type TrackerErrorCode } from './errors.js'
export type { RecordFate } from './known.js'
export type { Consent, TrackerOptions } from './options.js'
export type { FlushResult } from './outbox/outbox.js'
export type { Queries } from './queries.js'
export type { Answer } from './record/batch.js'
export type { NewEvent } from './record/call.js'
export type { Event, JsonObject } from './record/event.js'
export type { Page } from './record/page.js'
export type { Session } from './record/session.js'
export type { Visit } from './record/visit.js'
export type { Change, KeyValueStore, Space } from './store/key-value-store.js'
export { createTracker } from './tracker.js'
export { toOutcome } from './transport/outcome.js'
export type { Outcome, Transport } from './transport/transport.js'
