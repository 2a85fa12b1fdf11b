import type { OwnSession, VisitBirth } from './birth.js'
import { isCounted, isId, isIdentity, isObject, isPlainId, isTime, type Json } from './check.js'
import { maxTextLength } from './limits.js'

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
  readonly session: OwnSession | null
  /** Last activity, Unix epoch, ms. */
  readonly active: number
  /** True after a sign-out. Then no page may resume the session that it remembers. */
  readonly left: boolean
  /** How many sessions were opened on this device. Absent in a state of version 0.1. */
  readonly serial?: number
  /** A hash of what the sign-in has told of the identity, so that the same is not recorded again. Empty: it was erased. */
  readonly told?: string
  /** When the visitor before was forgotten on this device, Unix epoch, ms. Absent: never. */
  readonly forgotten?: number
}

/**
 * The open state of a device on which nothing is open.
 *
 * @param forgotten when the visitor before was forgotten, Unix epoch, ms; 0: never.
 */
export function makeOpenState(globalVisitID: string, forgotten = 0): OpenState {
  const state = { rev: 0, globalVisitID, visit: null, session: null, active: 0, left: false }
  return forgotten ? { ...state, forgotten } : state
}

/** Whether the one state is of a visitor who was forgotten before the other state was made. */
export function isForgotten({ forgotten = 0 }: OpenState, other: OpenState): boolean {
  return forgotten < (other.forgotten || 0)
}

/**
 * Whether the one state is newer than the other. Two tabs may change the state at the same moment: then all tabs must
 * choose the same one.
 */
export function isNewer(one: OpenState, other: OpenState): boolean {
  if (isForgotten(other, one)) return true
  const ahead = one.rev - other.rev || (one.serial || 0) - (other.serial || 0)
  return ahead > 0 || (!ahead && idOf(one) > idOf(other))
}

function idOf({ session }: OpenState): string {
  return session ? session.sessionID : ''
}

/** Whether who has made the one state did not know of a session that the other state has opened in the same visit. */
export function isUnaware({ visit, serial = 0 }: OpenState, other: OpenState): boolean {
  return !!visit && !!other.visit && visit.visitID === other.visit.visitID && serial < (other.serial || 0)
}

/**
 * Reads an open state that another tab, an earlier page or another script has written.
 *
 * @returns `undefined` if the value does not have the shape of an open state, or the collector would refuse every record
 * that is made in it. Then nothing is known.
 */
export function parseOpenState(value: unknown): OpenState | undefined {
  if (!isObject(value) || !isCounted(value.rev) || !isCounted(value.active) || !isId(value.globalVisitID))
    return undefined
  const { visit, session } = value
  for (const name of ['serial', 'forgotten']) if (value[name] !== undefined && !isCounted(value[name])) return undefined
  const isVisit = isObject(visit) && isPlainId(visit.visitID) && isTime(visit.startDate) && isPlain(visit)
  if (visit !== null && !isVisit) return undefined
  const isSession =
    isObject(session) &&
    isPlainId(session.sessionID) &&
    isIdentity(session.identityId) &&
    isTime(session.startDate) &&
    isPlain(session)
  // A session of another visit, or of none, cannot be told to the collector.
  if (session !== null && !(isSession && isVisit && session.visitID === visit.visitID)) return undefined
  return value as unknown as OpenState
}

/**
 * Whether it holds nothing but times, `true` and texts, as long as the collector keeps them. Anything else might have no JSON,
 * or make each record too large for a request.
 */
function isPlain(birth: Json): boolean {
  return Object.keys(birth).every(function (name) {
    const value = birth[name]
    return value === true || isTime(value) || (typeof value === 'string' && value.length <= maxTextLength)
  })
}
