import type { Count, Page, PageBirth, Visit, VisitBirth } from 'sojourn/record'
import { foldBy, joinEvent, joinPage, joinSession, joinVisit, pageOf, sessionOf, visitOf } from 'sojourn/record'
import type { Arrival, State, StoredEvent, StoredRefusal, StoredVisit } from './store.js'

/** The state that arrivals add up to, in any order, split and repetition: folded in memory, before a store is touched. */
export function foldArrivals(arrivals: readonly Arrival[]): State {
  const facts = arrivals.flatMap(({ batch }) => batch.facts)
  const visits = arrivals.flatMap(toStoredVisits)
  const sessions = [...facts.map(sessionOf), ...arrivals.flatMap(({ batch }) => batch.sessions)]
  const pages = [...facts.map(pageOf), ...arrivals.flatMap(({ batch }) => batch.pages.map(bornPage))]
  const events = arrivals.flatMap(({ batch, receivedAt }) =>
    batch.facts.map(({ event }) => ({ ...event, serverTimestamp: receivedAt })),
  )
  const counts = arrivals.flatMap(({ batch }) => batch.counts)
  // A record without an id is told to its sender, but there is no name to keep it under.
  const refusals = arrivals.flatMap(({ batch }) => batch.refused.filter(({ eventID }) => eventID))
  return {
    visits: foldBy(visits, one => one.visitID, joinStoredVisit),
    sessions: foldBy(sessions, one => one.sessionID, joinSession),
    pages: foldBy(pages, one => one.pageID, joinPage),
    events: foldBy(events, one => one.eventID, joinStoredEvent),
    counts: foldBy(counts, one => JSON.stringify([one.visitID, one.writer]), joinCount),
    refusals: foldBy(refusals, one => JSON.stringify([one.eventID, one.code]), joinRefusal),
  }
}

/** Joins what two batches say of one visit; of two clock errors the smaller is nearer the truth, for latency only adds. */
export function joinStoredVisit(a: StoredVisit, b: StoredVisit): StoredVisit {
  const skew = a.skew === null || b.skew === null ? (a.skew ?? b.skew) : Math.min(a.skew, b.skew)
  return { ...joinVisit<Visit>(a, b), skew }
}

/** Joins two arrivals of one event: the same record, first received at the earlier time. */
export function joinStoredEvent(a: StoredEvent, b: StoredEvent): StoredEvent {
  const first = { serverTimestamp: Math.min(a.serverTimestamp, b.serverTimestamp) }
  const [one, other] = [
    { ...a, ...first },
    { ...b, ...first },
  ]
  // A replay, mostly: equal, and then found so without sorting keys.
  return JSON.stringify(one) === JSON.stringify(other) ? one : { ...joinEvent(one, other), ...first }
}

/** Joins two counts of one writer in one visit; both numbers only grow. */
export function joinCount(a: Count, b: Count): Count {
  return { ...a, written: Math.max(a.written, b.written), dropped: Math.max(a.dropped, b.dropped) }
}

/** Joins two refusals of one record for one reason. */
export function joinRefusal(a: StoredRefusal, b: StoredRefusal): StoredRefusal {
  return (b.visitID ?? '') > (a.visitID ?? '') ? b : a
}

function toStoredVisits({ batch, receivedAt }: Arrival): StoredVisit[] {
  const skew = batch.sentAt === null ? null : receivedAt - batch.sentAt
  const born = batch.visits.map((visit: VisitBirth) => ({ ...visit, lastActivity: visit.startDate }))
  return [...born, ...batch.facts.map(visitOf)].map(visit => ({ ...visit, skew }))
}

function bornPage({
  page,
  visitID,
  identityId,
}: {
  page: PageBirth
  visitID: string
  identityId: string | null
}): Page {
  return { ...page, visitID, identityId, endDate: 0, lastActivity: page.startDate }
}
