// The rows of a visit that numbers are counted of. All ids are keys, as the databases hold them.

export interface RawVisit {
  readonly startDate: number
  readonly skew: number | null
  readonly idleLimitMs: number | null
  readonly automated: number
}

/** The times of a row as all copies have claimed them. */
interface Claims {
  readonly startDate: number
  readonly lastActivity: number
  readonly lead: number
  readonly receivedAt: number
}

export interface RawSession extends Claims {
  readonly sessionID: string
  readonly identityId: string
  readonly endDate: number
  readonly endReason: string
}

/** A page, with its address as it was corrected. */
export interface RawPage extends Claims {
  readonly pageID: string
  readonly sessionID: string | null
  readonly url: string
  readonly referrer: string
}

export interface RawEvent {
  readonly eventName: string
  readonly timestamp: number
  readonly serverTimestamp: number
  readonly activity: number
  readonly pageID: string | null
  readonly sessionID: string | null
  /** JSON; `null` if there is none, or too much. */
  readonly data: string | null
}

/** All rows of a visit but its events. Each list is in the order of ids. */
export interface VisitRows {
  readonly site: string
  readonly visitID: string
  readonly visit: RawVisit
  readonly sessions: readonly RawSession[]
  readonly pages: readonly RawPage[]
  readonly sessionPages: readonly { readonly sessionID: string; readonly pageID: string }[]
  /** How many records all writers have made and dropped. */
  readonly written: number
  readonly dropped: number
  /** How many records were refused. */
  readonly refused: number
}
