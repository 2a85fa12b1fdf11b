import { maxLooked } from '../limits.js'
import { type Listed, orders } from '../store/lists.js'
import type { Range, SiteReads } from '../store/store.js'
import type { Collected } from './collect.js'
import { toCursorText } from './parameters.js'

/**
 * Finds how far a read of a list within a resource looks. No index has the events of an identity in their order, so a read
 * sorts what it looks at.
 *
 * @param filter of the list.
 * @returns the time of the last items to look at, Unix epoch, ms. `null`: there are few, or an index has them in order.
 */
export async function findHorizon(
  store: SiteReads,
  listed: Listed,
  filter: object,
  range: Range,
): Promise<number | null> {
  if (listed !== 'events' || !('identityId' in filter)) return null
  return store.horizonOf(String(filter.identityId), range, maxLooked)
}

/**
 * Gives what was read of a list up to a horizon the cursor of what comes after it, unless it has ended earlier.
 *
 * @param horizon `null`: the whole list was read.
 */
export function continueAfter<W>(
  found: Collected<W>,
  listed: Listed,
  horizon: number | null,
  isDescending = false,
): Collected<W> {
  if (found.next !== null || horizon === null) return found
  // No id is empty, and no number is negative, so this is before all items of a time.
  const [, ...others] = orders[listed].map(name => (name === 'seq' ? -1 : ''))
  return { ...found, next: toCursorText([isDescending ? horizon : horizon + 1, ...others]) }
}
