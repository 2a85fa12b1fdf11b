import { backoffBaseMs, backoffMaxMs } from '../record/limits.js'

/**
 * How long to wait after so many failures in a row: drawn from 0 to a bound that doubles ("full jitter"), so that the
 * tabs of a site do not come back together.
 *
 * @param chance from 0 to 1.
 */
export function backoffMs(failures: number, chance: number): number {
  return chance * Math.min(backoffMaxMs, backoffBaseMs * 2 ** Math.min(failures, 20))
}
