import { isbot } from 'isbot'
import type { PageBirth, VisitBirth } from 'sojourn/record'
import { toReceiptTime } from './clock.js'
import { toLong } from './keys.js'
import type { Row } from './tables.js'

/** What every row of an arrival needs. */
export interface Receipt {
  readonly site: string
  readonly receivedAt: number
  /** The clock error of the browser as this batch tells it, ms; `null` if it does not. */
  readonly skew: number | null
}

/** Makes the row of what a batch says of a visit. */
export function toVisitRow(visit: VisitBirth, key: string, { site, receivedAt, skew }: Receipt): Row {
  const { visitID, startDate, globalVisitID, languageCode, userAgent, idleLimitMs, automated } = visit
  // A session may come without its visit. What only names the visit gives way to what tells of it.
  const bare = globalVisitID || languageCode || userAgent ? 0 : 1
  const facts = [
    bare,
    receivedAt,
    globalVisitID,
    languageCode,
    userAgent,
    idleLimitMs ?? null,
    toAutomated(automated, userAgent),
  ]
  const claims = [startDate, startDate - receivedAt, startDate]
  return [site, key, startDate, ...facts, startDate, skew, ...claims, toLong(visitID, key)]
}

/**
 * Decides whether a program controls a browser: 1 if the browser says so itself, 2 if its user agent is that of a known
 * program, else 0.
 */
export function toAutomated(isSaid: boolean | undefined, userAgent: string): 0 | 1 | 2 {
  if (isSaid) return 1
  return isProgram(userAgent) ? 2 : 0
}

/** What was found of the user agents that were last heard of. Many visitors have the same, and the pattern is long. */
const programs = new Map<string, boolean>()
const maxPrograms = 1000
/** A longer user agent is not remembered, so that the memory of all is bounded. */
const maxRememberedChars = 512

function isProgram(userAgent: string): boolean {
  // No browser has a longer one, and the pattern takes time in proportion.
  if (userAgent.length > maxRememberedChars) return isbot(userAgent.slice(0, 1024))
  const known = programs.get(userAgent)
  if (known !== undefined) return known
  const is = isbot(userAgent)
  // Forgetting all of them takes no order to be kept, and happens rarely.
  if (programs.size >= maxPrograms) programs.clear()
  programs.set(userAgent, is)
  return is
}

/** Makes the row of what a batch says of a page. */
export function toPageRow(
  { pageID, sessionID, url, title, referrer, category, startDate, viewedAt }: PageBirth,
  visitKey: string,
  { site, receivedAt, skew }: Receipt,
  keyOf: (id: string) => string,
): Row {
  // Corrections are ordered by the collector's clock. By that of the sender, a forged one would hide all others for ever.
  const at = viewedAt ? toReceiptTime(viewedAt, receivedAt, skew) : 0
  const view = at && viewedAt ? [at, viewedAt - at, url, title] : [0, 0, '', '']
  const key = [site, visitKey, pageID]
  const facts = [receivedAt, sessionID && keyOf(sessionID), url, title, referrer, category, startDate]
  return [...key, ...facts, 0, startDate, startDate - receivedAt, ...view]
}
