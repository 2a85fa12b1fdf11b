import type { PageBirth } from './birth.js'
import { activityOf, type Fact, meaningOf } from './event.js'

/** One view of one page. */
export interface Page extends PageBirth {
  readonly visitID: string
  /** The identity of `sessionID`; `null` if nobody was signed in when the page was entered. */
  readonly identityId: string | null
  /** When the page was left, Unix epoch, ms; 0 while it is open, and if its exit never arrives. */
  readonly endDate: number
  /** Last known activity on the page, Unix epoch, ms. */
  readonly lastActivity: number
}

/** What one record says about its page; `null` if no page was open. */
export function pageOf({ event, page, session, visit }: Fact): Page | null {
  return (
    page && {
      ...page,
      visitID: visit.visitID,
      identityId: session && session.sessionID === page.sessionID ? session.identityId : null,
      endDate: meaningOf(event.eventName).endsPage ? event.timestamp : 0,
      lastActivity: activityOf(event, page.startDate),
    }
  )
}
