import type { Identity } from 'sojourn/record'
import { findsAtOnce } from '../limits.js'
import type { Listed } from '../store/lists.js'
import type { Place, Range, SiteReads, StoredEvent, StoredSession } from '../store/store.js'
import { createCompleters } from './complete.js'
import { toCurrent } from './current.js'
import type { CurrentSession, FoundIdentity, FoundPage, FoundSession, FoundVisit, VisitScope } from './found.js'
import { filterNames } from './parameter-table.js'
import { isPastCursor, parseAssociation, parseFilter, parseRange, parseTraits, toCursor } from './parameters.js'

/** One page of a list, and the cursor of the next page; `null` at the end. */
export interface FoundList<T> {
  readonly items: readonly T[]
  readonly next: string | null
}

/**
 * Looks up the resource with an id, or a list that belongs to it. `null`: there is no such resource.
 *
 * @throws (rejects) `ParameterError` for a bad parameter, or the error of the store.
 */
export type Lookup<F> = (id: string, params: URLSearchParams) => Promise<F | null>

/** The reads of `docs/protocol.md`. */
export interface Lookups {
  readonly session: Lookup<FoundSession>
  readonly eventsOfSession: Lookup<FoundList<StoredEvent>>
  readonly pagesOfSession: Lookup<FoundList<FoundPage>>
  readonly visit: Lookup<FoundVisit>
  readonly sessionsOfVisit: Lookup<FoundList<FoundSession>>
  readonly eventsOfVisit: Lookup<FoundList<StoredEvent>>
  readonly pagesOfVisit: Lookup<FoundList<FoundPage>>
  readonly identitiesOfVisit: Lookup<FoundList<FoundIdentity>>
  /** Lists all identities; the id is ignored. */
  readonly identities: Lookup<FoundList<FoundIdentity>>
  readonly identity: Lookup<FoundIdentity>
  readonly visitsOfIdentity: Lookup<FoundList<FoundVisit>>
  readonly sessionsOfIdentity: Lookup<FoundList<FoundSession>>
  readonly eventsOfIdentity: Lookup<FoundList<StoredEvent>>
  readonly pagesOfIdentity: Lookup<FoundList<FoundPage>>
  readonly eventsOfPage: Lookup<FoundList<StoredEvent>>
}

type GivenRange = ReturnType<typeof parseRange>

/**
 * Makes the reads over a store. Their parameters are GWE's (`docs/protocol.md`).
 *
 * @param now collector's clock, Unix epoch, ms. `age` and the end of a visit are computed from it.
 */
