import { identityOf, pageOf, sessionOf, visitOf } from 'sojourn/record'
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
        ...batch.visits.map(birth => ({ ...birth, lastActivity: birth.startDate, skew })),
        ...batch.facts.map(fact => ({ ...visitOf(fact), skew })),
      ],
      sessions: [...batch.sessions, ...batch.facts.flatMap(fact => sessionOf(fact) ?? [])],
      pages: [
        ...batch.pages.map(({ page, visitID, identityId }) => {
          return { ...page, visitID, identityId, endDate: 0, lastActivity: page.startDate }
        }),
        ...batch.facts.flatMap(fact => pageOf(fact) ?? []),
      ],
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
  const parts = ['visits', 'sessions', 'pages', 'events', 'counts', 'refusals', 'identities'] as const
  return foldState(Object.fromEntries(parts.map(part => [part, all(part)])) as unknown as State)
}
