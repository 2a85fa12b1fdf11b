import type { Batch, Count, Event, Page, Session, Visit } from 'sojourn/record'

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

/** A record that was refused, under its id and the code of the refusal. */
export type StoredRefusal = Batch['refused'][number]

/** What arrivals add up to. Stores hold exactly this; joining two states gives the state of both. */
export interface State {
  readonly visits: readonly StoredVisit[]
  readonly sessions: readonly Session[]
  readonly pages: readonly Page[]
  readonly events: readonly StoredEvent[]
  readonly counts: readonly Count[]
  readonly refusals: readonly StoredRefusal[]
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

/** Every filter holds; `category` is one of the `;`-separated ones of the item. */
export interface EventFilter {
  readonly sessionID?: string
  readonly visitID?: string
  readonly pageID?: string
  readonly eventName?: string
  readonly eventType?: string
  readonly category?: string
  readonly url?: string
}

export interface PageFilter {
  readonly sessionID?: string
  readonly visitID?: string
  readonly url?: string
  readonly title?: string
  readonly category?: string
}

export interface SessionFilter {
  readonly visitID?: string
  readonly identityId?: string
}

/** `identityId`: visits that hold a session of that identity. */
export interface VisitFilter {
  readonly identityId?: string
  readonly globalVisitID?: string
  readonly userAgent?: string
}

/** What keeps records at the collector. Any number of collectors may share one. */
export interface CollectorStore {
  /**
   * Joins arrivals into what is kept, all or nothing; on disk when it resolves. A replay changes nothing, and the order
   * of arrivals is of no account.
   *
   * @throws if they could not be kept; then none of them is.
   */
  merge(arrivals: readonly Arrival[]): Promise<void>
  session(sessionID: string): Promise<Session | null>
  visit(visitID: string): Promise<StoredVisit | null>
  /** Ordered by (timestamp, writer, seq, eventID). */
  events(filter: EventFilter, range?: Range): Promise<readonly FoundEvent[]>
  /** Ordered by (startDate, id), as are sessions and visits. */
  pages(filter: PageFilter, range?: Range): Promise<readonly Page[]>
  sessions(filter: SessionFilter, range?: Range): Promise<readonly Session[]>
  visits(filter: VisitFilter, range?: Range): Promise<readonly StoredVisit[]>
  /** Whether it can be read now. */
  isAlive(): Promise<boolean>
  close(): Promise<void>
}
