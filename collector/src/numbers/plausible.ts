import { isEnd, isTextAfter, toEndReason } from 'sojourn/record'
import { isAhead } from '../store/clock.js'
import { isSuspect, nothingPlausible, type Plausible } from '../store/derive.js'
import type { RawEvent, RawPage, RawSession } from './rows.js'

/** Finds what the events of a visit say of its sessions and pages that have a claim ahead of its receipt. */
interface PlausibleTimes {
  readonly add: (event: RawEvent) => void
  /** `null`: the claims of the row are as good. */
  readonly ofSession: (session: RawSession) => Plausible | null
  readonly ofPage: (page: RawPage) => Plausible | null
}

type Told = { -readonly [name in keyof Plausible]: Plausible[name] }

/** Begins without events. */
export function createPlausible(
  skew: number | null,
  sessions: readonly RawSession[],
  pages: readonly RawPage[],
): PlausibleTimes {
  const suspects = <T extends { readonly lead: number }>(all: readonly T[], idOf: (one: T) => string) =>
    new Map(all.filter(one => isSuspect(one, skew)).map(one => [idOf(one), { ...nothingPlausible } as Told]))
  const told = { sessions: suspects(sessions, one => one.sessionID), pages: suspects(pages, one => one.pageID) }
  const isNeeded = told.sessions.size > 0 || told.pages.size > 0

  function addEnd(to: Told, { eventName, timestamp, data }: RawEvent): void {
    if (timestamp === 0 || timestamp < to.endDate) return
    const reason = toEndReason({ eventName, data: data === null ? null : JSON.parse(data) } as never)
    if (timestamp > to.endDate) to.endReason = reason
    else if (isTextAfter(reason, to.endReason)) to.endReason = reason
    to.endDate = timestamp
  }

  return {
    add(event) {
      const { eventName, timestamp, serverTimestamp, activity, sessionID, pageID } = event
      if (!isNeeded || isAhead(timestamp - serverTimestamp, skew)) return
      const [session, page] = [told.sessions.get(sessionID ?? ''), told.pages.get(pageID ?? '')]
      for (const to of [session, page]) if (to && activity === 1) to.lastActivity = Math.max(to.lastActivity, timestamp)
      if (session && isEnd(eventName)) addEnd(session, event)
    },
    ofSession: ({ sessionID }) => told.sessions.get(sessionID) ?? null,
    ofPage: ({ pageID }) => told.pages.get(pageID) ?? null,
  }
}
