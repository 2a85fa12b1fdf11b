import type { StoredEvent, StoredPage, StoredSession, Within } from './store.js'

/** What a site has, as it is read. */
interface Everything {
  readonly sessions: readonly StoredSession[]
  readonly pages: readonly StoredPage[]
  readonly events: readonly StoredEvent[]
}

/** The events or pages in which a horizon is looked for. @param last the time of the last event of the session, if there is one. */
export function itemsWithin<L extends 'events' | 'pages'>(
  all: Everything,
  listed: L,
  { visitID, identityId }: Within,
  last: number,
): Everything[L] {
  const theirs = new Set(all.sessions.filter(one => one.identityId === identityId).map(one => one.visitID))
  const isIn = (one: { visitID: string }): boolean =>
    identityId === undefined ? one.visitID === visitID : theirs.has(one.visitID)
  const some =
    listed === 'pages' ? all.pages.filter(isIn) : all.events.filter(one => isIn(one) && one.timestamp <= last)
  return some as readonly object[] as Everything[L]
}
