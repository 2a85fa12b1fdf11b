import type { Count, Event, Fact, Identity, Page, PageBirth, Session, Visit, VisitBirth } from 'sojourn/record'
import {
  foldBy,
  identityOf,
  isAfter,
  join,
  joinEvent,
  joinIdentity,
  joinSession,
  meaningOf,
  pageOf,
  sessionOf,
  visitOf,
} from 'sojourn/record'
import type { Arrival, State, StoredEvent, StoredRefusal, StoredVisit } from './store.js'

/** Folds arrivals into the state that they add up to. Their order, split and repetition do not matter. */
export function foldArrivals(arrivals: readonly Arrival[]): State {
  const facts = arrivals.flatMap(({ batch }) => toTelling(batch.facts))
  const born = arrivals.flatMap(({ batch }) => batch.sessions)
  const pages = arrivals.flatMap(({ batch }) => batch.pages.map(bornPage))
  // A refused record without an id cannot be stored, because the id is its key. Only the answer contains it.
  const refused = arrivals.flatMap(({ batch }) => batch.refused.filter(({ eventID }) => eventID))
  const state = {
    visits: arrivals.flatMap(toStoredVisits),
    sessions: [...facts.flatMap(fact => sessionOf(fact) ?? []), ...born],
    pages: [...facts.flatMap(fact => pageOf(fact) ?? []), ...pages],
    events: [],
    counts: arrivals.flatMap(({ batch }) => batch.counts),
    refusals: refused.map(({ eventID, code, visitID }) => ({ visitID: visitID ?? '', eventID, code })),
    identities: [...facts.flatMap(fact => identityOf(fact) ?? []), ...born.map(bornIdentity)],
  }
  return { ...foldState(state), events: foldEvents(arrivals) }
}

/** Joins the items that have the same key. The keys are those of `sql/tables.ts`. */
export function foldState(state: State): State {
  return {
    visits: foldBy(state.visits, one => one.visitID, joinStoredVisit),
    sessions: foldBy(state.sessions, one => toKey(one.visitID, one.sessionID), joinStoredSession),
    pages: foldBy(state.pages, one => toKey(one.visitID, one.pageID), joinStoredPage),
    events: foldBy(state.events, one => toKey(one.visitID, one.eventID), joinStoredEvent),
    counts: foldBy(state.counts, one => toKey(one.visitID, one.writer), joinCount),
    refusals: foldBy(state.refusals, one => toKey(one.visitID, one.eventID, one.code), joinRefusal),
    identities: foldBy(state.identities, one => one.identityId, joinIdentity),
  }
}

/** Joins two copies of a visit. The smaller `skew` is nearer to the truth, because latency only adds to it. */
export function joinStoredVisit(a: StoredVisit, b: StoredVisit): StoredVisit {
  const skew = a.skew === null || b.skew === null ? (a.skew ?? b.skew) : Math.min(a.skew, b.skew)
  return { ...join<Visit>(a, b, isAfter), skew }
}

/** Joins two copies of a session. */
export function joinStoredSession(a: Session, b: Session): Session {
  return joinSession(a, b, isAfter)
}

/** Joins two copies of a page. */
export function joinStoredPage(a: Page, b: Page): Page {
  return join(a, b, isAfter)
}

/** Joins two copies of an event. `serverTimestamp` is the earlier time of receipt. */
export function joinStoredEvent(a: StoredEvent, b: StoredEvent): StoredEvent {
  const serverTimestamp = Math.min(a.serverTimestamp, b.serverTimestamp)
  return { ...(joinEvent(a, b) as StoredEvent), serverTimestamp }
}

/** Joins two counts of one writer in one visit. The greater numbers hold, because counts only grow. */
export function joinCount(a: Count, b: Count): Count {
  return { ...a, written: Math.max(a.written, b.written), dropped: Math.max(a.dropped, b.dropped) }
}

/** Joins two copies of a refused record. They are equal, because only its key is stored. */
export function joinRefusal(a: StoredRefusal): StoredRefusal {
  return a
}

function toKey(visitID: string, id: string, code = ''): string {
  return `${visitID.length}:${visitID}${id.length}:${id}${code}`
}

/** Whether an event says more of what it stands in than when it was last active: an end, or what is known of a person. */
function isTelling({ eventName }: Event): boolean {
  const { endsPage, endsSession, tellsIdentity } = meaningOf(eventName)
  return !!(endsPage || endsSession || tellsIdentity)
}

// Visits, sessions, pages and identities are joined from all facts. Of consecutive facts with the same visit, session
// and page, only the latest changes the result. Folding all of them would take twice as long as parsing them.
function toTelling(facts: readonly Fact[]): readonly Fact[] {
  const telling: Fact[] = []
  let latest: Fact | null = null
  for (const fact of facts) {
    const { event, visit, session, page } = fact
    if (isTelling(event)) telling.push(fact)
    else if (latest?.visit === visit && latest.session === session && latest.page === page) {
      if (event.timestamp > latest.event.timestamp) latest = fact
    } else {
      if (latest) telling.push(latest)
      latest = fact
    }
  }
  if (latest) telling.push(latest)
  return telling
}

// Two levels of maps, by visit and then by id, because building a combined key for each event is slower.
function foldEvents(arrivals: readonly Arrival[]): StoredEvent[] {
  const visits = new Map<string, Map<string, StoredEvent>>()
  for (const { batch, receivedAt } of arrivals)
    for (const { event } of batch.facts) {
      const events = visits.get(event.visitID) ?? new Map<string, StoredEvent>()
      if (!events.size) visits.set(event.visitID, events)
      const before = events.get(event.eventID)
      const stored = { ...event, serverTimestamp: receivedAt }
      events.set(event.eventID, before ? joinStoredEvent(before, stored) : stored)
    }
  return [...visits.values()].flatMap(events => [...events.values()])
}

function toStoredVisits({ batch, receivedAt }: Arrival): StoredVisit[] {
  const skew = batch.sentAt === null ? null : receivedAt - batch.sentAt
  const born = batch.visits.map((visit: VisitBirth) => ({ ...visit, lastActivity: visit.startDate }))
  return [...born, ...toTelling(batch.facts).map(visitOf)].map(visit => ({ ...visit, skew }))
}

function bornPage(born: { page: PageBirth; visitID: string; identityId: string | null }): Page {
  const { page, visitID, identityId } = born
  return { ...page, visitID, identityId, endDate: 0, lastActivity: page.startDate }
}

function bornIdentity({ identityId, startDate, sessionID }: Session): Identity {
  const untold = { name: '', location: '', userAgent: '', nameAt: 0, locationAt: 0, userAgentAt: 0 }
  return { identityId, startDate, sessionID, ...untold }
}
