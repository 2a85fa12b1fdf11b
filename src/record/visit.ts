import type { Fact } from './event.js'

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

/** One stay of one browser, signed in or not. */
export interface Visit extends VisitBirth {
  /** Last activity known, Unix epoch, ms. */
  readonly lastActivity: number
}

/** What one record says of its visit; folding is joining what all say. */
export function visitOf(fact: Fact): Visit {
  return { ...fact.visit, lastActivity: fact.event.timestamp }
}
