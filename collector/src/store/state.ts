import type { Count, Identity, Page, PageBirth, Session, SessionBirth, Visit, VisitBirth } from 'sojourn/record'
import {
  foldBy,
  identityOf,
  isAfter,
  isEnd,
  join,
  joinEvent,
  joinIdentity,
  joinSession,
  pageOf,
  sessionOf,
  visitOf,
} from 'sojourn/record'
import type { Arrival, State, StoredEvent, StoredRefusal, StoredVisit } from './store.js'

/** The state that arrivals add up to, in any order, split and repetition: folded in memory, before a store is touched. */
export function foldArrivals(arrivals: readonly Arrival[]): State {
  const said = { visits: [], sessions: [], pages: [], identities: [] } as Said
  for (const arrival of arrivals) say(arrival, said)
  const counts = arrivals.flatMap(({ batch }) => batch.counts)
  // A record without an id is told to its sender, but there is no name to keep it under.
  const refused = arrivals.flatMap(({ batch }) => batch.refused.filter(({ eventID }) => eventID))
  const refusals = refused.map(({ eventID, code, visitID }) => ({ visitID: visitID ?? '', eventID, code }))
  return { ...foldState({ ...said, counts, refusals, events: [] }), events: foldEvents(arrivals) }
}

/** Folds what several say of the same things: one of each, by the keys of `tables.ts`. */
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

/** Joins what two batches say of one visit; of two clock errors the smaller is nearer the truth, for latency only adds. */
export function joinStoredVisit(a: StoredVisit, b: StoredVisit): StoredVisit {
  const skew = a.skew === null || b.skew === null ? (a.skew ?? b.skew) : Math.min(a.skew, b.skew)
  return { ...join<Visit>(a, b, isAfter), skew }
}

export function joinStoredSession(a: Session, b: Session): Session {
  return joinSession(a, b, isAfter)
}

export function joinStoredPage(a: Page, b: Page): Page {
  return join(a, b, isAfter)
}

/** Joins two arrivals of one event: the same record, first received at the earlier time. */
export function joinStoredEvent(a: StoredEvent, b: StoredEvent): StoredEvent {
  const serverTimestamp = Math.min(a.serverTimestamp, b.serverTimestamp)
  return { ...(joinEvent(a, b) as StoredEvent), serverTimestamp }
}

/** Joins two counts of one writer in one visit; both numbers only grow. */
export function joinCount(a: Count, b: Count): Count {
  return { ...a, written: Math.max(a.written, b.written), dropped: Math.max(a.dropped, b.dropped) }
}

/** Joins two refusals of one record for one reason: there is nothing more to a refusal than its key. */
export function joinRefusal(a: StoredRefusal): StoredRefusal {
  return a
}

function toKey(...parts: readonly string[]): string {
  return parts.map(part => `${part.length}:${part}`).join('')
}

interface Said {
  readonly visits: StoredVisit[]
  readonly sessions: Session[]
  readonly pages: Page[]
  readonly identities: Identity[]
}

/**
 * Adds what an arrival says. The records of a batch speak of few things, and of each by one and the same birth: what they say
 * of it differs in its last activity and its end alone, so it is gathered there before anything is joined.
 */
function say({ batch, receivedAt }: Arrival, said: Said): void {
  const skew = batch.sentAt === null ? null : receivedAt - batch.sentAt
  const visits = new Map<VisitBirth, Visit>()
  for (const birth of batch.visits) visits.set(birth, { ...birth, lastActivity: birth.startDate })
  const sessions = new Map<SessionBirth, Session>()
  const pages = new Map<PageBirth, Map<SessionBirth | VisitBirth, Page>>()
  for (const fact of batch.facts) {
    const { event, visit, session, page } = fact
    addLast(visits, visit, event.timestamp, () => visitOf(fact))
    if (session) {
      const isKnown = addLast(sessions, session, event.timestamp, () => sessionOf(fact) as Session)
      // What else a record says of an identity follows from its session and its visit.
      if (!isKnown || event.eventName === 'UserInfo') said.identities.push(identityOf(fact) as Identity)
      if (isEnd(event.eventName)) said.sessions.push(sessionOf(fact) as Session)
    }
    if (page) {
      const ofPage = pages.get(page) ?? new Map<SessionBirth | VisitBirth, Page>()
      pages.set(page, ofPage)
      addLast(ofPage, session ?? visit, event.timestamp, () => pageOf(fact) as Page)
      if (event.eventName === 'PageExited') said.pages.push(pageOf(fact) as Page)
    }
  }
  for (const visit of visits.values()) said.visits.push({ ...visit, skew })
  for (const session of batch.sessions) {
    said.sessions.push(session)
    said.identities.push(bornIdentity(session))
  }
  said.sessions.push(...sessions.values())
  for (const { page, visitID, identityId } of batch.pages)
    said.pages.push({ ...page, visitID, identityId, endDate: 0, lastActivity: page.startDate })
  for (const ofPage of pages.values()) said.pages.push(...ofPage.values())
}

/** Notes an activity in a thing that is known by its birth; tells whether it was known already. */
function addLast<B, T extends { readonly lastActivity: number }>(
  known: Map<B, T>,
  birth: B,
  timestamp: number,
  make: () => T,
): boolean {
  const before = known.get(birth)
  if (!before) known.set(birth, make())
  else if (timestamp > before.lastActivity) (before as { lastActivity: number }).lastActivity = timestamp
  return before !== undefined
}

/** Events by visit and then by id, for a key of both would have to be put together for each. */
function foldEvents(arrivals: readonly Arrival[]): StoredEvent[] {
  const visits = new Map<string, Map<string, StoredEvent>>()
  for (const { batch, receivedAt } of arrivals)
    for (const { event } of batch.facts) {
      let events = visits.get(event.visitID)
      if (!events) visits.set(event.visitID, (events = new Map<string, StoredEvent>()))
      const before = events.get(event.eventID)
      const stored = { ...event, serverTimestamp: receivedAt }
      events.set(event.eventID, before ? joinStoredEvent(before, stored) : stored)
    }
  return [...visits.values()].flatMap(events => [...events.values()])
}

function bornIdentity({ identityId, startDate, sessionID }: Session): Identity {
  const untold = { name: '', location: '', userAgent: '', nameAt: 0, locationAt: 0, userAgentAt: 0 }
  return { identityId, startDate, sessionID, ...untold }
}
