import { toDuration } from 'sojourn/record'
import type { CurrentSession, FoundIdentity, FoundPage, FoundSession, FoundVisit, Included } from '../query/found.js'
import type { StoredEvent, StoredPage } from '../store/store.js'
import type { ReplyFormat } from './format.js'
import { makeReply, toResponse } from './reply.js'

const nothing: Included<never> = { ids: null, items: null }

/** GWE's format, under `/backend/data`: lists are plain arrays, an empty list is 204, the cursor is in a header. */
export const gweFormat: ReplyFormat = {
  base: '/backend/data',
  event: toGweEvent,
  page: toGwePage,
  session: toGweSession,
  visit: toGweVisit,
  identity: toGweIdentity,
  list(items, next) {
    if (!items.length) return new Response(null, { status: 204, headers: { 'Cache-Control': 'no-store' } })
    return toResponse(makeReply(200, items, next === null ? {} : { 'Paging-Next': next }))
  },
}

// The order of the keys is part of the protocol: the session of the seed example is equal to it byte for byte.

function toGweSession({ session, events, pages }: FoundSession): object {
  return {
    eventIds: events.ids,
    events: events.items?.map(toGweEvent) ?? null,
    pageIds: pages.ids,
    pages: pages.items?.map(toGwePageAlone) ?? null,
    sessionId: session.sessionID,
    startDate: session.startDate,
    endDate: session.endDate,
    duration: session.duration,
    identityId: session.identityId,
  }
}

function toGweEvent(event: StoredEvent): object {
  return {
    eventID: event.eventID,
    eventType: event.eventType,
    eventName: event.eventName,
    category: event.category,
    timestamp: event.timestamp,
    serverTimestamp: event.serverTimestamp,
    url: event.url,
    pageID: event.pageID,
    visitID: event.visitID,
    globalVisitID: event.globalVisitID,
    languageCode: event.languageCode,
    data: event.data,
  }
}

function toGwePage({ page, events }: FoundPage): object {
  return {
    eventIds: events.ids,
    events: events.items?.map(toGweEvent) ?? null,
    pageId: page.pageID,
    url: page.url,
    title: page.title,
    referrer: page.referrer,
    category: page.category,
    startDate: page.startDate,
    endDate: page.endDate,
    duration: toDuration(page.startDate, page.endDate),
    visitId: page.visitID,
    sessionId: page.sessionID,
    identityId: page.identityId,
  }
}

function toGweVisit({ visit, endDate, activeSessionID, events, pages, sessions }: FoundVisit): object {
  return {
    eventIds: events.ids,
    events: events.items?.map(toGweEvent) ?? null,
    pageIds: pages.ids,
    pages: pages.items?.map(toGwePageAlone) ?? null,
    sessionIds: sessions.ids,
    sessions: sessions.items?.map(toGweSessionAlone) ?? null,
    visitId: visit.visitID,
    startDate: visit.startDate,
    endDate,
    activeSessionId: activeSessionID,
    globalVisitID: visit.globalVisitID,
    userAgentID: visit.userAgent,
  }
}

function toGweIdentity({ identity, visitScope, events, pages, sessions, visits }: FoundIdentity): object {
  return {
    eventIds: events.ids,
    events: events.items?.map(toGweEvent) ?? null,
    pageIds: pages.ids,
    pages: pages.items?.map(toGwePageAlone) ?? null,
    sessionIds: sessions.ids,
    sessions: sessions.items?.map(toGweSessionAlone) ?? null,
    visitIds: visits.ids,
    visits: visits.items?.map(toGweVisit) ?? null,
    identityId: identity.identityId,
    name: identity.name,
    location: identity.location,
    visitScope,
  }
}

function toGwePageAlone(page: StoredPage): object {
  return toGwePage({ page, events: nothing })
}

function toGweSessionAlone(session: CurrentSession): object {
  return toGweSession({ session, events: nothing, pages: nothing })
}
