import type { Count, Event, Fact, Identity, Page, PageBirth, Session, Visit, VisitBirth } from 'sojourn/record'
import {
  foldBy,
  identityOf,
  isAfter,
  isEnd,
  isTextAfter,
  join,
  joinEvent,
  joinIdentity,
  joinPage,
  joinSession,
  meaningOf,
  pageOf,
  sessionOf,
  toEndReason,
  visitOf,
} from 'sojourn/record'
import type {
  Arrival,
  SessionPage,
  State,
  StoredEvent,
  StoredPage,
  StoredRefusal,
  StoredSession,
  StoredVisit,
} from './store.js'

/** Folds arrivals into the state that they add up to. Their order, split and repetition do not matter. */
export function foldArrivals(arrivals: readonly Arrival[]): State {
  const facts = arrivals.flatMap(({ batch }) => toTelling(batch.facts))
  const born = arrivals.flatMap(({ batch }) => batch.sessions)
  const pages = arrivals.flatMap(({ batch }) => batch.pages.map(bornPage))
  // A refused record without an id cannot be stored, because the id is its key. Only the answer contains it.
  const refused = arrivals.flatMap(({ batch }) => batch.refused.filter(({ eventID }) => eventID))
  const state = {
    visits: arrivals.flatMap(toStoredVisits),
    sessions: [...facts.flatMap(fact => toStoredSession(fact) ?? []), ...born.map(bornSession)],
    pages: [...facts.flatMap(fact => toStoredPage(pageOf(fact)) ?? []), ...pages],
    sessionPages: facts.flatMap(fact => toSessionPage(fact) ?? []),
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
    sessionPages: foldBy(state.sessionPages, one => toKey(one.visitID, one.sessionID, one.pageID), joinSessionPage),
    events: foldBy(state.events, one => toKey(one.visitID, one.eventID), joinStoredEvent),
    counts: foldBy(state.counts, one => toKey(one.visitID, one.writer), joinCount),
    refusals: foldBy(state.refusals, one => toKey(one.visitID, one.eventID, one.code), joinRefusal),
    identities: foldBy(state.identities, one => one.identityId, joinIdentity),
  }
}

/** Joins two copies of a visit. The smaller `skew` is nearer to the truth, because latency only adds to it. */
export function joinStoredVisit(a: StoredVisit, b: StoredVisit): StoredVisit {
  const skew = a.skew === null || b.skew === null ? (a.skew ?? b.skew) : Math.min(a.skew, b.skew)
  return { ...join(a, b, isAfter), skew }
}

/** Joins two copies of a session. The reason is that of the latest end event, although the session may end later. */
export function joinStoredSession(a: StoredSession, b: StoredSession): StoredSession {
  const ahead = a.endReasonAt - b.endReasonAt
  const { endReason, endReasonAt } = ahead > 0 || (ahead === 0 && !isTextAfter(b.endReason, a.endReason)) ? a : b
  return { ...a, ...joinSession(a, b, isAfter), endReason, endReasonAt }
}

/** Joins two copies of a page. */
export function joinStoredPage(a: StoredPage, b: StoredPage): StoredPage {
  return joinPage(a, b, isAfter)
}

/** Joins two copies of a session page. They are equal, because all of it is its key. */
export function joinSessionPage(a: SessionPage): SessionPage {
  return a
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

function isSamePlace(a: Fact, b: Fact): boolean {
  return a.visit === b.visit && a.session === b.session && a.page === b.page && a.event.pageID === b.event.pageID
}

// Visits, sessions, pages and identities are joined from all facts. Of consecutive facts with the same visit, session
// and page, only the latest changes the result: the latest activity, and the latest of those that are none. Folding all
// of them would take twice as long as parsing them.
function toTelling(facts: readonly Fact[]): readonly Fact[] {
  const telling: Fact[] = []
  let active: Fact | null = null
  let inactive: Fact | null = null
  for (const fact of facts) {
    if (isTelling(fact.event)) telling.push(fact)
    else if (fact.event.activity === false) inactive = keepLater(telling, inactive, fact)
    else active = keepLater(telling, active, fact)
  }
  if (active) telling.push(active)
  if (inactive) telling.push(inactive)
  return telling
}

/** Returns the later of two facts of one place. A fact of another place is told. */
function keepLater(telling: Fact[], latest: Fact | null, fact: Fact): Fact {
  if (latest && isSamePlace(latest, fact)) return fact.event.timestamp > latest.event.timestamp ? fact : latest
  if (latest) telling.push(latest)
  return fact
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
  const visits: Visit[] = [...born, ...toTelling(batch.facts).map(visitOf)]
  return visits.map(visit => ({ ...visit, skew, idleLimitMs: visit.idleLimitMs ?? null }))
}

function toStoredSession(fact: Fact): StoredSession | null {
  const { event } = fact
  const session = sessionOf(fact)
  const endReasonAt = isEnd(event.eventName) ? event.timestamp : 0
  return session && { ...session, lastEventAt: event.timestamp, endReason: toEndReason(event), endReasonAt }
}

// An `endDate` of a batch does not say why.
function bornSession(session: Session): StoredSession {
  return { ...session, lastEventAt: 0, endReason: '', endReasonAt: 0 }
}

function toStoredPage(page: Page | null): StoredPage | null {
  return page && { ...page, viewedAt: page.viewedAt ?? 0 }
}

function bornPage(born: { page: PageBirth; visitID: string; identityId: string | null }): StoredPage {
  const { page, visitID, identityId } = born
  return { ...page, visitID, identityId, endDate: 0, lastActivity: page.startDate, viewedAt: page.viewedAt ?? 0 }
}

// The row of a page names the session in which it was entered. So most events need no row here.
function toSessionPage({ event, page }: Fact): SessionPage | null {
  const { visitID, sessionID, pageID } = event
  if (sessionID === null || pageID === null || page?.sessionID === sessionID) return null
  return { visitID, sessionID, pageID }
}

function bornIdentity({ identityId, startDate, sessionID }: Session): Identity {
  const untold = { name: '', location: '', userAgent: '', nameAt: 0, locationAt: 0, userAgentAt: 0 }
  return { identityId, startDate, sessionID, ...untold }
}
