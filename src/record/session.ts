import type { SessionBirth } from './birth.js'
import { textOr } from './check.js'
import { activityOf, type Event, type Fact, meaningOf } from './event.js'
import { maxTraitLength } from './limits.js'

/** One stay of one identity, from sign-in to sign-out. It is the session resource of GWE. */
export interface Session extends SessionBirth {
  /** Time of the sign-out or of the idle end, Unix epoch, ms; 0 while open. */
  readonly endDate: number
  /** Whole seconds, rounded down; 0 while open. */
  readonly duration: number
  /** Last known activity, Unix epoch, ms. */
  readonly lastActivity: number
}

/** Why the tracker started or ended a session by itself: `data.reason` of `SignIn` and of `SessionEnded`. */
export type SessionReason = 'resumed' | 'idle' | 'replaced' | 'limit'

/**
 * Whole seconds from start to end, rounded down: 454 ms are 0, as in the example of GWE. 0 while open, never negative.
 */
export function toDuration(startDate: number, endDate: number): number {
  return Math.max(0, Math.floor((endDate - startDate) / 1000))
}

/** Whether an event with this name ends its session. */
export function isEnd(eventName: string): boolean {
  return !!meaningOf(eventName).endsSession
}

/** The end date of a session that ended at `at`. It is never before the start, even if the clock was set back. */
export function toEnd(startDate: number, at: number): number {
  return Math.max(startDate, at)
}

/** What one record says about its session; `null` if nobody was signed in. */
export function sessionOf({ event, session }: Fact): Session | null {
  if (!session) return null
  const { startDate } = session
  const endDate = isEnd(event.eventName) ? toEnd(startDate, event.timestamp) : 0
  return { ...session, endDate, duration: toDuration(startDate, endDate), lastActivity: activityOf(event, startDate) }
}

/**
 * Why an event ends its session: `signed-out`, or the `data.reason` of `SessionEnded`, cut at 256 characters. Empty if
 * the event ends nothing, or does not say why.
 */
export function toEndReason({ eventName, data }: Event): string {
  if (!isEnd(eventName)) return ''
  return eventName === 'SignOut' ? 'signed-out' : textOr(data?.reason, '', maxTraitLength)
}