export function createLookups(store: SiteReads, now: () => number): Lookups {
  const completers = createCompleters(store, now)

  async function listOf<T extends object, F>(
    listed: Listed,
    range: GivenRange,
    items: readonly T[],
    complete: (item: T) => Promise<F>,
  ): Promise<FoundList<F>> {
    const page = items.slice(0, range.limit)
    const last = page.at(-1)
    const next = last && items.length > page.length ? toCursor(last, listed) : null
    const found: F[] = []
    // A few at a time, so that a list of a thousand items does not block other requests to the store.
    for (let from = 0; from < page.length; from += findsAtOnce)
      found.push(...(await Promise.all(page.slice(from, from + findsAtOnce).map(complete))))
    return { items: found, next }
  }

  /** Makes the lookup of a list within a resource. A bad parameter is reported before the resource is looked up. */
  function listIn<W, T extends object, F>(
    listed: Listed,
    whole: (id: string) => Promise<W | null>,
    prepare: (params: URLSearchParams) => {
      read: (within: W, range: Range) => Promise<readonly T[]>
      complete: (item: T) => Promise<F>
    },
  ): Lookup<FoundList<F>> {
    return async (id, params) => {
      const range = parseRange(params, listed, now())
      const { read, complete } = prepare(params)
      const within = await whole(id)
      // Reading one item more than asked for tells whether there is a next page.
      return within && listOf(listed, range, await read(within, { ...range, limit: range.limit + 1 }), complete)
    }
  }

  function eventsIn<W>(whole: (id: string) => Promise<W | null>, place: (within: W) => Place) {
    return listIn('events', whole, params => {
      const filter = parseFilter(params, filterNames.events)
      return { read: (within, range) => store.events({ ...place(within), ...filter }, range), complete: same }
    })
  }

  function pagesIn<W>(whole: (id: string) => Promise<W | null>, place: (within: W) => Place) {
    return listIn('pages', whole, params => {
      const filter = parseFilter(params, filterNames.pages)
      return {
        read: (within, range) => store.pages({ ...place(within), ...filter }, range),
        complete: completers.page(params),
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
        complete: completers.session(params),
      }
    })
  }

  function one<T, F>(
    read: (id: string) => Promise<T | null>,
    completer: (params: URLSearchParams) => (item: T) => Promise<F>,
  ): Lookup<F> {
    return async (id, params) => {
      const complete = completer(params)
      const found = await read(id)
      return found && complete(found)
    }
  }

  const { session, visit, page, identity } = store
  const ofVisit = ({ visitID }: { visitID: string }): Place => ({ visitID })
  const ofSession = ({ visitID, sessionID }: StoredSession): Place => ({ visitID, sessionID })
  const ofIdentity = ({ identityId }: Identity): Place & { identityId: string } => ({ identityId })

  return {
    session: one(session, completers.session),
    eventsOfSession: eventsIn(session, ofSession),
    pagesOfSession: pagesIn(session, ofSession),
    visit: one(visit, completers.visit),
    sessionsOfVisit: sessionsIn(visit, ({ visitID }) => ({ visitID }), filterNames.sessionsOfVisit),
    eventsOfVisit: eventsIn(visit, ofVisit),
    pagesOfVisit: pagesIn(visit, ofVisit),
    async identitiesOfVisit(visitID, params) {
      const range = parseRange(params, 'identities', now())
      const association = parseAssociation(params)
      const complete = completers.identity(params)
      const within = await visit(visitID)
      if (!within) return null
      const at = now()
      const scopes = scopesOf((await store.sessions({ visitID })).map(one => toCurrent(one, at)))
      const wanted = [...scopes].filter(([, scope]) => association === null || scope === association)
      const found = await Promise.all(wanted.map(([identityId]) => identity(identityId)))
      const items = found.filter(one => one !== null).filter(one => isPastCursor(one, range, 'identities'))
      items.sort((a, b) => (isPastCursor(a, { after: [b.startDate, b.sessionID] }, 'identities') ? 1 : -1))
      return listOf('identities', range, items, one => complete(one, scopes.get(one.identityId)))
    },
    identities: listIn(
      'identities',
      async () => true,
      params => {
        const filter = parseTraits(params)
        const complete = completers.identity(params)
        return { read: (_all, range) => store.identities(filter, range), complete: one => complete(one) }
      },
    ),
    identity: one(identity, params => {
      const complete = completers.identity(params)
      return found => complete(found)
    }),
    visitsOfIdentity: listIn('visits', identity, params => {
      const filter = parseFilter(params, filterNames.visits)
      return {
        read: (within, range) => store.visits({ ...filter, ...ofIdentity(within) }, range),
        complete: completers.visit(params),
      }
    }),
    sessionsOfIdentity: sessionsIn(identity, ofIdentity, filterNames.sessionsOfIdentity),
    eventsOfIdentity: eventsIn(identity, ofIdentity),
    pagesOfIdentity: pagesIn(identity, ofIdentity),
    eventsOfPage: eventsIn(page, ({ visitID, pageID }) => ({ visitID, pageID })),
  }
}

/** The identities that were signed in during a visit, and whether they still are. */
function scopesOf(sessions: readonly CurrentSession[]): Map<string, VisitScope> {
  const scopes = new Map<string, VisitScope>()
  for (const { identityId, endReason } of sessions)
    if (endReason === null) scopes.set(identityId, 'Authenticated')
    else if (!scopes.has(identityId)) scopes.set(identityId, 'Recognized')
  return scopes
}

const same = async (event: StoredEvent): Promise<StoredEvent> => event
