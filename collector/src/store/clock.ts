import { limits } from 'sojourn/record'
import { clockToleranceMs } from '../limits.js'
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

/**
 * Whether a time of a browser was ahead of its receipt by more than latency and a clock that was set can explain. Such a
 * time orders nothing and ends nothing.
 *
 * @param lead the time of the browser less that of the receipt, ms.
 */
export function isAhead(lead: number, skew: number | null): boolean {
  return lead + (skew ?? 0) > clockToleranceMs
}
