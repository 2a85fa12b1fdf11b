import { textOr } from './check.js'
import { type Fact, meaningOf } from './event.js'
import { maxTraitLength } from './limits.js'
import { isTextAfter } from './merge.js'

/** What is known of a person who signed in. Each trait has its latest known value, or is empty. */
export interface Identity {
  readonly identityId: string
  /** Time of the first known sign-in, Unix epoch, ms. */
  readonly startDate: number
  /** The session that the first known sign-in opened. */
  readonly sessionID: string
  /** From `data.name` of `UserInfo` and `SignIn`. */
  readonly name: string
  /** From `data.location` of `UserInfo` and `SignIn`. */
  readonly location: string
  /** The browser of the latest session. */
  readonly userAgent: string
  /** When each trait became known, Unix epoch, ms; 0 if never. */
  readonly nameAt: number
  readonly locationAt: number
  readonly userAgentAt: number
}

const traits = ['name', 'location', 'userAgent'] as const

/** What one record says about the identity of its session; `null` if nobody was signed in. */
export function identityOf({ event, visit, session }: Fact): Identity | null {
  if (!session) return null
  const told = meaningOf(event.eventName).tellsIdentity && event.data ? event.data : {}
  const [name, location] = [toTrait(told.name), toTrait(told.location)]
  const userAgent = toTrait(visit.userAgent)
  return {
    identityId: session.identityId,
    startDate: session.startDate,
    sessionID: session.sessionID,
    name,
    location,
    userAgent,
    nameAt: name ? event.timestamp : 0,
    locationAt: location ? event.timestamp : 0,
    userAgentAt: userAgent ? session.startDate : 0,
  }
}

/**
 * Joins what two records say about one identity. If two values of a trait have the same time, the greater text is kept.
 */
export function joinIdentity(a: Identity, b: Identity): Identity {
  const isEarlier = b.startDate < a.startDate || (b.startDate === a.startDate && isTextAfter(a.sessionID, b.sessionID))
  const joined: Record<string, unknown> = isEarlier
    ? { ...a, startDate: b.startDate, sessionID: b.sessionID }
    : { ...a }
  for (const trait of traits) {
    const [ours, theirs] = [a[`${trait}At`], b[`${trait}At`]]
    if (theirs < ours || (theirs === ours && !isTextAfter(b[trait], a[trait]))) continue
    joined[trait] = b[trait]
    joined[`${trait}At`] = theirs
  }
  return joined as unknown as Identity
}

/** Makes a trait as the collector stores it, cut at 256 characters. A query needs the same form to find it. */
export function toTrait(value: unknown): string {
  return textOr(value, '', maxTraitLength)
}
