import type { PageBirth } from './birth.js'
import type { Fact } from './event.js'

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
