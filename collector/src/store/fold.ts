import type { Count, Fact, Identity, Page, PageBirth, Session, Visit, VisitBirth } from 'sojourn/record'
import {
  foldBy,
  identityOf,
  isAfter,
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
  const facts = arrivals.flatMap(({ batch }) => toTelling(batch.facts))
  const born = arrivals.flatMap(({ batch }) => batch.sessions)
  const pages = arrivals.flatMap(({ batch }) => batch.pages.map(bornPage))
  // A record without an id is told to its sender, but there is no name to keep it under.
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

function toKey(visitID: string, id: string, code = ''): string {
  return `${visitID.length}:${visitID}${id.length}:${id}${code}`
}

/** Names of events that say more of what they stand in than when it was last active: ends, and what is known of a person. */
const tellingEvents = ['PageExited', 'SignOut', 'SessionEnded', 'UserInfo']

// A visit with its sessions, pages and identities is the join of what all facts say of it. Of neighbours that were born alike
// only the latest says anything; to fold them all takes twice the time of parsing them.
function toTelling(facts: readonly Fact[]): readonly Fact[] {
  const telling: Fact[] = []
  let latest: Fact | null = null
  for (const fact of facts) {
    const { event, visit, session, page } = fact
    if (tellingEvents.includes(event.eventName)) telling.push(fact)
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

// By visit, and then by id: a key of both would have to be put together for each.
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
