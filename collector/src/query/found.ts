import type { Identity, Page, Session } from 'sojourn/record'
import type { FoundEvent, StoredVisit } from '../store/store.js'

/** What belongs to a resource, as far as the request included it. `null`: not included. */
export interface Included<T> {
  readonly ids: readonly string[] | null
  readonly items: readonly T[] | null
}

export interface FoundPage {
  readonly page: Page
  readonly events: Included<FoundEvent>
}

export interface FoundSession {
  readonly session: Session
  readonly events: Included<FoundEvent>
  readonly pages: Included<Page>
}

export interface FoundVisit {
  readonly visit: StoredVisit
  /** 0 while the visit is open. After the idle limit without activity, its last activity. Unix epoch, ms. */
  readonly endDate: number
  /** The open session of the visit; `null` if there is none, or if the visit is over. */
  readonly activeSessionID: string | null
  readonly events: Included<FoundEvent>
  readonly pages: Included<Page>
  readonly sessions: Included<Session>
}

/** GWE's words: the identity is signed in now, or was signed in before. */
export type VisitScope = 'Authenticated' | 'Recognized'

export interface FoundIdentity {
  readonly identity: Identity
  readonly visitScope: VisitScope
  readonly events: Included<FoundEvent>
  readonly pages: Included<Page>
  readonly sessions: Included<Session>
  /** Complete visits, without their own events, pages and sessions. */
  readonly visits: Included<FoundVisit>
}
