import type { ExportedEvent, StoredEvent, StoredSession, StoredVisit } from './store.js'

/** Adds to an event what its visit and its session say. */
export function toExported(
  event: StoredEvent,
  { sessions, visits }: { readonly sessions: readonly StoredSession[]; readonly visits: readonly StoredVisit[] },
): ExportedEvent {
  const visit = visits.find(one => one.visitID === event.visitID)
  const session = sessions.find(one => one.visitID === event.visitID && one.sessionID === event.sessionID)
  return {
    ...event,
    identityId: session?.identityId ?? null,
    sessionStartDate: session?.startDate ?? null,
    visitStartDate: visit?.startDate ?? null,
    userAgent: visit?.userAgent ?? '',
    ...(visit?.automated && { automated: true }),
    skew: visit?.skew ?? null,
  }
}
