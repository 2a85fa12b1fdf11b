import { isIdle } from '../clock.js'
import { type Claimed, isSuspect, nothingPlausible, type Plausible, toLatestReason, toTimes } from '../derive.js'
import { toKey } from '../keys.js'
import type { Items, Listed } from '../lists.js'
import type { Range, SiteReads, StoredEvent, StoredPage, StoredSession, StoredVisit } from '../store.js'
import type { SqlDialect } from './dialect.js'
import { type Select, toSelect, toSelectEnds, toSelectOne, toSelectPlausible, toSelectSignedIn } from './select.js'

/** Runs a query and resolves with its rows as items. */
type Run = (select: Select) => Promise<object[]>

/** What tells of itself when it was last active. */
type Timed = { readonly visitID: string; readonly skew: number | null; readonly lead: number }

/**
 * Makes the reads of a site. They are the same for every SQL database.
 *
 * The stored times of visits, sessions and pages are those of all copies. If one of them was ahead of its receipt, the
 * events are read to find out what holds. Only a forger or a clock that was set makes such rows.
 */
export function createReads(dialect: SqlDialect, site: string, run: Run): SiteReads {
  async function plausibleOf(visitID: string, skew: number | null, of: 'sessionID' | 'pageID' | 'visitID') {
    const rows = (await run(toSelectPlausible(dialect, site, visitID, skew ?? 0, of))) as (Plausible & { id: string })[]
    return new Map(rows.map(({ id, lastActivity, endDate }) => [id, { lastActivity, endDate, endReason: '' }]))
  }

  /** Finds what the events say of each suspect item. The events of a visit are read once. */
  async function tellOf<T extends Timed>(
    items: readonly T[],
    of: 'sessionID' | 'pageID' | 'visitID',
  ): Promise<Map<T, Plausible>> {
    const told = new Map<T, Plausible>()
    const read = new Map<string, Map<string, Plausible>>()
    for (const one of items) {
      const { visitID, skew } = one
      if (!isSuspect(one, skew)) continue
      const plausible = read.get(visitID) ?? (await plausibleOf(visitID, skew, of))
      read.set(visitID, plausible)
      told.set(one, plausible.get(keyOf(one, of)) ?? nothingPlausible)
    }
    return told
  }

  async function toSessions(rows: readonly object[]): Promise<StoredSession[]> {
    const claimed = rows as unknown as readonly (StoredSession & Claimed)[]
    const told = await tellOf(claimed, 'sessionID')
    const sessions: StoredSession[] = []
    for (const one of claimed) {
      const { lead: _lead, receivedAt: _at, ...session } = one
      const plausible = told.get(one) ?? null
      const endReason = plausible ? await toReason(one, plausible.endDate) : session.endReason
      sessions.push({ ...session, ...toTimes(one, plausible, one.skew), endReason })
    }
    return sessions
  }

  async function toReason({ visitID, sessionID }: StoredSession, endDate: number): Promise<string> {
    if (!endDate) return ''
    const ends = (await run(toSelectEnds(dialect, site, visitID, sessionID, endDate))) as unknown as StoredEvent[]
    return toLatestReason(ends)
  }

  async function toPages(rows: readonly object[]): Promise<StoredPage[]> {
    const claimed = rows as unknown as readonly (StoredPage & Claimed & Timed)[]
    const told = await tellOf(claimed, 'pageID')
    return claimed.map(one => {
      const { lead: _lead, skew: _skew, receivedAt: _at, ...page } = one
      return { ...page, ...toTimes(one, told.get(one) ?? null, one.skew) }
    })
  }

  async function toVisits(rows: readonly object[]): Promise<StoredVisit[]> {
    const claimed = rows as unknown as readonly (StoredVisit & Claimed & Timed)[]
    const told = await tellOf(claimed, 'visitID')
    return claimed.map(one => {
      const { lead: _lead, receivedAt: _at, ...visit } = one
      return { ...visit, lastActivity: toTimes({ ...one, endDate: 0 }, told.get(one) ?? null, one.skew).lastActivity }
    })
  }

  const list = (listed: Listed, filter: object, range?: Range): Promise<object[]> =>
    run(toSelect(dialect, site, listed, filter, range))
  const one = (listed: Listed, id: string): Promise<object[]> => run(toSelectOne(dialect, site, listed, id))

  return {
    session: async id => (await toSessions(await one('sessions', id)))[0] ?? null,
    visit: async id => (await toVisits(await one('visits', id)))[0] ?? null,
    page: async id => (await toPages(await one('pages', id)))[0] ?? null,
    identity: async id => ((await one('identities', id)) as unknown as Items['identities'][])[0] ?? null,
    async isSignedIn(identityId, now) {
      const open = await run(toSelectSignedIn(dialect, site, identityId, now, false))
      if (open.length) return true
      const suspects = await run(toSelectSignedIn(dialect, site, identityId, now, true))
      return (await toSessions(suspects)).some(one => one.endDate === 0 && !isIdle(one, now))
    },
    events: async (filter, range) => (await list('events', filter, range)) as unknown as StoredEvent[],
    pages: async (filter, range) => toPages(await list('pages', filter, range)),
    sessions: async (filter, range) => toSessions(await list('sessions', filter, range)),
    visits: async (filter, range) => toVisits(await list('visits', filter, range)),
    identities: async (filter, range) => (await list('identities', filter, range)) as unknown as Items['identities'][],
  }
}

/** The id of an item as its events hold it. */
function keyOf(item: object, of: 'sessionID' | 'pageID' | 'visitID'): string {
  const id = (item as Record<string, string>)[of] as string
  return of === 'pageID' ? id : toKey(id)
}
