import { isTextAfter } from 'sojourn/record'
import { isIdle } from '../clock.js'
import { type Claimed, isSuspect, nothingPlausible, type Plausible, toLatestReason, toTimes } from '../derive.js'
import { toKey } from '../keys.js'
import type { Items, Listed } from '../lists.js'
import type { ExportedEvent, Range, SiteReads, StoredEvent, StoredPage, StoredSession, StoredVisit } from '../store.js'
import type { SqlDialect } from './dialect.js'
import { createLiveReads } from './live.js'
import { type Select, toSelect, toSelectOne } from './select.js'
import { toSelectBeyond, toSelectHorizon } from './select-horizon.js'
import { toSelectSessions } from './select-sessions.js'
import { type SessionsOf, toSelectEnds, toSelectOpen, toSelectPlausible } from './select-times.js'
import { toExportSource, toSizeSource } from './source.js'

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
export function createReads(dialect: SqlDialect, site: string, run: Run): Omit<SiteReads, 'numbers'> {
  type Of = 'sessionID' | 'pageID' | 'visitID'

  async function plausibleOf(visitID: string, skew: number | null, of: Of, ids: readonly string[]) {
    const select = toSelectPlausible(dialect, site, visitID, skew ?? 0, of, ids)
    const rows = (await run(select)) as (Plausible & { id: string })[]
    return new Map(rows.map(({ id, lastActivity, endDate }) => [id, { lastActivity, endDate, endReason: '' }]))
  }

  /** Finds what the events say of each suspect item. The events of a visit are read once. */
  async function tellOf<T extends Timed>(items: readonly T[], of: Of): Promise<Map<T, Plausible>> {
    const told = new Map<T, Plausible>()
    const suspects = new Map<string, T[]>()
    for (const one of items)
      if (isSuspect(one, one.skew)) suspects.set(one.visitID, [...(suspects.get(one.visitID) ?? []), one])
    for (const [visitID, some] of suspects) {
      const ids = some.map(one => keyOf(one, of))
      const plausible = await plausibleOf(visitID, some[0]?.skew ?? null, of, ids)
      for (const one of some) told.set(one, plausible.get(keyOf(one, of)) ?? nothingPlausible)
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

  async function openOf(of: SessionsOf, now: number, which: 'claimed' | 'suspects' | 'all'): Promise<StoredSession[]> {
    const rows = await run(toSelectOpen(dialect, site, of, now, which))
    return (await toSessions(rows)).filter(one => one.endDate === 0 && !isIdle(one, now))
  }

  const list = (listed: Listed, filter: object, range?: Range): Promise<object[]> =>
    run(toSelect(dialect, site, listed, filter, range))
  const one = (listed: Listed, id: string): Promise<object[]> => run(toSelectOne(dialect, site, listed, id))

  const horizon: SiteReads['horizon'] = async (listed, within, range, items) => {
    const [row] = await run(toSelectHorizon(dialect, site, listed, within, range, items))
    return row ? (row as { at: number }).at : null
  }

  return {
    ...createLiveReads(dialect, site, {
      run,
      toVisits,
      toSessions,
      hasMore: async (since, events) => (await horizon('receipts', {}, { since, isDescending: true }, events)) !== null,
    }),
    session: async id => (await toSessions(await one('sessions', id)))[0] ?? null,
    visit: async id => (await toVisits(await one('visits', id)))[0] ?? null,
    page: async id => (await toPages(await one('pages', id)))[0] ?? null,
    identity: async id => ((await one('identities', id)) as unknown as Items['identities'][])[0] ?? null,
    async isSignedIn(identityId, now, visitID) {
      const of = visitID === undefined ? { identityId } : { identityId, visitID }
      return (await openOf(of, now, 'all')).length > 0
    },
    async openSession(visitID, now) {
      const open = await Promise.all((['claimed', 'suspects'] as const).map(which => openOf({ visitID }, now, which)))
      return open.flat().reduce<StoredSession | null>((last, one) => (last && !isLater(one, last) ? last : one), null)
    },
    receipts: async (filter, range) => (await list('receipts', filter, range)) as unknown as StoredEvent[],
    exported: async range =>
      (await run(
        toSelect(dialect, site, 'receipts', {}, range, toExportSource(dialect)),
      )) as unknown as ExportedEvent[],
    horizon,
    async hasMoreThan(listed, identityId, items) {
      // The visits of few sessions are few, so that finding their events is bounded too.
      const tables = listed === 'visits' ? (['sessions'] as const) : (['sessions', 'events'] as const)
      for (const table of tables)
        if ((await run(toSelectBeyond(dialect, site, table, identityId, items))).length > 0) return true
      return false
    },
    async sizes(listed, filter, range) {
      const rows = await run(toSelect(dialect, site, listed, filter, range, toSizeSource(listed, dialect)))
      return (rows as unknown as { size: number | string }[]).map(({ size }) => Number(size))
    },
    events: async (filter, range) => (await list('events', filter, range)) as unknown as StoredEvent[],
    pages: async (filter, range) => toPages(await list('pages', filter, range)),
    sessions: async (filter, range) => toSessions(await list('sessions', filter, range)),
    sessionsOfVisit: async (visitID, after, limit) =>
      toSessions(await run(toSelectSessions(dialect, site, visitID, after && toKey(after), limit))),
    visits: async (filter, range) => toVisits(await list('visits', filter, range)),
    identities: async (filter, range) => (await list('identities', filter, range)) as unknown as Items['identities'][],
  }
}

function isLater(one: StoredSession, other: StoredSession): boolean {
  if (one.startDate !== other.startDate) return one.startDate > other.startDate
  return isTextAfter(toKey(one.sessionID), toKey(other.sessionID))
}

/** The id of an item as its events hold it. */
function keyOf(item: object, of: 'sessionID' | 'pageID' | 'visitID'): string {
  const id = (item as Record<string, string>)[of] as string
  return of === 'pageID' ? id : toKey(id)
}
