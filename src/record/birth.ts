/** The facts of a visit that never change. Every batch that names the visit repeats them. */
export interface VisitBirth {
  readonly visitID: string
  /** The id of this browser, the same for all its visits. */
  readonly globalVisitID: string
  /** Unix epoch, ms. */
  readonly startDate: number
  readonly languageCode: string
  readonly userAgent: string
  /** The visit and its sessions end after this time without activity, ms. Left out: 30 minutes. */
  readonly idleLimitMs?: number
  /** A program drives the browser, as in a test or a crawler (`navigator.webdriver`). Left out: not known. */
  readonly automated?: true
}

/** The facts of a session that never change. Every batch that names the session repeats them. */
export interface SessionBirth {
  readonly sessionID: string
  readonly identityId: string
  readonly visitID: string
  /** Time of the sign-in, Unix epoch, ms. */
  readonly startDate: number
}

/** A session as the device that opened it keeps it. */
export interface OwnSession extends SessionBirth {
  /** What the site's server gave to show that the identity is right. It goes into each batch, and is shown to nobody. */
  readonly proof?: string
}

/**
 * The facts of a page view. They never change, except that `url` and `title` may be corrected together. A return to the
 * same URL makes a new page.
 */
export interface PageBirth {
  readonly pageID: string
  /** The session that was open when the page was entered; `null` if none. */
  readonly sessionID: string | null
  readonly url: string
  readonly title: string
  readonly referrer: string
  /** `;`-separated; empty if none. */
  readonly category: string
  /** Unix epoch, ms. */
  readonly startDate: number
  /** When `url` and `title` were last corrected, Unix epoch, ms. Left out: never. */
  readonly viewedAt?: number
}
