import { type Event, isTextAfter } from 'sojourn/record'
import { isIdle } from './clock.js'
import { foldArrivals, foldState } from './fold.js'
import { type Items, type Listed, orders } from './lists.js'
import {
  type CollectorStore,
  DataError,
  type ListedSession,
  type Place,
  type Range,
  type State,
  type StoredPage,
  type StoredSession,
} from './store.js'

const nothing: State = {
  visits: [],
  sessions: [],
  pages: [],
  sessionPages: [],
  events: [],
  counts: [],
  refusals: [],
  identities: [],
}

/** A store in memory, for tests only. It loses everything when the process ends. */
export interface MemoryStore extends CollectorStore {
  readonly state: () => State
}

/**
 * Makes a store in memory. It keeps the contract of `CollectorStore` in the simplest way: each read scans everything.
 */
export function createMemoryStore(): MemoryStore {
  let state = nothing
  let isClosed = false

  const isOf = ({ visitID, sessionID }: { visitID: string; sessionID: string | null }, identityId: string): boolean =>
    state.sessions.some(one => one.visitID === visitID && one.sessionID === sessionID && one.identityId === identityId)

  /** Whether a page belongs to a session that `isWanted`. */
  const isOfSession = (page: StoredPage, isWanted: (visitID: string, sessionID: string | null) => boolean): boolean =>
    isWanted(page.visitID, page.sessionID) ||
    state.sessionPages.some(
      one => one.visitID === page.visitID && one.pageID === page.pageID && isWanted(one.visitID, one.sessionID),
    )

  const toListed = (session: StoredSession): ListedSession => {
    const visit = state.visits.find(one => one.visitID === session.visitID)
    return { ...session, skew: visit?.skew ?? null, idleLimitMs: visit?.idleLimitMs ?? null }
  }

  function list<L extends Listed>(
    listed: L,
    items: readonly Items[L][],
    { identityId, category, ...exact }: { identityId?: string; category?: string } & Record<string, unknown>,
    { since = 0, after, limit = Number.POSITIVE_INFINITY }: Range = {},
  ): readonly Items[L][] {
    const isWanted = (item: Items[L]): boolean => {
      const values = item as unknown as Record<string, string>
      return (
        (identityId === undefined || isOf(values as never, identityId)) &&
        (category === undefined || `;${values.category};`.includes(`;${category};`)) &&
        Object.entries(exact).every(([name, value]) => values[name] === value)
      )
    }
    const order = orders[listed]
    const keyOf = (item: Items[L]) => order.map(name => (item as unknown as Record<string, string | number>)[name])
    return items
      .filter(isWanted)
      .filter(item => Number(keyOf(item)[0]) >= since && (!after || compare(keyOf(item), after) > 0))
      .sort((a, b) => compare(keyOf(a), keyOf(b)))
      .slice(0, limit)
  }

  function one<T extends { visitID?: string }>(items: readonly T[], isIt: (item: T) => boolean): T | null {
    const found = items.filter(isIt).sort((a, b) => compare([a.visitID ?? ''], [b.visitID ?? '']))
    return found.at(-1) ?? null
  }

  return {
    lanes: 1,
    state: () => state,
    async merge(arrivals) {
      if (isClosed) throw new Error('the store is closed')
      for (const { batch } of arrivals) for (const { event } of batch.facts) checkEvent(event)
      const more = foldArrivals(arrivals)
      const both = Object.keys(nothing).map(name => {
        const part = name as keyof State
        return [part, [...state[part], ...more[part]]]
      })
      state = foldState(Object.fromEntries(both) as State)
    },
    async session(id) {
      const found = one(state.sessions, ({ sessionID }) => sessionID === id)
      return found && toListed(found)
    },
    visit: async id => one(state.visits, ({ visitID }) => visitID === id),
    page: async id => one(state.pages, ({ pageID }) => pageID === id),
    identity: async id => state.identities.find(({ identityId }) => identityId === id) ?? null,
    isSignedIn: async (identityId, now) =>
      state.sessions.some(one => one.identityId === identityId && one.endDate === 0 && !isIdle(toListed(one), now)),
    async events(filter, range) {
      const browserOf = new Map(state.visits.map(visit => [visit.visitID, visit]))
      const found = state.events.map(event => {
        const { globalVisitID = '', languageCode = '' } = browserOf.get(event.visitID) ?? {}
        return { ...event, globalVisitID, languageCode }
      })
      return list('events', found, filter as Place, range)
    },
    async pages(filter: { sessionID?: string; identityId?: string }, range) {
      const { sessionID, identityId, ...exact } = filter
      const isWanted = (page: StoredPage): boolean =>
        (sessionID === undefined || isOfSession(page, (_, id) => id === sessionID)) &&
        (identityId === undefined || isOfSession(page, (visitID, id) => isOf({ visitID, sessionID: id }, identityId)))
      return list('pages', state.pages.filter(isWanted), exact, range)
    },
    async sessions(filter: { visitID?: string; identityId?: string }, range) {
      const isTheirs = (one: StoredSession): boolean =>
        filter.identityId === undefined || one.identityId === filter.identityId
      const { identityId: _, ...exact } = filter
      return list('sessions', state.sessions.filter(isTheirs).map(toListed), exact, range)
    },
    async visits({ identityId, ...exact }, range) {
      const theirs = new Set(state.sessions.filter(one => one.identityId === identityId).map(one => one.visitID))
      return list(
        'visits',
        state.visits.filter(one => theirs.has(one.visitID)),
        exact,
        range,
      )
    },
    async identities(filter, range) {
      const isEmpty = Object.values(filter).includes('')
      return isEmpty ? [] : list('identities', state.identities, { ...filter }, range)
    },
    isAlive: async () => !isClosed,
    async close() {
      isClosed = true
    },
  }
}

// A database rejects a wrong type by itself. The memory store has to check it.
function checkEvent({ timestamp }: Event): void {
  if (!Number.isSafeInteger(timestamp)) throw new DataError('timestamp is not a time')
}

function compare(a: readonly (string | number | undefined)[], b: readonly (string | number | undefined)[]): number {
  for (const [n, ours] of a.entries()) {
    const theirs = b[n]
    if (ours === theirs) continue
    if (typeof ours === 'string') return isTextAfter(ours, String(theirs)) ? 1 : -1
    return Number(ours) - Number(theirs)
  }
  return 0
}
