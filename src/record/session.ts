import type { SessionBirth } from './birth.js'
import { type Fact, meaningOf } from './event.js'

/** One stay of one identity, from sign-in to sign-out: the session resource of GWE. */
export interface Session extends SessionBirth {
  /** Unix epoch, ms: sign-out or idle end; 0 = open. */
  readonly endDate: number
  /** Whole seconds, rounded down; 0 while open. */
  readonly duration: number
  /** Last activity known, Unix epoch, ms. */
  readonly lastActivity: number
}

/** Why a session started or ended without a call of the page. It stands in the data of `SignIn` and of `SessionEnded`. */
export type SessionReason = 'resumed' | 'idle' | 'replaced'

/** Whole seconds from start to end: never below 0, and 0 while open. 454 ms are 0 (the example of GWE). */
export function toDuration(startDate: number, endDate: number): number {
  return Math.max(0, Math.floor((endDate - startDate) / 1000))
}

/** Whether an event of that name ends its session. */
export function isEnd(eventName: string): boolean {
  return !!meaningOf(eventName).endsSession
}

/** When a session ends that was told to end at `at`. A clock that was set back cannot end it before its start. */
export function toEnd(startDate: number, at: number): number {
  return Math.max(startDate, at)
}

/** What one record says of its session; `null` if nobody was signed in. */
export function sessionOf({ event: { eventName, timestamp }, session }: Fact): Session | null {
  if (!session) return null
  const endDate = isEnd(eventName) ? toEnd(session.startDate, timestamp) : 0
  return { ...session, endDate, duration: toDuration(session.startDate, endDate), lastActivity: timestamp }
}
