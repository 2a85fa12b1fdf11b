import type { VisitBirth } from './birth.js'
import { activityOf, type Fact } from './event.js'
import { hash } from './hash.js'

/** One stay of one browser, whether somebody is signed in or not. */
export interface Visit extends VisitBirth {
  /** Last known activity, Unix epoch, ms. */
  readonly lastActivity: number
}

/** What one record says about its visit. The fold of a visit joins this over all its records. */
export function visitOf({ event, visit }: Fact): Visit {
  return { ...visit, lastActivity: activityOf(event, visit.startDate) }
}

/**
 * Whether a visit is among those to record, of which `sample` is the share. Nothing is stored: every tab and every page load
 * comes to the same verdict for a visit, and so for its sessions.
 */
export function isSampled(visitID: string, sample: number): boolean {
  return sample >= 1 || parseInt(hash(visitID), 36) < sample * 2 ** 32
}
