import type { PageBirth, SessionBirth, VisitBirth } from './birth.js'
import { countOr0, isId, isIdentity, isObject, isTime, type Json, textOr } from './check.js'
import { type Session, toDuration, toEnd } from './session.js'

/** How many records a writer reports to have made and dropped in a visit. Both numbers only grow. */
export interface Count {
  readonly visitID: string
  readonly writer: string
  readonly written: number
  readonly dropped: number
}

/** Reads the birth of a visit. `null` if a required field is missing. */
export function parseVisit(wire: unknown): VisitBirth | null {
  if (!isObject(wire) || !isId(wire.visitID) || !isTime(wire.startDate)) return null
  const { idleLimitMs, automated } = wire
  return {
    visitID: wire.visitID,
    globalVisitID: isId(wire.globalVisitID) ? wire.globalVisitID : '',
    startDate: wire.startDate,
    languageCode: textOr(wire.languageCode, ''),
    userAgent: textOr(wire.userAgent, ''),
    ...(isTime(idleLimitMs) && idleLimitMs > 0 && { idleLimitMs }),
    ...(automated === true && { automated }),
  }
}

/** The birth of a visit of which only the id is known, and that it began before a session. */
export function bareVisit(visitID: string, startDate: number): VisitBirth {
  return { visitID, globalVisitID: '', startDate, languageCode: '', userAgent: '' }
}

/** Reads the birth of a session. `null` if a required field is missing. */
export function parseSession(wire: unknown): SessionBirth | null {
  if (!isObject(wire)) return null
  const sessionID = wire.sessionID ?? wire.sessionId
  const { identityId, visitID, startDate, endDate = 0 } = wire
  if (!isId(sessionID) || !isIdentity(identityId) || !isId(visitID) || !isTime(startDate) || !isTime(endDate))
    return null
  return { sessionID, identityId, visitID, startDate }
}

/** Makes a session of its birth and the `endDate` of a batch. */
export function toSession(birth: SessionBirth, end: unknown): Session {
  const endDate = isTime(end) && end > 0 ? toEnd(birth.startDate, end) : 0
  const duration = toDuration(birth.startDate, endDate)
  return { ...birth, endDate, duration, lastActivity: Math.max(birth.startDate, endDate) }
}

/** Reads the birth of a page that stands in a visit or session. `null` if it is not valid. */
export function parsePage(wire: unknown, visit: VisitBirth, session: SessionBirth | null): PageBirth | null {
  if (!isObject(wire) || !isId(wire.pageID)) return null
  const { sessionID = session?.sessionID ?? null, startDate = (session ?? visit).startDate, viewedAt } = wire
  if (!isTime(startDate) || !(sessionID === null || isId(sessionID))) return null
  return {
    pageID: wire.pageID,
    sessionID,
    url: textOr(wire.url, ''),
    title: textOr(wire.title, ''),
    referrer: textOr(wire.referrer, ''),
    category: textOr(wire.category, ''),
    startDate,
    ...(isTime(viewedAt) && viewedAt > 0 && { viewedAt }),
  }
}

/** Reads the counts of a visit. Anything that is no count is 0. */
export function parseCounts(visitID: string, wire: Json): Count[] {
  const { written, dropped } = toCounts(wire)
  return [...new Set([...Object.keys(written), ...Object.keys(dropped)])]
    .filter(isId)
    .map(writer => ({ visitID, writer, written: countOr0(written[writer]), dropped: countOr0(dropped[writer]) }))
}

/** How many entries `written` and `dropped` of a visit have, valid or not. */
export function countEntries(wire: unknown): number {
  const { written, dropped } = toCounts(wire)
  return Object.keys(written).length + Object.keys(dropped).length
}

function toCounts(wire: unknown): { readonly written: Json; readonly dropped: Json } {
  const { written, dropped } = isObject(wire) ? wire : {}
  return { written: isObject(written) ? written : {}, dropped: isObject(dropped) ? dropped : {} }
}
