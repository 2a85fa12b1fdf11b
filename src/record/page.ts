import type { Fact } from './event.js'

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

/** A page view, entered and perhaps left. */
export interface Page extends PageBirth {
  readonly visitID: string
  readonly identityId: string | null
  /** Unix epoch, ms, of PageExited; 0 = not left yet, or never told. */
  readonly endDate: number
  /** Last activity known on the page, Unix epoch, ms. */
  readonly lastActivity: number
}

/** What one record says of its page; `null` if it was made on none. */
export function pageOf({ event, page, session, visit }: Fact): Page | null {
  return (
    page && {
      ...page,
      visitID: visit.visitID,
      identityId: session && session.sessionID === page.sessionID ? session.identityId : null,
      endDate: event.eventName === 'PageExited' ? event.timestamp : 0,
      lastActivity: event.timestamp,
    }
  )
}
