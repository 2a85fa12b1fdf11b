import { toDuration } from 'sojourn/record'
import { isIdle } from '../store/clock.js'
import type { StoredSession } from '../store/store.js'
import type { CurrentSession } from './found.js'

/**
 * Makes a session as it is now. If nobody has closed it and the idle limit has passed since its last activity, it ended
 * at that activity. Nothing is stored for that, so a later record moves the end, or opens the session again.
 *
 * @param now collector's clock, Unix epoch, ms.
 */
export function toCurrent(session: StoredSession, now: number): CurrentSession {
  const { sessionID, identityId, visitID, startDate, lastActivity } = session
  const isAbandoned = session.endDate === 0 && isIdle(session, now)
  const endDate = isAbandoned ? Math.max(startDate, lastActivity) : session.endDate
  const duration = toDuration(startDate, endDate)
  const endReason = isAbandoned ? 'abandoned' : endDate === 0 ? null : session.endReason || 'unknown'
  return { sessionID, identityId, visitID, startDate, endDate, duration, lastActivity, endReason }
}
