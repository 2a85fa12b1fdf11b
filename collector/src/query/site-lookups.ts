import { maxIncludedBytes, maxReplyBytes } from '../limits.js'
import type { Items } from '../store/lists.js'
import type { Range, SiteReads, StoredEvent } from '../store/store.js'
import { collect, startLimit } from './collect.js'
import type { Completers } from './complete.js'
import { toCurrent } from './current.js'
import type { FoundList, FoundSession, FoundVisit, Lookup, Writers } from './found.js'
import { continueAfter, findPart } from './horizon.js'
import { filterNames } from './parameter-table.js'
import { parseAutomated, parseEnds, parseFilter, parseTimeRange } from './parameters.js'
import { toJson } from './written.js'

/** The lists of a whole site. Their id is ignored. */
export interface SiteLookups {
  readonly visits: Lookup<FoundList<FoundVisit>>
  readonly sessions: Lookup<FoundList<FoundSession>>
  /** In the order of their receipt. */
  readonly events: Lookup<FoundList<StoredEvent>>
}

/**
 * Makes the lists of a whole site: its visits and sessions by their start, and its events by their receipt, the newest
 * first. A request looks at a bounded part of the list, however few items its filters match.
 */
export function createSiteLookups(
  store: SiteReads,
  now: () => number,
  completers: Completers,
  writers: Writers,
): SiteLookups {
  function listOf<L extends 'visits' | 'sessions' | 'receipts', F>(
    listed: L,
    prepare: (params: URLSearchParams) => {
      filter: object
      /** `null`: the item is left out. */
      write: (item: Items[L]) => Promise<object | null> | object
    },
  ): Lookup<FoundList<F>> {
    const readAll = store[listed] as (filter: object, range: Range) => Promise<readonly Items[L][]>
    return async (_id, params) => {
      const isLate = startLimit(now)
      const { limit, ...range } = parseTimeRange(params, listed, now())
      const { filter, write } = prepare(params)
      const all = { ...filter, ...parseAutomated(params) }
      const part = await findPart(store, listed, all, range)
      const found = await collect<Items[L], F>({
        listed,
        range: part.range,
        limit,
        maxBytes: maxReplyBytes,
        read: some => readAll(all, some),
        sizes: some => store.sizes(listed, all, some),
        isLate,
        async write(item) {
          const one = await write(item)
          return one && toJson(one)
        },
      })
      return continueAfter(found, listed, part)
    }
  }

  return {
    visits: listOf<'visits', FoundVisit>('visits', params => {
      const complete = completers.visit(params, maxIncludedBytes)
      return {
        filter: parseFilter(params, filterNames.allVisits),
        write: async visit => writers.visit(await complete(visit)),
      }
    }),
    sessions: listOf<'sessions', FoundSession>('sessions', params => {
      const complete = completers.session(params, maxIncludedBytes)
      const isWanted = parseEnds(params)
      return {
        filter: parseFilter(params, filterNames.allSessions),
        write: async session => (isWanted(toCurrent(session, now())) ? writers.session(await complete(session)) : null),
      }
    }),
    events: listOf<'receipts', StoredEvent>('receipts', params => ({
      filter: parseFilter(params, filterNames.allEvents),
      write: writers.event,
    })),
  }
}
