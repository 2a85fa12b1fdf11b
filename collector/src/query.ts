import { limits, type Page, type Session } from 'sojourn/record'
import { type Inclusion, parseFilter, parseInclusion, parseRange, toCursor } from './parameters.js'
import type { Listed } from './store/select.js'
import type { CollectorStore, FoundEvent, StoredVisit } from './store/store.js'

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

/** One page of a list, and the cursor that goes on after it; `null` at the end. */
export interface FoundList<T> {
  readonly items: readonly T[]
  readonly next: string | null
}

/** The questions that can be asked; `null` = the resource, or what the list would belong to, is not there. */
export interface Queries {
  readonly session: (sessionID: string, params: URLSearchParams) => Promise<FoundSession | null>
  readonly eventsOfSession: (sessionID: string, params: URLSearchParams) => Promise<FoundList<FoundEvent> | null>
  readonly pagesOfSession: (sessionID: string, params: URLSearchParams) => Promise<FoundList<FoundPage> | null>
  readonly sessionsOfVisit: (visitID: string, params: URLSearchParams) => Promise<FoundList<FoundSession> | null>
  readonly visitsOfIdentity: (identityId: string, params: URLSearchParams) => Promise<FoundList<FoundVisit> | null>
}

/**
 * Makes the queries over a store. Parameters are GWE's (`docs/protocol.md`).
 *
 * @param now collector's clock: what `age` and the end of a visit are reckoned from.
 * @returns each question throws `ParameterError` for a bad parameter, and what the store throws.
 */
export function createQueries(store: CollectorStore, now: () => number): Queries {
  async function listOf<T extends object, F>(
    listed: Listed,
    params: URLSearchParams,
    read: (range: ReturnType<typeof parseRange>) => Promise<readonly T[]>,
    find: (item: T) => Promise<F>,
  ): Promise<FoundList<F>> {
    const range = parseRange(params, listed, now())
    // One more than asked for tells whether there is more.
    const items = await read({ ...range, limit: range.limit + 1 })
    const page = items.slice(0, range.limit)
    const last = page.at(-1)
    const next = last && items.length > page.length ? toCursor(last, listed) : null
    return { items: await Promise.all(page.map(find)), next }
  }

  function sessionFinder(params: URLSearchParams): (session: Session) => Promise<FoundSession> {
    const [events, pages] = [parseInclusion(params, 'events'), parseInclusion(params, 'pages')]
    return async session => {
      const { sessionID } = session
      return {
        session,
        events: await include(events, () => store.events({ sessionID }), eventIDOf),
        pages: await include(pages, () => store.pages({ sessionID }), pageIDOf),
      }
    }
  }

  function pageFinder(params: URLSearchParams): (page: Page) => Promise<FoundPage> {
    const events = parseInclusion(params, 'events')
    return async page => {
      const { pageID } = page
      return { page, events: await include(events, () => store.events({ pageID }), eventIDOf) }
    }
  }

  function visitFinder(params: URLSearchParams): (visit: StoredVisit) => Promise<FoundVisit> {
    const [events, pages] = [parseInclusion(params, 'events'), parseInclusion(params, 'pages')]
    const sessions = parseInclusion(params, 'sessions')
    return async visit => {
      const { visitID } = visit
      const all = await store.sessions({ visitID })
      const isOver = now() - visit.lastActivity > limits.idleLimitMs
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
    async session(sessionID, params) {
      const find = sessionFinder(params)
      const session = await store.session(sessionID)
      return session && find(session)
    },
    async eventsOfSession(sessionID, params) {
      const filter = parseFilter(params, ['eventName', 'eventType', 'category', 'url'])
      const list = await listOf('events', params, range => store.events({ ...filter, sessionID }, range), same)
      return list.items.length || (await store.session(sessionID)) ? list : null
    },
    async pagesOfSession(sessionID, params) {
      const filter = parseFilter(params, ['url', 'title', 'category'])
      const find = pageFinder(params)
      const list = await listOf('pages', params, range => store.pages({ ...filter, sessionID }, range), find)
      return list.items.length || (await store.session(sessionID)) ? list : null
    },
    async sessionsOfVisit(visitID, params) {
      const filter = parseFilter(params, ['identityId'])
      const find = sessionFinder(params)
      const list = await listOf('sessions', params, range => store.sessions({ ...filter, visitID }, range), find)
      return list.items.length || (await store.visit(visitID)) ? list : null
    },
    async visitsOfIdentity(identityId, params) {
      const filter = parseFilter(params, ['globalVisitID', 'userAgent'])
      const find = visitFinder(params)
      const list = await listOf('visits', params, range => store.visits({ ...filter, identityId }, range), find)
      return list.items.length || (await store.sessions({ identityId }, { limit: 1 })).length ? list : null
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

const same = async <T>(item: T): Promise<T> => item
const eventIDOf = ({ eventID }: FoundEvent): string => eventID
const pageIDOf = ({ pageID }: Page): string => pageID
const sessionIDOf = ({ sessionID }: Session): string => sessionID
