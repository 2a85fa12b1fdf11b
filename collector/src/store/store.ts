import type { Batch, Count, Event, Identity, Page, Session, Visit } from 'sojourn/record'

/** A batch that has arrived, checked. */
export interface Arrival {
  /** Collector's clock, Unix epoch, ms. */
  readonly receivedAt: number
  readonly batch: Batch
}

/** An event with the earliest time at which a collector received it, Unix epoch, ms. */
export interface StoredEvent extends Event {
  readonly serverTimestamp: number
}

/** A visit with the smallest `receivedAt - sentAt` of its batches, ms: the browser's clock error; `null` if never told. */
export interface StoredVisit extends Visit {
  readonly skew: number | null
}

/** A record that was refused, under its id and the code of the refusal; in no visit if it is not known in which. */
export interface StoredRefusal {
  readonly visitID: string
  readonly eventID: string
  readonly code: string
}

/**
 * What arrivals add up to. Stores hold exactly this; joining two states gives the state of both. What belongs to a visit is
 * known by its own id within that visit, so that everything of one visit can stand together, on one machine of many.
 */
export interface State {
  readonly visits: readonly StoredVisit[]
  readonly sessions: readonly Session[]
  readonly pages: readonly Page[]
  readonly events: readonly StoredEvent[]
  readonly counts: readonly Count[]
  readonly refusals: readonly StoredRefusal[]
  readonly identities: readonly Identity[]
}

/** An event as a reader finds it, with what its visit knows of the browser. */
export interface FoundEvent extends StoredEvent {
  readonly globalVisitID: string
  readonly languageCode: string
}

/** Where a list goes on: the values by which its last item was ordered. */
export type Cursor = readonly (string | number)[]

/** Which part of a list. Lists are ordered by time, then by what makes the order total. */
export interface Range {
  /** Items of an earlier time are left out; Unix epoch, ms. */
  readonly since?: number
  readonly after?: Cursor
  readonly limit?: number
}

/** Where a list of events or pages is looked for: in one visit (or in one session or page of it), or with one identity. */
export type Place =
  | { readonly visitID: string; readonly sessionID?: string; readonly pageID?: string }
  | { readonly identityId: string }

/** Every filter holds; `category` is one of the `;`-separated ones of the item. */
export type EventFilter = Place & {
  readonly eventName?: string
  readonly eventType?: string
  readonly category?: string
  readonly url?: string
}

export type PageFilter = Place & {
  readonly url?: string
  readonly title?: string
  readonly category?: string
}

export type SessionFilter = { readonly visitID: string; readonly identityId?: string } | { readonly identityId: string }

/** Visits that hold a session of that identity. */
export interface VisitFilter {
  readonly identityId: string
  readonly globalVisitID?: string
  readonly userAgent?: string
}

/** Identities by their traits, as `toTrait` cuts them; an empty one finds nobody. */
export interface IdentityFilter {
  readonly location?: string
  readonly userAgent?: string
}

/** It is what arrived that could not be kept, and not the store that failed: others that came with it may be. */
export class DataError extends Error {
  constructor(cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause })
    this.name = 'DataError'
  }
}

/** What keeps records at the collector. Any number of collectors may share one. */
export interface CollectorStore {
  /** How many merges at a time it makes use of. */
  readonly lanes: number
  /**
   * Joins arrivals into what is kept, all or nothing; on disk when it resolves. A replay changes nothing, and the order
   * of arrivals is of no account.
   *
   * @throws (rejects) if they could not be kept for sure; then none is acknowledged, and all may come again. `DataError` if that is due to one of them.
   */
  merge(arrivals: readonly Arrival[]): Promise<void>
  /** By its id alone; should two visits claim one session, that of the greater visit. */
  session(sessionID: string): Promise<Session | null>
  visit(visitID: string): Promise<StoredVisit | null>
  /** By its id alone, as a session. */
  page(pageID: string): Promise<Page | null>
  identity(identityId: string): Promise<Identity | null>
  /** Whether a session of that identity is open in which something happened after that time; Unix epoch, ms. */
  isSignedIn(identityId: string, since: number): Promise<boolean>
  /** Ordered by (timestamp, writer, seq, eventID), and should two visits claim one, by the visit, as pages and sessions too. */
  events(filter: EventFilter, range?: Range): Promise<readonly FoundEvent[]>
  /** Ordered by (startDate, id), as are sessions and visits. */
  pages(filter: PageFilter, range?: Range): Promise<readonly Page[]>
  sessions(filter: SessionFilter, range?: Range): Promise<readonly Session[]>
  visits(filter: VisitFilter, range?: Range): Promise<readonly StoredVisit[]>
  /** Ordered by the first sign-in: (startDate, sessionID), in which no name of a person stands. */
  identities(filter: IdentityFilter, range?: Range): Promise<readonly Identity[]>
  /** Whether it can be read now. */
  isAlive(): Promise<boolean>
  close(): Promise<void>
}
