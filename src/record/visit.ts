import type { VisitBirth } from './birth.js'
import { activityOf, type Fact } from './event.js'

/** One stay of one browser, whether somebody is signed in or not. */
export interface Visit extends VisitBirth {
  /** Last known activity, Unix epoch, ms. */
  readonly lastActivity: number
}

/** What one record says about its visit. The fold of a visit joins this over all its records. */
export function visitOf({ event, visit }: Fact): Visit {
  return { ...visit, lastActivity: activityOf(event, visit.startDate) }
}
