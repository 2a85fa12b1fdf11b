import type { Batch, Fact, PageBirth, Session } from 'sojourn/record'
import { isAhead } from './clock.js'
import { isInParts, type Part, type Span, toParts } from './parts.js'
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
    // A session cannot begin after its receipt. The clock of its device was wrong at the sign-in and is right by now, so nobody knows whether it
    // began before the erasure.
    const began = isAhead(startDate - receivedAt, skew) ? 0 : startDate + skew
    const isGone =
      (erasedAt !== null && began <= erasedAt) || (touched.has(visitID) && known.isErased(site, visitID, sessionID))
    if (isGone) goneSessions.add(toKeyOf(session))
  }
  // The batch may tell of a visit that was not known at the erasure.
  const isGoneSession = (session: { visitID: string; sessionID: string }): boolean => goneSessions.has(toKeyOf(session))
  for (const [visitID, spans] of goneSessions.size ? toSpans(batch, isGoneSession) : [])
    if (spans.some(({ isOwn }) => isOwn)) touched.set(visitID, [...(touched.get(visitID) ?? []), ...toParts(spans)])
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

/** The sessions of each visit of a batch. Each reaches to its end, and to its last event in the batch. */
function toSpans({ sessions, facts }: Batch, isGone: (session: Session) => boolean): Map<string, Span[]> {
  const latest = new Map<string, number>()
  for (const { event, session } of facts) {
    const key = session && toKeyOf(session)
    if (key !== null) latest.set(key, Math.max(latest.get(key) ?? 0, event.timestamp))
  }
  const spans = new Map<string, Span[]>()
  for (const session of sessions) {
    const { visitID, startDate, endDate, lastActivity } = session
    const until = Math.max(endDate, lastActivity, latest.get(toKeyOf(session)) ?? 0)
    const others = spans.get(visitID) ?? []
    others.push({ startDate, until, isOwn: isGone(session) })
    spans.set(visitID, others)
  }
  return spans
}
