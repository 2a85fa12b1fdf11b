import type { Identity, Session } from 'sojourn/record'
import type { StoredEvent, StoredPage, StoredVisit } from '../store/store.js'

/** A session as it is now, by the collector's clock. */
export interface CurrentSession extends Session {
  /**
   * Why it has ended; `null` while it is open. `signed-out`, a reason that the browser gave, `abandoned` if nobody has
   * closed it, or `unknown`.
   */
  readonly endReason: string | null
}

/** What belongs to a resource, as far as the request included it. `null`: not included. */
export interface Included<T> {
  readonly ids: readonly string[] | null
  readonly items: readonly T[] | null
}

export interface FoundPage {
  readonly page: StoredPage
  readonly events: Included<StoredEvent>
}

export interface FoundSession {
  readonly session: CurrentSession
  readonly events: Included<StoredEvent>
  readonly pages: Included<StoredPage>
}

export interface FoundVisit {
  readonly visit: StoredVisit
  /** 0 while the visit is open. After its idle limit without activity, its last activity. Unix epoch, ms. */
  readonly endDate: number
  /** The open session of the visit; `null` if there is none, or if the visit is over. */
  readonly activeSessionID: string | null
  readonly events: Included<StoredEvent>
  readonly pages: Included<StoredPage>
  readonly sessions: Included<CurrentSession>
}

/** GWE's words: the identity is signed in now, or was signed in before. */
export type VisitScope = 'Authenticated' | 'Recognized'

export interface FoundIdentity {
  readonly identity: Identity
  readonly visitScope: VisitScope
  readonly events: Included<StoredEvent>
  readonly pages: Included<StoredPage>
  readonly sessions: Included<CurrentSession>
  /** Complete visits, without their own events, pages and sessions. */
  readonly visits: Included<FoundVisit>
}
