import type { Part } from './parts.js'
import type { Erased, Rights } from './rights.js'
import type { TombstoneTable } from './tombstones.js'

/** A session of an identity, by keys. */
export interface SessionKey {
  readonly visitID: string
  readonly sessionID: string
  readonly startDate: number
}

/** A session of a visit, by keys. */
export interface SessionRow extends SessionKey {
  readonly identityId: string
  readonly endDate: number
  readonly lastActivity: number
  readonly receivedAt: number
}

/** The times of an erasure, by the collector's clock, Unix epoch, ms. */
export interface ErasureTimes {
  /** As of when the person is erased. */
  readonly erasedAt: number
  /**
   * Nothing can have been received after this time. If something says so, the clock of its collector was ahead, and nobody knows when it was
   * received. So it goes too.
   */
  readonly aheadAt: number
}

/** What is removed of a visit: an identity, as far as it was there before the erasure. All ids are keys. */
export interface VisitPart extends ErasureTimes {
  readonly site: string
  readonly visitID: string
  readonly identityId: string
  /** The clock error of the browser, ms. */
  readonly skew: number
  /** What else is removed: records of these times that are of no session. */
  readonly parts: readonly Part[]
}

/** What `createRights` needs of the tables of a store. Ids are keys. */
export interface RightsTables extends Pick<Rights, 'removeOld' | 'traits'> {
  readonly keyOf: (id: string) => string
  readonly tombstones: TombstoneTable
  /** Resolves when no transaction is under way that began before the call. */
  readonly settle: () => Promise<void>
  /** Lists some sessions of an identity by (startDate, sessionID, visitID). */
  readonly sessionsOf: (site: string, identityId: string, after: SessionKey | null) => Promise<readonly SessionKey[]>
  /** Lists some keys of the visits or identities of a site in order. */
  readonly keysIn: (table: 'visits' | 'identities', site: string, after: string) => Promise<readonly string[]>
  /** Lists all sessions of some visits, a few dozen. `null`: there are too many to read at once. Ask for fewer visits. */
  readonly sessionsIn: (site: string, visitIDs: readonly string[]) => Promise<readonly SessionRow[] | null>
  /** The clock errors of the browsers of some visits, ms. A visit of which it is not known may be left out. */
  readonly skewsOf: (site: string, visitIDs: readonly string[]) => Promise<ReadonlyMap<string, number>>
  /** Removes parts of visits of one site. They differ in no more than the visit, its `skew` and its `parts`; no visit comes twice. */
  readonly removeParts: (parts: readonly VisitPart[]) => Promise<Erased>
  /** Removes what is known of an identity, as far as it was known at a time. */
  readonly removePerson: (site: string, identityId: string, times: ErasureTimes) => Promise<void>
}

/** Whether a session was there before an erasure, or says that it began before it, or nobody knows when it was received. */
export function isBefore(
  { receivedAt, startDate }: Pick<SessionRow, 'receivedAt' | 'startDate'>,
  { erasedAt, aheadAt }: ErasureTimes,
  skew: number,
): boolean {
  return receivedAt <= erasedAt || receivedAt > aheadAt || startDate + skew <= erasedAt
}

/** Adds to a total. */
export function addErased(total: { sessions: number; events: number; visits: number }, more: Erased): void {
  total.sessions += more.sessions
  total.events += more.events
  total.visits += more.visits
}
