import type { Identity, Session } from 'sojourn/record'
import { findsAtOnce } from '../limits.js'
import type { Listed } from '../store/sql/select.js'
import type { CollectorStore, FoundEvent, Place, Range } from '../store/store.js'
import {
  createFinders,
  type FoundIdentity,
  type FoundPage,
  type FoundSession,
  type FoundVisit,
  isVisitOver,
  type VisitScope,
} from './finders.js'
import { isPastCursor, parseAssociation, parseFilter, parseRange, parseTraits, toCursor } from './parameters.js'

/** One page of a list, and the cursor that goes on after it; `null` at the end. */
export interface FoundList<T> {
  readonly items: readonly T[]
  readonly next: string | null
}

/** A question about the thing of that id; `null` = the thing, or what the list would belong to, is not there. */
export type Question<F> = (id: string, params: URLSearchParams) => Promise<F | null>

/** The questions that can be asked: those of `docs/protocol.md`. */
export interface Queries {
  readonly session: Question<FoundSession>
  readonly eventsOfSession: Question<FoundList<FoundEvent>>
  readonly pagesOfSession: Question<FoundList<FoundPage>>
  readonly visit: Question<FoundVisit>
  readonly sessionsOfVisit: Question<FoundList<FoundSession>>
  readonly eventsOfVisit: Question<FoundList<FoundEvent>>
  readonly pagesOfVisit: Question<FoundList<FoundPage>>
  readonly identitiesOfVisit: Question<FoundList<FoundIdentity>>
  /** All of them; the id is of no account. */
  readonly identities: Question<FoundList<FoundIdentity>>
  readonly identity: Question<FoundIdentity>
  readonly visitsOfIdentity: Question<FoundList<FoundVisit>>
  readonly sessionsOfIdentity: Question<FoundList<FoundSession>>
  readonly eventsOfIdentity: Question<FoundList<FoundEvent>>
  readonly pagesOfIdentity: Question<FoundList<FoundPage>>
  readonly eventsOfPage: Question<FoundList<FoundEvent>>
}

type GivenRange = ReturnType<typeof parseRange>

/**
 * Makes the queries over a store. Parameters are GWE's (`docs/protocol.md`).
 *
 * @param now collector's clock: what `age` and the end of a visit are reckoned from.
 * @returns each question throws `ParameterError` for a bad parameter, and what the store throws.
 */
