import type { Batch, Event, Identity, Page, Session, Visit } from 'sojourn/record'
import type { HealthStore } from './health.js'
import type { Horizon, ListName, Within } from './horizon.js'
import type { LiveReads } from './live.js'
import type { Automated, Numbers } from './numbers.js'
import type { Rights } from './rights.js'
import type { RunningStore } from './running.js'
import type { ScriptStore } from './scripts.js'

export type { Horizon, Within } from './horizon.js'
export type { Automated }

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

/** An event with what its visit and its session say, as it is exported. */
export interface ExportedEvent extends StoredEvent {
  /** `null` if the event belongs to no session. */
  readonly identityId: string | null
  /** Unix epoch, ms. */
  readonly sessionStartDate: number | null
  /** Unix epoch, ms. `null` if no batch has told of the visit. */
  readonly visitStartDate: number | null
  readonly userAgent: string
  readonly automated?: boolean
  /** The clock error of the browser, as `VisitClock` has it. */
  readonly skew: number | null
}

/** The position after an item of a list: the values that the item is ordered by. */
export type Cursor = readonly (string | number)[]

/** A part of a list. Lists are ordered by time, then by ids that make the order total. */
export interface Range {
  /** Leaves out items of an earlier time. Unix epoch, ms. */
  readonly since?: number
  /** Leaves out items of a later time. Unix epoch, ms. */
  readonly until?: number
  readonly after?: Cursor
  /** Whether the list is read from its end. */
  readonly isDescending?: boolean
  readonly limit?: number
  /** Whether visits or receipts of an identity, which has too many to sort, are looked for in the list of the site. */
  readonly isOfSite?: boolean
}

/**
 * Where to look for events or pages: in one visit, in one session or page of a visit, or in all sessions of an
 * identity.
 */
export type Place =
  | { readonly visitID: string; readonly sessionID?: string; readonly pageID?: string }
  | { readonly identityId: string }

/** Events of a whole site, or of the sessions of an identity. */
export interface ReceiptFilter extends EventOnly {
  readonly identityId?: string
  readonly automated?: Automated
}

/** An event must match every filter. `category` matches one of the `;`-separated categories of the event. */
export type EventFilter = Place & EventOnly

interface EventOnly {
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

/** Sessions of a visit, of an identity, or of all. */
export interface SessionFilter {
  readonly visitID?: string
  readonly identityId?: string
  readonly automated?: Automated
}

/** Visits that contain a session of this identity, or all. */
export interface VisitFilter {
  readonly identityId?: string
  readonly globalVisitID?: string
  readonly userAgent?: string
  readonly automated?: Automated
}

/** Identities with these traits, shortened by `toTrait`. An empty trait matches no identity. */
export interface IdentityFilter {
  /** Identities that were signed in during this visit. */
  readonly visitID?: string
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

/** What a bite of counting has come to. `over`: each visit that had changed was looked at. */
export type Digested = 'more' | 'over' | 'busy'

/** The reads of one site. They see nothing of other sites. */
export interface SiteReads extends RecordReads, LiveReads {
  /** What is counted of the site. */
  readonly numbers: Numbers
}

/** The reads of the records of a site. */
export interface RecordReads {
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
   * @param visitID counts only the sessions of this visit.
   */
  isSignedIn(identityId: string, now: number, visitID?: string): Promise<boolean>
  /** Finds the latest session of a visit that is open and not idle. */
  openSession(visitID: string, now: number): Promise<StoredSession | null>
  /** Lists events of the site in the order of their receipt: (serverTimestamp, visitID, eventID). */
  receipts(filter: ReceiptFilter, range?: Range): Promise<readonly StoredEvent[]>
  /** The same in ascending order, with what their visits and sessions say. */
  exported(range: Range): Promise<readonly ExportedEvent[]>
  /**
   * Finds the time of the item that stands so many items after the beginning of a part of a list, whatever else filters the list.
   * `null`: the part has no more items than that.
   */
  horizon(listed: Horizon, within: Within, range: Range, items: number): Promise<number | null>
  /**
   * Whether an identity has too many visits or receipts to sort: whether it has more sessions than so many, or the visits of its receipts
   * have more events. It reads no more than that.
   */
  hasMoreThan(listed: 'visits' | 'receipts', identityId: string, items: number): Promise<boolean>
  /**
   * Tells how large the items of a part of a list are, without reading them: about the bytes of their long texts, in the
   * order of the list.
   */
  sizes(listed: ListName, filter: object, range: Range): Promise<readonly number[]>
  /** Lists events by (timestamp, writer, seq, eventID, visitID). */
  events(filter: EventFilter, range?: Range): Promise<readonly StoredEvent[]>
  /** Lists pages by (startDate, pageID, visitID). */
  pages(filter: PageFilter, range?: Range): Promise<readonly StoredPage[]>
  /** Lists sessions by (startDate, sessionID, visitID). */
  sessions(filter: SessionFilter, range?: Range): Promise<readonly StoredSession[]>
  /** Lists all sessions of a visit in an order of the store's own, in time proportional to them. @param after the id of the last one before. */
  sessionsOfVisit(visitID: string, after: string | null, limit: number): Promise<readonly StoredSession[]>
  /** Lists visits by (startDate, visitID). */
  visits(filter: VisitFilter, range?: Range): Promise<readonly StoredVisit[]>
  /**
   * Lists identities by (startDate, sessionID) of the sign-in that was received first. The order contains no personal data.
   */
  identities(filter: IdentityFilter, range?: Range): Promise<readonly Identity[]>
}

/** How many events of a site were new. */
export interface Added {
  readonly records: number
  /** The business events among them, without those of visits that this merge says are of automated browsers. */
  readonly events: number
}

/** Keeps the records of a collector. Several collectors may share one store. */
export interface CollectorStore {
  /** How many merges the store can use at the same time. */
  readonly lanes: number
  /**
   * Joins arrivals into the stored state, all or nothing. When it resolves, the state is on disk. The order of arrivals
   * does not matter, and a replay changes nothing. What belongs to an erased person is left out.
   *
   * @param onAdded is called once before it resolves, with what was new of each site. A site of which nothing was new may be
   *   left out. A store need not call it.
   * @returns for each arrival, the ids of its events that are gone.
   * @throws (rejects) if it is not certain that all arrivals were stored. No arrival is acknowledged then, and all may
   *   be sent again. Rejects with `DataError` if one of the arrivals is the cause.
   */
  merge(
    arrivals: readonly Arrival[],
    onAdded?: (added: ReadonlyMap<string, Added>) => void,
  ): Promise<readonly (readonly string[])[]>
  readonly rights: Rights
  /**
   * Counts some visits anew that have changed, for `SiteReads.numbers`. Call it again and again: after `more` at once, after
   * `over` when something may have changed, and after `busy` later, because another collector of the database does it.
   */
  digest(): Promise<Digested>
  /** How many visits of all sites have changed and are not counted anew yet. */
  countChanged(): Promise<number>
  readonly health: HealthStore
  readonly scripts: ScriptStore
  readonly running: RunningStore
  /** The reads of a site. A site of which nothing is stored is empty. */
  of(site: string): SiteReads
  close(): Promise<void>
}
