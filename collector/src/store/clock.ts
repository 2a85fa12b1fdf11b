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

/**
 * A time of the browser as the collector's clock would tell it, ms. It is 0 if it was ahead of the receipt, so that no
 * sender can tell what holds for ever. A small skew is not added, because latency is a part of it: what one browser tells
 * in two batches would change its order.
 *
 * @param skew the clock error of the browser as the batch with this time tells it, ms.
 */
export function toReceiptTime(time: number, receivedAt: number, skew: number | null): number {
  if (isAhead(time - receivedAt, skew)) return 0
  return Math.max(0, time + (Math.abs(skew ?? 0) > clockToleranceMs ? (skew ?? 0) : 0))
}
