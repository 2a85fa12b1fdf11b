import { toDuration } from 'sojourn/record'
import type { FoundIdentity, FoundPage, FoundSession, FoundVisit, Included } from '../query/found.js'
import type { StoredEvent } from '../store/store.js'
import type { ReplyFormat } from './format.js'
import { makeTextReply, toResponse, toTextList } from './reply.js'

/** GWE's format, under `/backend/data`: lists are plain arrays, an empty list is 204, the cursor is in a header. */
export const gweFormat: ReplyFormat = {
  base: '/backend/data',
  event: toGweEvent,
  page: toGwePage,
  session: toGweSession,
  visit: toGweVisit,
  identity: toGweIdentity,
  one: (found, text) => toResponse(makeTextReply(200, text, toPagingNext(found))),
  list(items, next) {
    const paging = next === null ? {} : { 'Paging-Next': next }
    if (!items.length) return new Response(null, { status: 204, headers: { 'Cache-Control': 'no-store', ...paging } })
    return toResponse(makeTextReply(200, toTextList(items), paging))
  },
}

// The order of the keys is part of the protocol: the session of the seed example is equal to it byte for byte.

function toGweSession({ session, events, pages }: FoundSession): object {
  return {
    eventIds: events.ids,
    events: events.items,
    pageIds: pages.ids,
    pages: pages.items,
    sessionId: session.sessionID,
    startDate: session.startDate,
    endDate: session.endDate,
    duration: session.duration,
    identityId: session.identityId,
    ...more({ events, pages }),
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
    events: events.items,
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
    ...more({ events }),
  }
}

function toGweVisit({ visit, endDate, activeSessionID, events, pages, sessions }: FoundVisit): object {
  return {
    eventIds: events.ids,
    events: events.items,
    pageIds: pages.ids,
    pages: pages.items,
    sessionIds: sessions.ids,
    sessions: sessions.items,
    visitId: visit.visitID,
    startDate: visit.startDate,
    endDate,
    activeSessionId: activeSessionID,
    globalVisitID: visit.globalVisitID,
    userAgentID: visit.userAgent,
    ...more({ events, pages, sessions }),
  }
}

function toGweIdentity({ identity, visitScope, events, pages, sessions, visits }: FoundIdentity): object {
  return {
    eventIds: events.ids,
    events: events.items,
    pageIds: pages.ids,
    pages: pages.items,
    sessionIds: sessions.ids,
    sessions: sessions.items,
    visitIds: visits.ids,
    visits: visits.items,
    identityId: identity.identityId,
    name: identity.name,
    location: identity.location,
    visitScope,
    ...more({ events, pages, sessions, visits }),
  }
}

/** The cursors of included lists that have more items. GWE has no such members, so that they are there only then. */
function more(lists: { readonly [name: string]: Included<unknown> }): { [name: string]: string } {
  const some = Object.entries(lists).flatMap(([name, { next }]) => (next === null ? [] : [[`${name}Next`, next]]))
  return Object.fromEntries(some) as { [name: string]: string }
}

/** The same as one header: `events=<cursor>, pages=<cursor>`. */
function toPagingNext(found: object): Record<string, string> {
  const lists = Object.entries(found).filter(([name]) => /^(events|pages|sessions|visits)$/.test(name))
  const cursors = lists.flatMap(([name, { next }]: [string, Included<unknown>]) => (next ? `${name}=${next}` : []))
  return cursors.length ? { 'Paging-Next': cursors.join(', ') } : {}
}
