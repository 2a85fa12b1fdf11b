import type { Fact, PageBirth, Session } from 'sojourn/record'
import { isInParts, type Part, toParts } from './parts.js'
import type { Arrival } from './store.js'

/** What is known of erased persons, visits and sessions. */
export interface Known {
  /** When the identity was erased, by the collector's clock, Unix epoch, ms; `null`: it never was. */
  readonly erasedAt: (site: string, identityId: string) => number | null
  /** Whether the session was there when its person was erased. */
  readonly isErased: (site: string, visitID: string, sessionID: string) => boolean
  /** The erased parts of a visit; `null`: nothing of it was erased. */
  readonly partsOf: (site: string, visitID: string) => readonly Part[] | null
}

/**
 * Takes out of an arrival what belongs to an erased person: sessions that were there at the erasure, or began before it,
 * with their events and pages; and what was done in the same visit before, while nobody was signed in. If nothing else of a
 * visit is left, the visit is taken out too.
 *
 * @returns the rest, with the ids of the events that were taken out; `null` if nothing has to be taken out.
 */
export function splitGone(
  arrival: Arrival,
  known: Known,
): { readonly arrival: Arrival; readonly gone: readonly string[] } | null {
  const { site, receivedAt, batch } = arrival
  const skew = batch.sentAt === null ? 0 : receivedAt - batch.sentAt
  const touched = new Map<string, readonly Part[]>()
  for (const { visitID } of batch.visits) {
    const parts = known.partsOf(site, visitID)
    if (parts) touched.set(visitID, parts)
  }
  const goneSessions = new Set<string>()
  for (const session of batch.sessions) {
    const { visitID, sessionID, identityId, startDate } = session
    const erasedAt = known.erasedAt(site, identityId)
    const isGone =
      (erasedAt !== null && startDate + skew <= erasedAt) ||
      (touched.has(visitID) && known.isErased(site, visitID, sessionID))
    if (isGone) goneSessions.add(toKeyOf(session))
  }
  // The batch may tell of a visit that was not known at the erasure.
  const isGoneSession = (session: { visitID: string; sessionID: string }): boolean => goneSessions.has(toKeyOf(session))
  for (const visitID of new Set(batch.sessions.filter(isGoneSession).map(one => one.visitID))) {
    const own = batch.sessions.filter(one => one.visitID === visitID)
    const parts = toParts(own.map(one => toSpan(one, isGoneSession(one))))
    touched.set(visitID, [...(touched.get(visitID) ?? []), ...parts])
  }
  if (!touched.size) return null

  function isGonePage({ sessionID, startDate }: PageBirth, visitID: string): boolean {
    const parts = touched.get(visitID)
    if (!parts) return false
    if (sessionID === null) return isInParts(startDate, parts)
    return isGoneSession({ visitID, sessionID }) || known.isErased(site, visitID, sessionID)
  }
  function isGoneFact({ event, visit, session }: Fact): boolean {
    const parts = touched.get(visit.visitID)
    if (!parts) return false
    return session ? isGoneSession(session) : isInParts(event.timestamp, parts)
  }
  const facts = batch.facts.filter(fact => !isGoneFact(fact))
  const sessions = batch.sessions.filter(session => !isGoneSession(session))
  const left = new Set([...facts.map(({ visit }) => visit.visitID), ...sessions.map(({ visitID }) => visitID)])
  const isLeft = ({ visitID }: { readonly visitID: string }): boolean => !touched.has(visitID) || left.has(visitID)
  const stored = new Set(facts.map(({ event }) => event.eventID))
  const gone = batch.facts.filter(isGoneFact).map(({ event }) => event.eventID)
  return {
    gone: [...new Set(gone)].filter(eventID => !stored.has(eventID)),
    arrival: {
      ...arrival,
      batch: {
        ...batch,
        facts,
        sessions,
        visits: batch.visits.filter(isLeft),
        pages: batch.pages.filter(one => isLeft(one) && !isGonePage(one.page, one.visitID)),
        counts: batch.counts.filter(isLeft),
        // A refused record does not say to which session it would have belonged.
        refused: batch.refused.filter(({ visitID }) => visitID === null || !touched.has(visitID)),
      },
    },
  }
}

function toKeyOf({ visitID, sessionID }: { readonly visitID: string; readonly sessionID: string }): string {
  return `${visitID}\0${sessionID}`
}

/** An open session of an erased person reaches as far as the batch tells. One of somebody else reaches to its start. */
function toSpan({ startDate, endDate, lastActivity }: Session, isOwn: boolean) {
  const open = isOwn ? Number.MAX_SAFE_INTEGER : lastActivity
  return { startDate, until: endDate ? Math.max(endDate, lastActivity) : open, isOwn }
}
