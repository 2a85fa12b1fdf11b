import { type Identity, limits, type Page, type Session } from 'sojourn/record'
import type { CollectorStore, FoundEvent, StoredVisit } from '../store/store.js'
import { type Inclusion, parseInclusion } from './parameters.js'

/** What belongs to a resource, as far as it was asked for; `null` = not asked for. */
export interface Included<T> {
  readonly ids: readonly string[] | null
  readonly items: readonly T[] | null
}

export interface FoundPage {
  readonly page: Page
  readonly events: Included<FoundEvent>
}

export interface FoundSession {
  readonly session: Session
  readonly events: Included<FoundEvent>
  readonly pages: Included<Page>
}

export interface FoundVisit {
  readonly visit: StoredVisit
  /** 0 while it goes on; once nothing has happened in it for the idle limit, its last activity. */
  readonly endDate: number
  /** The session that is open in it; `null` if none, or if the visit is over. */
  readonly activeSessionID: string | null
  readonly events: Included<FoundEvent>
  readonly pages: Included<Page>
  readonly sessions: Included<Session>
}

/** GWE's words for whether somebody is signed in, or was. */
export type VisitScope = 'Authenticated' | 'Recognized'

export interface FoundIdentity {
  readonly identity: Identity
  readonly visitScope: VisitScope
  readonly events: Included<FoundEvent>
  readonly pages: Included<Page>
  readonly sessions: Included<Session>
  /** Whole as they are found alone, with nothing in them. */
  readonly visits: Included<FoundVisit>
}

/** Makes of what a store has what was asked for; each `include_…` parameter is read as a finder is made. */
export interface Finders {
  session(params: URLSearchParams): (session: Session) => Promise<FoundSession>
  page(params: URLSearchParams): (page: Page) => Promise<FoundPage>
  visit(params: URLSearchParams): (visit: StoredVisit) => Promise<FoundVisit>
  /** @param scope what is known already of whether the identity is signed in; `null`: to be found out, in all its visits. */
  identity(params: URLSearchParams): (identity: Identity, scope?: VisitScope) => Promise<FoundIdentity>
}

/** @param now collector's clock, Unix epoch, ms: what the end of a visit is reckoned from. */
export function createFinders(store: CollectorStore, now: () => number): Finders {
  function findVisits(params: URLSearchParams): (visit: StoredVisit) => Promise<FoundVisit> {
    const [events, pages] = [parseInclusion(params, 'events'), parseInclusion(params, 'pages')]
    const sessions = parseInclusion(params, 'sessions')
    return async visit => {
      const { visitID } = visit
      const all = await store.sessions({ visitID })
      const isOver = isVisitOver(visit, now())
      return {
        visit,
        endDate: isOver ? visit.lastActivity : 0,
        activeSessionID: (!isOver && all.findLast(({ endDate }) => endDate === 0)?.sessionID) || null,
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
          session,
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
    visit: findVisits,
    identity(params) {
      const [events, pages] = [parseInclusion(params, 'events'), parseInclusion(params, 'pages')]
      const [sessions, visits] = [parseInclusion(params, 'sessions'), parseInclusion(params, 'visits')]
      const bare = findVisits(new URLSearchParams())
      return async (identity, scope) => {
        const { identityId } = identity
        const isIn = scope ? scope === 'Authenticated' : await store.isSignedIn(identityId, now() - limits.idleLimitMs)
        const readVisits = async () => Promise.all((await store.visits({ identityId })).map(visit => bare(visit)))
        return {
          identity,
          visitScope: isIn ? 'Authenticated' : 'Recognized',
          events: await include(events, () => store.events({ identityId }), eventIDOf),
          pages: await include(pages, () => store.pages({ identityId }), pageIDOf),
          sessions: await include(sessions, () => store.sessions({ identityId }), sessionIDOf),
          visits: await include(visits, readVisits, ({ visit }) => visit.visitID),
        }
      }
    },
  }
}

/** Whether nothing has happened in a visit for the idle limit. */
export function isVisitOver({ lastActivity }: { readonly lastActivity: number }, now: number): boolean {
  return now - lastActivity >= limits.idleLimitMs
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

const eventIDOf = ({ eventID }: FoundEvent): string => eventID
const pageIDOf = ({ pageID }: Page): string => pageID
const sessionIDOf = ({ sessionID }: Session): string => sessionID
