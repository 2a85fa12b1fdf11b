import type { Identity } from 'sojourn/record'
import { maxIncludedBytes, maxReplyBytes } from '../limits.js'
import type { Items, Listed } from '../store/lists.js'
import type { Place, Range, SiteReads, StoredEvent, StoredSession, StoredVisit } from '../store/store.js'
import { collect, startLimit } from './collect.js'
import { createCompleters } from './complete.js'
import type { FoundIdentity, FoundList, FoundPage, FoundSession, FoundVisit, Lookup, Writers } from './found.js'
import { continueAfter, findPart } from './horizon.js'
import { filterNames } from './parameter-table.js'
import { parseAssociation, parseFilter, parseRange, parseTraits } from './parameters.js'
import { createSiteLookups, type SiteLookups } from './site-lookups.js'
import { toJson } from './written.js'

/** The reads of `docs/protocol.md`. */
export interface Lookups extends SiteLookups {
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

/**
 * Makes the reads over a store. Their parameters are GWE's (`docs/protocol.md`).
 *
 * @param now collector's clock, Unix epoch, ms. `age` and the end of a visit are computed from it.
 * @param writers write the items of lists.
 */
export function createLookups(store: SiteReads, now: () => number, writers: Writers): Lookups {
  const completers = createCompleters(store, now, writers)

  /** Makes the lookup of a list within a resource. A bad parameter is reported before the resource is looked up. */
  function listIn<W, L extends Listed, F>(
    listed: L,
    whole: (id: string) => Promise<W | null>,
    prepare: (params: URLSearchParams) => {
      filter: (within: W) => object
      /** `null`: the item is left out. */
      write: (item: Items[L], within: W) => Promise<object | null> | object
    },
  ): Lookup<FoundList<F>> {
    const readAll = store[listed] as (filter: object, range: Range) => Promise<readonly Items[L][]>
    return async (id, params) => {
      const isLate = startLimit(now)
      const { limit, ...range } = parseRange(params, listed, now())
      const { filter, write } = prepare(params)
      const within = await whole(id)
      if (within === null) return null
      const place = filter(within)
      const part = await findPart(store, listed, place, range)
      const found = await collect<Items[L], F>({
        listed,
        range: part.range,
        limit,
        maxBytes: maxReplyBytes,
        read: some => readAll(place, some),
        sizes: some => store.sizes(listed, place, some),
        isLate,
        async write(item) {
          const found = await write(item, within)
          return found && toJson(found)
        },
      })
      return continueAfter(found, listed, part)
    }
  }

  function eventsIn<W>(whole: (id: string) => Promise<W | null>, place: (within: W) => Place) {
    return listIn<W, 'events', StoredEvent>('events', whole, params => {
      const filter = parseFilter(params, filterNames.events)
      return { filter: within => ({ ...place(within), ...filter }), write: writers.event }
    })
  }

  function pagesIn<W>(whole: (id: string) => Promise<W | null>, place: (within: W) => Place) {
    return listIn<W, 'pages', FoundPage>('pages', whole, params => {
      const filter = parseFilter(params, filterNames.pages)
      const complete = completers.page(params, maxIncludedBytes)
      return {
        filter: within => ({ ...place(within), ...filter }),
        write: async page => writers.page(await complete(page)),
      }
    })
  }

  function sessionsIn<W>(
    whole: (id: string) => Promise<W | null>,
    place: (within: W) => { visitID: string } | { identityId: string },
    names: readonly 'identityId'[],
  ) {
    return listIn<W, 'sessions', FoundSession>('sessions', whole, params => {
      const filter = parseFilter(params, names)
      const complete = completers.session(params, maxIncludedBytes)
      return {
        filter: within => ({ ...place(within), ...filter }),
        write: async session => writers.session(await complete(session)),
      }
    })
  }

  function one<T, F>(
    read: (id: string) => Promise<T | null>,
    completer: (params: URLSearchParams, maxBytes: number) => (item: T) => Promise<F>,
  ): Lookup<F> {
    return async (id, params) => {
      const complete = completer(params, maxReplyBytes)
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
    identitiesOfVisit: listIn<StoredVisit, 'identities', FoundIdentity>('identities', visit, params => {
      const association = parseAssociation(params)
      const complete = completers.identity(params, maxIncludedBytes)
      return {
        filter: ofVisit,
        async write(identity, { visitID }) {
          const isIn = await store.isSignedIn(identity.identityId, now(), visitID)
          const scope = isIn ? 'Authenticated' : 'Recognized'
          if (association !== null && scope !== association) return null
          return writers.identity(await complete(identity, scope))
        },
      }
    }),
    identities: listIn<true, 'identities', FoundIdentity>(
      'identities',
      async () => true,
      params => {
        const filter = parseTraits(params)
        const complete = completers.identity(params, maxIncludedBytes)
        return { filter: () => filter, write: async one => writers.identity(await complete(one)) }
      },
    ),
    identity: one(identity, (params, maxBytes) => {
      const complete = completers.identity(params, maxBytes)
      return found => complete(found)
    }),
    visitsOfIdentity: listIn<Identity, 'visits', FoundVisit>('visits', identity, params => {
      const filter = parseFilter(params, filterNames.visits)
      const complete = completers.visit(params, maxIncludedBytes)
      return {
        filter: within => ({ ...filter, ...ofIdentity(within) }),
        write: async one => writers.visit(await complete(one)),
      }
    }),
    sessionsOfIdentity: sessionsIn(identity, ofIdentity, filterNames.sessionsOfIdentity),
    eventsOfIdentity: eventsIn(identity, ofIdentity),
    pagesOfIdentity: pagesIn(identity, ofIdentity),
    eventsOfPage: eventsIn(page, ({ visitID, pageID }) => ({ visitID, pageID })),
    ...createSiteLookups(store, now, completers, writers),
  }
}
