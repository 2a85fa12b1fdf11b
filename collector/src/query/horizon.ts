import { maxLooked, maxSorted } from '../limits.js'
import { type Listed, orders } from '../store/lists.js'
import type { Range, SiteReads, Within } from '../store/store.js'
import type { Collected } from './collect.js'
import { toCursorText } from './parameters.js'

/** The part of a list that a request looks at. */
export interface Part {
  readonly range: Range
  /** The time of the last items to look at, Unix epoch, ms. `null`: they are few, or each that is looked at is given. */
  readonly horizon: number | null
}

/** Finds the part of a list that a request looks at, so that it is bounded, however few items the filters match. */
export async function findPart(store: SiteReads, listed: Listed, filter: object, range: Range): Promise<Part> {
  const within = await findWithin(store, listed, filter)
  if (within === null || listed === 'identities') return { range, horizon: null }
  const horizon = await store.horizon(listed, within, range, maxLooked)
  const end = horizon === null ? {} : { [range.isDescending ? 'since' : 'until']: horizon }
  return { range: { ...range, ...end, isOfSite: listed === 'visits' || listed === 'receipts' }, horizon }
}

/** Which items are looked at in the order of the list. `null`: as many as are given, or so few that they are sorted. */
async function findWithin(store: SiteReads, listed: Listed, filter: Within): Promise<Within | null> {
  const { visitID, sessionID, identityId, globalVisitID } = filter
  switch (listed) {
    case 'events':
    case 'pages':
      // No index has those of an identity in their order, so that a read sorts what it looks at.
      if (identityId !== undefined) return { identityId }
      if (visitID === undefined || Object.keys(filter).length === 1) return null
      return listed === 'events' && sessionID !== undefined ? { visitID, sessionID } : { visitID }
    case 'sessions':
      if (visitID !== undefined) return null
      if (identityId === undefined) return {}
      return Object.keys(filter).length === 1 ? null : { identityId }
    case 'visits':
    case 'receipts':
      if (globalVisitID) return { globalVisitID }
      // If they are many, they are looked for in the list of the site.
      return identityId === undefined || (await store.hasMoreThan(listed, identityId, maxSorted)) ? {} : null
    case 'identities':
      return null
  }
}

/**
 * Gives what was read of a list up to a horizon the cursor of what comes after it, unless it has ended earlier.
 *
 * @param horizon `null`: the whole list was read.
 */
export function continueAfter<W>(found: Collected<W>, listed: Listed, { horizon, range }: Part): Collected<W> {
  if (found.next !== null || horizon === null) return found
  // No id is empty, and no number is negative, so this is before all items of a time.
  const [, ...others] = orders[listed].map(name => (name === 'seq' ? -1 : ''))
  return { ...found, next: toCursorText([range.isDescending ? horizon : horizon + 1, ...others]) }
}
