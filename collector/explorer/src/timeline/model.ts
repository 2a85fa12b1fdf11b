/** The time from one moment to another, Unix epoch, ms. `end` is never before `start`. */
export interface Span {
  readonly start: number
  readonly end: number
}

/** A visit, as `GET /v1/visits/{id}` gives it. Times are Unix epoch, ms, by the clock of the browser. */
export interface Visit {
  readonly visitID: string
  readonly globalVisitID: string
  readonly startDate: number
  /** 0 while the visit is open. */
  readonly endDate: number
  readonly lastActivity?: number
  readonly activeSessionID: string | null
  readonly languageCode: string
  readonly userAgent: string
  /** The clock error of the browser, ms; `null` if it is not known. */
  readonly skew?: number | null
  readonly automated?: true
}

/** A session, as `GET /v1/sessions/{id}` gives it. */
export interface Session {
  readonly sessionID: string
  readonly identityId: string
  readonly visitID: string
  readonly startDate: number
  /** 0 while the session is open. */
  readonly endDate: number
  /** Whole seconds; 0 while the session is open. */
  readonly duration: number
  /** `null` while the session is open. */
  readonly endReason: string | null
  readonly lastActivity?: number
}

/** A page, as `GET /v1/visits/{id}/pages` gives it. */
export interface Page {
  readonly pageID: string
  readonly visitID: string
  readonly sessionID: string | null
  readonly url: string
  readonly title: string
  readonly referrer: string
  readonly startDate: number
  /** 0 while the page is open, and if its exit never arrived. */
  readonly endDate: number
  readonly lastActivity?: number
}

/** An event, as `GET /v1/visits/{id}/events` gives it. */
export interface Event {
  readonly eventID: string
  readonly eventName: string
  readonly eventType: string
  readonly timestamp: number
  readonly serverTimestamp?: number
  readonly url: string
  readonly category?: string
  readonly pageID: string | null
  readonly sessionID?: string | null
  readonly data: unknown
  /** `false`: no person did it. */
  readonly activity?: boolean
}
