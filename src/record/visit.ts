import type { VisitBirth } from './birth.js'
import type { Fact } from './event.js'

/** One stay of one browser, signed in or not. */
export interface Visit extends VisitBirth {
  /** Last activity known, Unix epoch, ms. */
  readonly lastActivity: number
}

/** What one record says of its visit; folding is joining what all say. */
export function visitOf(fact: Fact): Visit {
  return { ...fact.visit, lastActivity: fact.event.timestamp }
}
