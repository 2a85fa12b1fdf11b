import type { Batch, Event, Identity, Page, Session, Visit } from 'sojourn/record'
import type { Rights } from './rights.js'

/** A batch that has arrived and was checked. */
export interface Arrival {
  /** The name of the site whose key it came with. */
  readonly site: string
  /** Collector's clock, Unix epoch, ms. */
  readonly receivedAt: number
  readonly batch: Batch
}

/** What a visit says about time. */
export interface VisitClock {
  /**
   * The clock error of the browser: `receivedAt - sentAt` of the batch that told of the visit first, ms. `null` if it had
   * no `sentAt`.
   */
  readonly skew: number | null
  /** After this time without activity, a session or visit is over, ms. `null`: 30 minutes. */
  readonly idleLimitMs: number | null
}

export interface StoredVisit extends Omit<Visit, 'idleLimitMs'>, VisitClock {}

/** A session as it is read, with the reason of its latest end event, and with what its visit says about time. */
export interface StoredSession extends Omit<Session, 'duration'>, VisitClock {
  /** Empty if no event has ended the session, or if the latest one does not say why. */
  readonly endReason: string
}

export interface StoredPage extends Page {
  /** 0 if `url` and `title` were never corrected. Unix epoch, ms. */
  readonly viewedAt: number
}

/** An event as it is read, with what its visit and page say. */
export interface StoredEvent extends Event {
  /** When a collector first received it, Unix epoch, ms. */
  readonly serverTimestamp: number
  readonly globalVisitID: string
  readonly languageCode: string
}

/** The position after an item of a list: the values that the item is ordered by. */
export type Cursor = readonly (string | number)[]

/** A part of a list. Lists are ordered by time, then by ids that make the order total. */
export interface Range {
  /** Leaves out items of an earlier time. Unix epoch, ms. */
  readonly since?: number
  readonly after?: Cursor
  readonly limit?: number
}

/**
 * Where to look for events or pages: in one visit, in one session or page of a visit, or in all sessions of an
 * identity.
 */
export type Place =
  | { readonly visitID: string; readonly sessionID?: string; readonly pageID?: string }
  | { readonly identityId: string }

/** An event must match every filter. `category` matches one of the `;`-separated categories of the event. */
export type EventFilter = Place & {
  readonly eventName?: string
  readonly eventType?: string
  readonly category?: string
  readonly url?: string
}

/**
 * A page must match every filter. The pages of a session are those that were entered in it, and those on which
 * something of it happened. `category` matches one of the `;`-separated categories of the page. */
export type PageFilter = Place & {
  readonly url?: string
  readonly title?: string
  readonly category?: string
}

/** Sessions of one visit, of one identity, or of one identity in one visit. */
export type SessionFilter = { readonly visitID: string; readonly identityId?: string } | { readonly identityId: string }

/** Visits that contain a session of this identity. */
export interface VisitFilter {
  readonly identityId: string
  readonly globalVisitID?: string
  readonly userAgent?: string
}

/** Identities with these traits, shortened by `toTrait`. An empty trait matches no identity. */
export interface IdentityFilter {
  readonly location?: string
  readonly userAgent?: string
}

/** The data of an arrival cannot be stored, although the store works. Other arrivals of the group may be stored. */
export class DataError extends Error {
  constructor(cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause })
    this.name = 'DataError'
  }
}

/** The reads of one site. They see nothing of other sites. */
export interface SiteReads {
  /** Finds a session by its id alone. If several visits claim the id, the session that was received first is found. */
  session(sessionID: string): Promise<StoredSession | null>
  visit(visitID: string): Promise<StoredVisit | null>
  /** Finds a page by its id alone. If several visits claim the id, the page that was received first is found. */
  page(pageID: string): Promise<StoredPage | null>
  identity(identityId: string): Promise<Identity | null>
  /**
   * Whether the identity has an open session that is not idle.
   *
   * @param now collector's clock, Unix epoch, ms.
   */
  isSignedIn(identityId: string, now: number): Promise<boolean>
  /** Lists events by (timestamp, writer, seq, eventID, visitID). */
  events(filter: EventFilter, range?: Range): Promise<readonly StoredEvent[]>
  /** Lists pages by (startDate, pageID, visitID). */
  pages(filter: PageFilter, range?: Range): Promise<readonly StoredPage[]>
  /** Lists sessions by (startDate, sessionID, visitID). */
  sessions(filter: SessionFilter, range?: Range): Promise<readonly StoredSession[]>
  /** Lists visits by (startDate, visitID). */
  visits(filter: VisitFilter, range?: Range): Promise<readonly StoredVisit[]>
  /**
   * Lists identities by (startDate, sessionID) of the sign-in that was received first. The order contains no personal data.
   */
  identities(filter: IdentityFilter, range?: Range): Promise<readonly Identity[]>
}

/** Keeps the records of a collector. Several collectors may share one store. */
export interface CollectorStore {
  /** How many merges the store can use at the same time. */
  readonly lanes: number
  /**
   * Joins arrivals into the stored state, all or nothing. When it resolves, the state is on disk. The order of arrivals
   * does not matter, and a replay changes nothing. What belongs to an erased person is left out.
   *
   * @returns for each arrival, the ids of its events that are gone.
   * @throws (rejects) if it is not certain that all arrivals were stored. No arrival is acknowledged then, and all may
   *   be sent again. Rejects with `DataError` if one of the arrivals is the cause.
   */
  merge(arrivals: readonly Arrival[]): Promise<readonly (readonly string[])[]>
  readonly rights: Rights
  /** The reads of a site. A site of which nothing is stored is empty. */
  of(site: string): SiteReads
  /** Whether the store can be read now. */
  isAlive(): Promise<boolean>
  close(): Promise<void>
}
