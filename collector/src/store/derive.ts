import { type Event, isTextAfter, toEnd, toEndReason } from 'sojourn/record'
import { isAhead } from './clock.js'

/** What the events of a session, page or visit say, without those that were ahead of their receipt. */
export interface Plausible {
  /** The latest event that was an activity, Unix epoch, ms; 0 if there is none. */
  readonly lastActivity: number
  /** The latest event that ends it, Unix epoch, ms; 0 if there is none. */
  readonly endDate: number
  /** Why; empty if no event says it. */
  readonly endReason: string
}

export const nothingPlausible: Plausible = { lastActivity: 0, endDate: 0, endReason: '' }

/** The times of a stored row, as all copies have claimed them. */
export interface Claimed {
  readonly startDate: number
  readonly endDate: number
  readonly lastActivity: number
  /** The greatest time by which a claim was ahead of its receipt, ms. */
  readonly lead: number
  /** When it was first received, Unix epoch, ms. */
  readonly receivedAt: number
}

/** Whether a claim of a row was ahead of its receipt. Then its times must be read from its events. */
export function isSuspect({ lead }: { readonly lead: number }, skew: number | null): boolean {
  return isAhead(lead, skew)
}

/**
 * Makes the end and the last activity of a row. An end is never before the last activity, because an idle end is computed
 * from an activity that browsers note only at intervals. What has begun ahead of its receipt was last active at its
 * receipt, by the clock of the browser.
 *
 * @param told what its events say; `null` if the claims of the row are as good.
 */
export function toTimes(
  claimed: Claimed,
  told: Plausible | null,
  skew: number | null,
): { endDate: number; lastActivity: number } {
  const { startDate, receivedAt } = claimed
  const from = told && isAhead(startDate - receivedAt, skew) ? receivedAt - (skew ?? 0) : startDate
  const lastActivity = told ? Math.max(from, told.lastActivity) : claimed.lastActivity
  const endDate = told ? told.endDate && toEnd(startDate, told.endDate) : claimed.endDate
  return { endDate: endDate && Math.max(endDate, lastActivity), lastActivity }
}

/** The reason of end events with the same time. If several say one, the greater text holds. */
export function toLatestReason(ends: readonly Event[]): string {
  return ends.map(toEndReason).reduce((latest, one) => (isTextAfter(one, latest) ? one : latest), '')
}
