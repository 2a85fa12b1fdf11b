/** The immutable facts of a visit, repeated in every batch that names it. */
export interface VisitBirth {
  readonly visitID: string
  /** This browser, over visits. */
  readonly globalVisitID: string
  /** Unix epoch, ms. */
  readonly startDate: number
  readonly languageCode: string
  readonly userAgent: string
}

/** The immutable facts of a session, repeated in every batch that names it. */
export interface SessionBirth {
  readonly sessionID: string
  readonly identityId: string
  readonly visitID: string
  /** Unix epoch, ms: sign-in. */
  readonly startDate: number
}

/** The immutable facts of a page view. Coming back to the same URL makes a new page. */
export interface PageBirth {
  readonly pageID: string
  /** The session that was open as the page was entered; `null` if none. */
  readonly sessionID: string | null
  readonly url: string
  readonly title: string
  readonly referrer: string
  /** `;`-separated; empty if none. */
  readonly category: string
  /** Unix epoch, ms. */
  readonly startDate: number
}
