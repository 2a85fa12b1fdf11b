import type { SessionBirth, VisitBirth } from './birth.js'
import { isObject, isText, isTime } from './check.js'

/**
 * The open state: which visit and which session are open on this origin. All tabs share it. A change makes a new value
 * with a greater `rev`; the value with the greatest `rev` holds.
 */
export interface OpenState {
  readonly rev: number
  readonly globalVisitID: string
  /** `null`: no visit is open. */
  readonly visit: VisitBirth | null
  /** `null`: nobody is signed in. */
  readonly session: SessionBirth | null
  /** Last activity, Unix epoch, ms. */
  readonly active: number
  /** True after a sign-out. Then no page may resume the session that it remembers. */
  readonly left: boolean
}

/** The open state of a device on which nothing was ever open. */
export function makeOpenState(globalVisitID: string): OpenState {
  return { rev: 0, globalVisitID, visit: null, session: null, active: 0, left: false }
}

/**
 * Reads an open state that another tab, an earlier page or another script has written.
 *
 * @returns `undefined` if the value does not have the shape of an open state. Then nothing is known.
 */
export function parseOpenState(value: unknown): OpenState | undefined {
  if (!isObject(value) || !isTime(value.rev) || !isTime(value.active) || !isText(value.globalVisitID)) return undefined
  const { visit, session } = value
  const isVisit = isObject(visit) && isText(visit.visitID) && isTime(visit.startDate)
  if (visit !== null && !isVisit) return undefined
  const isSession =
    isObject(session) && isText(session.sessionID) && isText(session.identityId) && isTime(session.startDate)
  // A session of another visit, or of none, cannot be told to the collector.
  if (session !== null && !(isSession && isVisit && session.visitID === visit.visitID)) return undefined
  return value as unknown as OpenState
}
