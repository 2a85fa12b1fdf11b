import type { Identity } from 'sojourn/record'
import { maxIncluded } from '../limits.js'
import { isIdle } from '../store/clock.js'
import type { Items } from '../store/lists.js'
import type {
  Place,
  SessionFilter,
  SiteReads,
  StoredEvent,
  StoredPage,
  StoredSession,
  StoredVisit,
} from '../store/store.js'
import { collect, startLimit } from './collect.js'
import { toCurrent } from './current.js'
import {
  type CurrentSession,
  type FoundIdentity,
  type FoundPage,
  type FoundSession,
  type FoundVisit,
  type Included,
  notIncluded,
  type VisitScope,
  type Writers,
} from './found.js'
import { continueAfter, findPart } from './horizon.js'
import type { Includable } from './parameter-table.js'
import { type Inclusion, parseInclusion } from './parameters.js'
import { toJson } from './written.js'

/**
 * Makes functions that complete a stored item with what the request included. The `include_…` parameters are parsed
 * before the store is read. What is included is bounded: `maxIncluded` items of each list, and `maxBytes` of all.
 */
export interface Completers {
  session(params: URLSearchParams, maxBytes: number): (session: StoredSession) => Promise<FoundSession>
  page(params: URLSearchParams, maxBytes: number): (page: StoredPage) => Promise<FoundPage>
  visit(params: URLSearchParams, maxBytes: number): (visit: StoredVisit) => Promise<FoundVisit>
  /** @param scope whether the identity is signed in, if that is known. If left out, all its sessions are considered. */
  identity(
    params: URLSearchParams,
    maxBytes: number,
  ): (identity: Identity, scope?: VisitScope) => Promise<FoundIdentity>
}

/**
 * @param now collector's clock, Unix epoch, ms. It decides whether a visit or session is over.
 * @param writers write what is included.
 */
export function createCompleters(store: SiteReads, now: () => number, writers: Writers): Completers {
  const none = new URLSearchParams()

  /** Reads a list as far as the request includes it. */
  async function include<L extends Includable, W>(
    listed: L,
    inclusion: Inclusion,
    filter: Place | SessionFilter,
    maxBytes: number,
    isLate: () => boolean,
    idOf: (item: Items[L]) => string,
    write: (item: Items[L]) => Promise<object> | object,
  ): Promise<Included<W>> {
    if (inclusion === 'none') return notIncluded
    const read = store[listed] as (filter: object, range: object) => Promise<readonly Items[L][]>
    const part = await findPart(store, listed, filter, {})
    const found = await collect<Items[L], W>({
      listed,
      range: part.range,
      limit: maxIncluded,
      maxBytes,
      read: range => read(filter, range),
      sizes: range => store.sizes(listed, filter, range),
      isLate,
      write: async item => (inclusion === 'ids' ? JSON.stringify(idOf(item)) : toJson(await write(item))),
      idOf,
    })
    const { ids, items, next } = continueAfter(found, listed, part)
    return { ids, items: inclusion === 'items' ? items : null, next }
  }

  /** Makes functions that include lists which the request may name. Each gets an equal share of the bytes. */
  function includeIn(params: URLSearchParams, maxBytes: number, ...names: readonly Includable[]) {
    const inclusions = new Map(names.map(name => [name, parseInclusion(params, name)]))
    const asked = [...inclusions.values()].filter(one => one !== 'none').length
    const share = maxBytes / Math.max(1, asked)
    const of = (name: Includable): Inclusion => inclusions.get(name) ?? 'none'
    const visitOf = completeVisit(none, 0)
    // All that a request includes has the same time.
    const isLate = startLimit(now)
    return {
      events: (place: Place) =>
        include<'events', StoredEvent>('events', of('events'), place, share, isLate, one => one.eventID, writers.event),
      pages: (place: Place) =>
        include<'pages', StoredPage>(
          'pages',
          of('pages'),
          place,
          share,
          isLate,
          one => one.pageID,
          page => writers.page({ page, events: notIncluded }),
        ),
      sessions: (filter: SessionFilter) =>
        include<'sessions', CurrentSession>(
          'sessions',
          of('sessions'),
          filter,
          share,
          isLate,
          one => one.sessionID,
          one => writers.session({ session: toCurrent(one, now()), events: notIncluded, pages: notIncluded }),
        ),
      visits: (filter: { identityId: string }) =>
        include<'visits', FoundVisit>(
          'visits',
          of('visits'),
          filter,
          share,
          isLate,
          one => one.visitID,
          async one => writers.visit(await visitOf(one)),
        ),
    }
  }

  function completeVisit(params: URLSearchParams, maxBytes: number): (visit: StoredVisit) => Promise<FoundVisit> {
    const lists = params === none ? null : includeIn(params, maxBytes, 'events', 'pages', 'sessions')
    return async visit => {
      const { visitID } = visit
      const isOver = isIdle(visit, now())
      return {
        visit,
        endDate: isOver ? visit.lastActivity : 0,
        activeSessionID: (!isOver && (await store.openSession(visitID, now()))?.sessionID) || null,
        events: (await lists?.events({ visitID })) ?? notIncluded,
        pages: (await lists?.pages({ visitID })) ?? notIncluded,
        sessions: (await lists?.sessions({ visitID })) ?? notIncluded,
      }
    }
  }

  return {
    session(params, maxBytes) {
      const { events, pages } = includeIn(params, maxBytes, 'events', 'pages')
      return async session => {
        const place = { visitID: session.visitID, sessionID: session.sessionID }
        return { session: toCurrent(session, now()), events: await events(place), pages: await pages(place) }
      }
    },
    page(params, maxBytes) {
      const { events } = includeIn(params, maxBytes, 'events')
      return async page => ({ page, events: await events({ visitID: page.visitID, pageID: page.pageID }) })
    },
    visit: completeVisit,
    identity(params, maxBytes) {
      const lists = includeIn(params, maxBytes, 'events', 'pages', 'sessions', 'visits')
      return async (identity, scope) => {
        const { identityId } = identity
        const isIn = scope ? scope === 'Authenticated' : await store.isSignedIn(identityId, now())
        return {
          identity,
          visitScope: isIn ? 'Authenticated' : 'Recognized',
          events: await lists.events({ identityId }),
          pages: await lists.pages({ identityId }),
          sessions: await lists.sessions({ identityId }),
          visits: await lists.visits({ identityId }),
        }
      }
    },
  }
}
