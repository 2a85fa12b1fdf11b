import { textOr } from './check.js'
import { maxTraitLength } from './limits.js'

/** What is known of a person who signed in. Each trait has its latest known value, or is empty. */
export interface Identity {
  readonly identityId: string
  /** Time of the sign-in that was received first, Unix epoch, ms. */
  readonly startDate: number
  /** The session that this sign-in opened. */
  readonly sessionID: string
  /** From `data.name` of `UserInfo` and `SignIn`. */
  readonly name: string
  /** From `data.location` of `UserInfo` and `SignIn`. */
  readonly location: string
  /** The browser of the latest session. */
  readonly userAgent: string
  /** When each trait became known, by the collector's clock, Unix epoch, ms; 0 if never. */
  readonly nameAt: number
  readonly locationAt: number
  readonly userAgentAt: number
}

/** Makes a trait as the collector stores it, cut at 256 characters. A query needs the same form to find it. */
export function toTrait(value: unknown): string {
  return textOr(value, '', maxTraitLength)
}
