/**
 * What browser and collector share: resources, folds and the protocol. All of it is pure: no clock, no random
 * numbers, no storage. A collector in TypeScript can import it. A collector in another language follows
 * `docs/protocol.md`.
 */
export { type Answer, libVersion, makeBatch, parseAnswer } from './batch.js'
export type { PageBirth, SessionBirth, VisitBirth } from './birth.js'
export {
  activityOf,
  bytesOf,
  type Event,
  type EventMeaning,
  eventMeanings,
  type Fact,
  inOrder,
  type JsonObject,
  meaningOf,
  systemEvents,
  toFact,
} from './event.js'
export { type Identity, toTrait } from './identity.js'
export * as limits from './limits.js'
export { isTextAfter } from './merge.js'
export { type Page, pageOf } from './page.js'
export type { Run } from './parcel.js'
export { type Batch, BatchError, parseBatch, type Refusal, type RefusalCode } from './parse.js'
export type { Count } from './parse-birth.js'
export { isEnd, type Session, sessionOf, toDuration, toEnd, toEndReason } from './session.js'
export { type Visit, visitOf } from './visit.js'
