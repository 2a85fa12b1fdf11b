import type { Identity, Page } from 'sojourn/record'
import { isIdle } from '../store/clock.js'
import type { SessionFilter, SiteReads, StoredEvent, StoredPage, StoredSession, StoredVisit } from '../store/store.js'
import { toCurrent } from './current.js'
import type {
  CurrentSession,
  FoundIdentity,
  FoundPage,
  FoundSession,
  FoundVisit,
  Included,
  VisitScope,
} from './found.js'
import { type Inclusion, parseInclusion } from './parameters.js'

/**
 * Makes functions that complete a stored item with what the request included. The `include_…` parameters are parsed
 * before the store is read.
 */
export interface Completers {
  session(params: URLSearchParams): (session: StoredSession) => Promise<FoundSession>
  page(params: URLSearchParams): (page: StoredPage) => Promise<FoundPage>
  visit(params: URLSearchParams): (visit: StoredVisit) => Promise<FoundVisit>
  /** @param scope whether the identity is signed in, if that is known. If left out, all its sessions are considered. */
  identity(params: URLSearchParams): (identity: Identity, scope?: VisitScope) => Promise<FoundIdentity>
}

/** @param now collector's clock, Unix epoch, ms. It decides whether a visit or session is over. */
export function createCompleters(store: SiteReads, now: () => number): Completers {
  async function sessionsOf(filter: SessionFilter): Promise<readonly CurrentSession[]> {
    const at = now()
    return (await store.sessions(filter)).map(one => toCurrent(one, at))
  }

  function completeVisit(params: URLSearchParams): (visit: StoredVisit) => Promise<FoundVisit> {
    const [events, pages] = [parseInclusion(params, 'events'), parseInclusion(params, 'pages')]
    const sessions = parseInclusion(params, 'sessions')
    return async visit => {
      const { visitID } = visit
      const all = await sessionsOf({ visitID })
      const isOver = isIdle(visit, now())
      return {
        visit,
        endDate: isOver ? visit.lastActivity : 0,
        activeSessionID: (!isOver && all.findLast(({ endReason }) => endReason === null)?.sessionID) || null,
        events: await include(events, () => store.events({ visitID }), eventIDOf),
        pages: await include(pages, () => store.pages({ visitID }), pageIDOf),
        sessions: await include(sessions, async () => all, sessionIDOf),
      }
    }
  }

  return {
    session(params) {
      const [events, pages] = [parseInclusion(params, 'events'), parseInclusion(params, 'pages')]
      return async session => {
        const { visitID, sessionID } = session
        return {
          session: toCurrent(session, now()),
          events: await include(events, () => store.events({ visitID, sessionID }), eventIDOf),
          pages: await include(pages, () => store.pages({ visitID, sessionID }), pageIDOf),
        }
      }
    },
    page(params) {
      const events = parseInclusion(params, 'events')
      return async page => {
        const { visitID, pageID } = page
        return { page, events: await include(events, () => store.events({ visitID, pageID }), eventIDOf) }
      }
    },
    visit: completeVisit,
    identity(params) {
      const [events, pages] = [parseInclusion(params, 'events'), parseInclusion(params, 'pages')]
      const [sessions, visits] = [parseInclusion(params, 'sessions'), parseInclusion(params, 'visits')]
      const bare = completeVisit(new URLSearchParams())
      return async (identity, scope) => {
        const { identityId } = identity
        const isIn = scope ? scope === 'Authenticated' : await store.isSignedIn(identityId, now())
        const readVisits = async () => Promise.all((await store.visits({ identityId })).map(visit => bare(visit)))
        return {
          identity,
          visitScope: isIn ? 'Authenticated' : 'Recognized',
          events: await include(events, () => store.events({ identityId }), eventIDOf),
          pages: await include(pages, () => store.pages({ identityId }), pageIDOf),
          sessions: await include(sessions, () => sessionsOf({ identityId }), sessionIDOf),
          visits: await include(visits, readVisits, ({ visit }) => visit.visitID),
        }
      }
    },
  }
}

async function include<T>(
  inclusion: Inclusion,
  read: () => Promise<readonly T[]>,
  idOf: (item: T) => string,
): Promise<Included<T>> {
  if (inclusion === 'none') return { ids: null, items: null }
  const items = await read()
  return { ids: items.map(idOf), items: inclusion === 'items' ? items : null }
}

const eventIDOf = ({ eventID }: StoredEvent): string => eventID
const pageIDOf = ({ pageID }: Page): string => pageID
const sessionIDOf = ({ sessionID }: CurrentSession): string => sessionID
