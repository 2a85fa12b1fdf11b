import { identityOf, isEnd, pageOf, sessionOf, toEndReason, visitOf } from 'sojourn/record'
import { foldState } from '../../src/store/fold.js'
import type { Arrival, State } from '../../src/store/store.js'

/**
 * Makes the expected state, as `docs/protocol.md` defines it: everything that each record says is joined one by one.
 */
export function toReference(arrivals: readonly Arrival[]): State {
  const one = arrivals.map(({ batch, receivedAt }): State => {
    const skew = batch.sentAt === null ? null : receivedAt - batch.sentAt
    const untold = { name: '', location: '', userAgent: '', nameAt: 0, locationAt: 0, userAgentAt: 0 }
    return {
      visits: [
        ...batch.visits.map(birth => ({ ...birth, lastActivity: birth.startDate })),
        ...batch.facts.map(visitOf),
      ].map(visit => ({ ...visit, skew, idleLimitMs: visit.idleLimitMs ?? null })),
      sessions: [
        ...batch.sessions.map(session => ({ ...session, lastEventAt: 0, endReason: '', endReasonAt: 0 })),
        ...batch.facts.flatMap(fact => {
          const [session, { timestamp, eventName }] = [sessionOf(fact), fact.event]
          const said = { endReason: toEndReason(fact.event), endReasonAt: isEnd(eventName) ? timestamp : 0 }
          return session ? { ...session, lastEventAt: timestamp, ...said } : []
        }),
      ],
      pages: [
        ...batch.pages.map(({ page, visitID, identityId }) => {
          return { ...page, visitID, identityId, endDate: 0, lastActivity: page.startDate }
        }),
        ...batch.facts.flatMap(fact => pageOf(fact) ?? []),
      ].map(page => ({ ...page, viewedAt: page.viewedAt ?? 0 })),
      sessionPages: batch.facts.flatMap(({ event: { visitID, sessionID, pageID }, page }) =>
        sessionID !== null && pageID !== null && page?.sessionID !== sessionID ? { visitID, sessionID, pageID } : [],
      ),
      events: batch.facts.map(({ event }) => ({ ...event, serverTimestamp: receivedAt })),
      counts: batch.counts,
      refusals: batch.refused
        .filter(({ eventID }) => eventID)
        .map(({ eventID, code, visitID }) => ({ visitID: visitID ?? '', eventID, code })),
      identities: [
        ...batch.sessions.map(({ identityId, startDate, sessionID }) => {
          return { identityId, startDate, sessionID, ...untold }
        }),
        ...batch.facts.flatMap(fact => identityOf(fact) ?? []),
      ],
    }
  })
  const all = (part: keyof State) => one.flatMap(state => state[part] as readonly object[])
  const parts = ['visits', 'sessions', 'pages', 'sessionPages', 'events', 'counts', 'refusals', 'identities'] as const
  return foldState(Object.fromEntries(parts.map(part => [part, all(part)])) as unknown as State)
}
