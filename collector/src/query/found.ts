import type { Identity, Session } from 'sojourn/record'
import type { StoredEvent, StoredPage, StoredVisit } from '../store/store.js'
import type { Written } from './written.js'

/** A session as it is now, by the collector's clock. */
export interface CurrentSession extends Session {
  /**
   * Why it has ended; `null` while it is open. `signed-out`, a reason that the browser gave, `abandoned` if nobody has
   * closed it, or `unknown`.
   */
  readonly endReason: string | null
}

/** What belongs to a resource, as far as the request included it, in the order of its list. */
export interface Included<T> {
  /** `null`: not included. */
  readonly ids: readonly string[] | null
  /** `null`: only the ids are included, or nothing. */
  readonly items: readonly Written<T>[] | null
  /** The cursor with which the list itself continues after the last item. `null` if there are no more. */
  readonly next: string | null
}

/** What a resource includes if the request asked for nothing. */
export const notIncluded: Included<never> = { ids: null, items: null, next: null }

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

/** What a read finds, by the name of its kind. */
export interface Found {
  readonly event: StoredEvent
  readonly page: FoundPage
  readonly session: FoundSession
  readonly visit: FoundVisit
  readonly identity: FoundIdentity
}

/** How each kind is written: as an object whose members are plain, or lists of what was written before. */
export type Writers = { readonly [K in keyof Found]: (found: Found[K]) => object }

/**
 * One page of a list, and the cursor of the next page; `null` at the end. A page with a cursor may have fewer items than
 * the request asked for, because it is bounded in bytes too.
 */
export interface FoundList<T> {
  readonly items: readonly Written<T>[]
  readonly next: string | null
}

/**
 * Looks up the resource with an id, or a list that belongs to it. `null`: there is no such resource.
 *
 * @throws (rejects) `ParameterError` for a bad parameter, or the error of the store.
 */
export type Lookup<F> = (id: string, params: URLSearchParams) => Promise<F | null>
