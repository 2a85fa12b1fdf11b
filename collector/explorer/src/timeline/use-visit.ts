import { useMemo } from 'preact/hooks'
import { toSitePath } from '../api.js'
import { type Asked, useAsk } from '../use-ask.js'
import { type Listed, useList } from '../use-list.js'
import type { Event, Page, Session, Visit } from './model.js'
import { makePicture, type Picture } from './picture.js'

/** Everything of a visit, as far as it has arrived. */
export interface VisitParts {
  readonly visit: Asked<Visit>
  readonly sessions: Listed<Session>
  readonly pages: Listed<Page>
  /** Events in the order of time, each once. */
  readonly events: readonly Event[]
  readonly eventLists: readonly Listed<Event>[]
  /** `undefined` until there is something to show. */
  readonly picture: Picture | undefined
}

/**
 * Reads a visit: its sessions, its pages, and its events until the end of a session, if there is one.
 *
 * @param visitID `null`: not known yet.
 * @param focus the session that the picture is about; `null`: all of the visit.
 */
export function useVisit(site: string, visitID: string | null, focus: Session | null): VisitParts {
  const steps = (list: string): readonly string[] | null => (visitID === null ? null : ['visits', visitID, list])
  const visit = useAsk<Visit>(visitID === null ? null : toSitePath(site, ['visits', visitID]))
  const sessions = useList<Session>(site, steps('sessions'))
  const pages = useList<Page>(site, steps('pages'), {}, last => isAfter(last.startDate, focus))
  const all = useList<Event>(site, steps('events'), {}, last => isAfter(last.timestamp, focus))
  // In a visit of very many events, those of the session are read by themselves.
  const isLong = focus !== null && !all.isLoading && !all.isWhole
  const own = useList<Event>(site, isLong ? ['sessions', focus.sessionID, 'events'] : null)
  const events = useMemo(() => join(all.items, own.items), [all.items, own.items])
  const isThere =
    visit.data !== undefined && !sessions.isLoading && !pages.isLoading && !(all.isLoading && !all.items.length)
  const picture = useMemo(() => {
    if (!isThere) return undefined
    const now = Date.now() - (visit.data?.skew ?? 0)
    return makePicture({ visit: visit.data ?? null, sessions: sessions.items, pages: pages.items, events, focus, now })
  }, [isThere, visit.data, sessions.items, pages.items, events, focus])
  return { visit, sessions, pages, events, eventLists: isLong ? [all, own] : [all], picture }
}

function isAfter(at: number, focus: Session | null): boolean {
  return !!focus?.endDate && at > focus.endDate
}

function join(some: readonly Event[], others: readonly Event[]): readonly Event[] {
  if (!others.length) return some
  const known = new Set(some.map(({ eventID }) => eventID))
  return [...some, ...others.filter(({ eventID }) => !known.has(eventID))].sort((a, b) => a.timestamp - b.timestamp)
}