export function createQueries(store: CollectorStore, now: () => number): Queries {
  const finders = createFinders(store, now)

  async function listOf<T extends object, F>(
    listed: Listed,
    range: GivenRange,
    items: readonly T[],
    find: (item: T) => Promise<F>,
  ): Promise<FoundList<F>> {
    const page = items.slice(0, range.limit)
    const last = page.at(-1)
    const next = last && items.length > page.length ? toCursor(last, listed) : null
    const found: F[] = []
    // A few at a time: a list of a thousand must not keep everybody else from the store.
    for (let from = 0; from < page.length; from += findsAtOnce)
      found.push(...(await Promise.all(page.slice(from, from + findsAtOnce).map(find))))
    return { items: found, next }
  }

  /** A question for a list within something: a bad parameter is told before anybody looks whether that is there. */
  function listIn<W, T extends object, F>(
    listed: Listed,
    whole: (id: string) => Promise<W | null>,
    prepare: (params: URLSearchParams) => {
      read: (within: W, range: Range) => Promise<readonly T[]>
      find: (item: T) => Promise<F>
    },
  ): Question<FoundList<F>> {
    return async (id, params) => {
      const range = parseRange(params, listed, now())
      const { read, find } = prepare(params)
      const within = await whole(id)
      // One more than asked for tells whether there is more.
      return within && listOf(listed, range, await read(within, { ...range, limit: range.limit + 1 }), find)
    }
  }

  function eventsIn<W>(whole: (id: string) => Promise<W | null>, place: (within: W) => Place) {
    return listIn('events', whole, params => {
      const filter = parseFilter(params, ['eventName', 'eventType', 'category', 'url'])
      return { read: (within, range) => store.events({ ...place(within), ...filter }, range), find: same }
    })
  }

  function pagesIn<W>(whole: (id: string) => Promise<W | null>, place: (within: W) => Place) {
    return listIn('pages', whole, params => {
      const filter = parseFilter(params, ['url', 'title', 'category'])
      return {
        read: (within, range) => store.pages({ ...place(within), ...filter }, range),
        find: finders.page(params),
      }
    })
  }

  function sessionsIn<W>(
    whole: (id: string) => Promise<W | null>,
    place: (within: W) => { visitID: string } | { identityId: string },
    names: readonly 'identityId'[],
  ) {
    return listIn('sessions', whole, params => {
      const filter = parseFilter(params, names)
      return {
        read: (within, range) => store.sessions({ ...place(within), ...filter }, range),
        find: finders.session(params),
      }
    })
  }

  function one<T, F>(
    read: (id: string) => Promise<T | null>,
    finder: (params: URLSearchParams) => (item: T) => Promise<F>,
  ): Question<F> {
    return async (id, params) => {
      const find = finder(params)
      const found = await read(id)
      return found && find(found)
    }
  }

  const { session, visit, page, identity } = store
  const ofVisit = ({ visitID }: { visitID: string }): Place => ({ visitID })
  const ofSession = ({ visitID, sessionID }: Session): Place => ({ visitID, sessionID })
  const ofIdentity = ({ identityId }: Identity): Place & { identityId: string } => ({ identityId })

  return {
    session: one(session, finders.session),
    eventsOfSession: eventsIn(session, ofSession),
    pagesOfSession: pagesIn(session, ofSession),
    visit: one(visit, finders.visit),
    sessionsOfVisit: sessionsIn(visit, ({ visitID }) => ({ visitID }), ['identityId']),
    eventsOfVisit: eventsIn(visit, ofVisit),
    pagesOfVisit: pagesIn(visit, ofVisit),
    async identitiesOfVisit(visitID, params) {
      const range = parseRange(params, 'identities', now())
      const association = parseAssociation(params)
      const find = finders.identity(params)
      const within = await visit(visitID)
      if (!within) return null
      const scopes = scopesOf(await store.sessions({ visitID }), isVisitOver(within, now()))
      const wanted = [...scopes].filter(([, scope]) => association === null || scope === association)
      const found = await Promise.all(wanted.map(([identityId]) => identity(identityId)))
      const items = found.filter(one => one !== null).filter(one => isPastCursor(one, range, 'identities'))
      items.sort((a, b) => (isPastCursor(a, { after: [b.startDate, b.sessionID] }, 'identities') ? 1 : -1))
      return listOf('identities', range, items, one => find(one, scopes.get(one.identityId)))
    },
    identities: listIn(
      'identities',
      async () => true,
      params => {
        const filter = parseTraits(params)
        const find = finders.identity(params)
        return { read: (_all, range) => store.identities(filter, range), find: one => find(one) }
      },
    ),
    identity: one(identity, params => {
      const find = finders.identity(params)
      return found => find(found)
    }),
    visitsOfIdentity: listIn('visits', identity, params => {
      const filter = parseFilter(params, ['globalVisitID', 'userAgent'])
      return {
        read: (within, range) => store.visits({ ...filter, ...ofIdentity(within) }, range),
        find: finders.visit(params),
      }
    }),
    sessionsOfIdentity: sessionsIn(identity, ofIdentity, []),
    eventsOfIdentity: eventsIn(identity, ofIdentity),
    pagesOfIdentity: pagesIn(identity, ofIdentity),
    eventsOfPage: eventsIn(page, ({ visitID, pageID }) => ({ visitID, pageID })),
  }
}

/** Who was signed in in a visit, and whether they still are. */
function scopesOf(sessions: readonly Session[], isOver: boolean): Map<string, VisitScope> {
  const scopes = new Map<string, VisitScope>()
  for (const { identityId, endDate } of sessions)
    if (endDate === 0 && !isOver) scopes.set(identityId, 'Authenticated')
    else if (!scopes.has(identityId)) scopes.set(identityId, 'Recognized')
  return scopes
}

const same = async (event: FoundEvent): Promise<FoundEvent> => event
