import { limits } from 'sojourn/record'
import type { VisitClock } from './store.js'

/**
 * Whether the idle limit has passed since the last activity of a visit or session, by the collector's clock. The clock
 * of the browser may be wrong, so its `skew` is added.
 *
 * @param now collector's clock, Unix epoch, ms.
 */
export function isIdle(
  { lastActivity, skew, idleLimitMs }: VisitClock & { readonly lastActivity: number },
  now: number,
): boolean {
  return now - lastActivity - (skew ?? 0) >= (idleLimitMs ?? limits.idleLimitMs)
}
