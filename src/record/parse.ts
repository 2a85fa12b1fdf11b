import type { PageBirth, SessionBirth, VisitBirth } from './birth.js'
import { isDeeper, isId, isName, isObject, isProof, isTime, type Json, textOr } from './check.js'
import type { Event, Fact, JsonObject } from './event.js'
import { bytesOf, toEventType } from './event.js'
import {
  charsPerRow,
  freeBodyRows,
  maxBodyRecords,
  maxBodyRows,
  maxDataDepth,
  maxRecordBytes,
  protocolVersion,
} from './limits.js'
import { joinPage } from './merge.js'
import {
  bareVisit,
  type Count,
  countEntries,
  parseCounts,
  parsePage,
  parseSession,
  parseVisit,
  toSession,
} from './parse-birth.js'
import type { Session } from './session.js'

/** Why a whole batch is not taken. `status` is the HTTP status of the error reply. */
export class BatchError extends Error {
  readonly code: 'malformed' | 'unknown-version' | 'too-many-records'
  readonly status: 400 | 413

  constructor(code: BatchError['code'], detail: string) {
    super(detail)
    this.name = 'BatchError'
    this.code = code
    this.status = code === 'too-many-records' ? 413 : 400
  }
}

/** A checked batch: the good records, and the refused records by id with a code. */
export interface Batch {
  /** Browser clock when the batch was sent, Unix epoch, ms; `null` if the batch does not say. */
  readonly sentAt: number | null
  readonly facts: readonly Fact[]
  /** All good visits, sessions and pages of the batch, with or without a good record. */
  readonly visits: readonly VisitBirth[]
  readonly sessions: readonly Session[]
  /** What says that an identity is true. It is checked when the batch arrives, and not stored. */
  readonly proofs: readonly { session: SessionBirth; proof: string }[]
  readonly pages: readonly { page: PageBirth; visitID: string; identityId: string | null }[]
  readonly counts: readonly Count[]
  readonly refused: readonly Refusal[]
}

/** A refused record. */
export interface Refusal {
  /** Empty if the record has no good id. */
  readonly eventID: string
  readonly code: RefusalCode
  /** The visit whose counts include the record; `null` if it is not known. */
  readonly visitID: string | null
}

/** Why one record was refused. A refusal is final: the browser drops the record and counts it under this code. */
export type RefusalCode =
  | 'event-invalid'
  | 'id-invalid'
  | 'name-invalid'
  | 'timestamp-invalid'
  | 'writer-invalid'
  | 'data-invalid'
  | 'page-invalid'
  | 'session-invalid'
  | 'visit-invalid'
  | 'too-large'
  | 'proof-invalid'

/**
 * Reads a batch as `docs/protocol.md` defines it. A bad record is refused by its id, and the others are taken. Unknown
 * fields are ignored, so that a newer browser library can send to an older collector.
 *
 * @throws BatchError if the body is not a batch (`malformed`), has another version (`unknown-version`), or holds more
 * than 1,000 records or 2,500 rows (`too-many-records`).
 */
export function parseBatch(text: string): Batch {
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch (error) {
    throw new BatchError('malformed', `not JSON: ${(error as Error).message}`)
  }
  if (!isObject(body)) throw new BatchError('malformed', 'the body is not an object')
  if (body.v !== protocolVersion)
    throw new BatchError(
      'unknown-version',
      `v is ${typeof body.v === 'number' ? body.v : typeof body.v}; known here: ${protocolVersion}`,
    )
  const wireVisits = listOf(body, 'visits')
  const wireSessions = listOf(body, 'sessions')
  checkSize(wireVisits, wireSessions, text.length)
  const facts: Fact[] = []
  const visits: VisitBirth[] = []
  const visitByID = new Map<string, VisitBirth>()
  const sessions: Session[] = []
  const proofs: { session: SessionBirth; proof: string }[] = []
  const pages: { page: PageBirth; visitID: string; identityId: string | null }[] = []
  const counts: Count[] = []
  const refused: Refusal[] = []
  // By visit and id, because two visits may claim one id.
  const pagesOf = new Map<string, Map<string, PageBirth>>()
  const groups: { visit: VisitBirth | null; session: SessionBirth | null; bad: RefusalCode | ''; wire: Json }[] = []
  // `JSON.stringify` makes a value at most seven times longer (1e20). So a short body cannot hold a record that is too
  // large.
  const mayBeLarge = text.length * 7 > maxRecordBytes

  const addVisit = (visit: VisitBirth): void => {
    visits.push(visit)
    visitByID.set(visit.visitID, visit)
  }
  for (const wire of wireVisits) {
    const visit = parseVisit(wire)
    groups.push({ visit, session: null, bad: visit ? '' : 'visit-invalid', wire })
    if (visit) {
      addVisit(visit)
      counts.push(...parseCounts(visit.visitID, wire))
    }
  }
  for (const wire of wireSessions) {
    const session = parseSession(wire)
    if (session) sessions.push(toSession(session, wire.endDate))
    if (session && isProof(wire.proof)) proofs.push({ session, proof: wire.proof })
    // A session may come without its visit. Then only the id of the visit is known, and that it began before the
    // session.
    const known = session && visitByID.get(session.visitID)
    const visit = known || (session && bareVisit(session.visitID, session.startDate))
    if (visit && !known) addVisit(visit)
    groups.push({ visit, session, bad: session ? '' : 'session-invalid', wire })
  }
  for (const { visit, session, wire } of groups) {
    for (const one of listOf(wire, 'pages')) {
      const page = visit && parsePage(one, visit, session)
      if (!page || !visit) continue
      // A batch may contain a page before and after its title was corrected. Its events get the joined copy.
      const known = pagesOf.get(visit.visitID) ?? new Map<string, PageBirth>()
      const before = known.get(page.pageID)
      known.set(page.pageID, before ? joinPage(before, page) : page)
      pagesOf.set(visit.visitID, known)
      const inSession = session !== null && session.sessionID === page.sessionID
      pages.push({ page, visitID: visit.visitID, identityId: inSession ? session.identityId : null })
    }
  }
  for (const { visit, session, bad, wire } of groups) {
    const known = visit && pagesOf.get(visit.visitID)
    for (const one of listOf(wire, 'events')) {
      const id = isObject(one) && isId(one.eventID) ? one.eventID : ''
      const fact = bad || !visit ? bad || 'visit-invalid' : parseEvent(one, visit, session, known, mayBeLarge)
      if (typeof fact === 'string') refused.push({ eventID: id, code: fact, visitID: visit && visit.visitID })
      else facts.push(fact)
    }
  }
  return {
    sentAt: isTime(body.sentAt) ? body.sentAt : null,
    facts,
    visits,
    sessions,
    proofs,
    pages,
    counts,
    refused,
  }
}

function parseEvent(
  wire: unknown,
  visit: VisitBirth,
  session: SessionBirth | null,
  pages: ReadonlyMap<string, PageBirth> | null | undefined,
  mayBeLarge: boolean,
): Fact | RefusalCode {
  if (!isObject(wire)) return 'event-invalid'
  const { eventID, eventName, timestamp, writer, seq, pageID = null, data = null } = wire
  if (!isId(eventID)) return 'id-invalid'
  if (!isName(eventName)) return 'name-invalid'
  if (!isTime(timestamp)) return 'timestamp-invalid'
  if (!isId(writer) || !Number.isSafeInteger(seq) || (seq as number) < 0) return 'writer-invalid'
  if (!(pageID === null || isId(pageID))) return 'page-invalid'
  if (!(data === null || isObject(data))) return 'data-invalid'
  // This check comes first, because `JSON.stringify` overflows the stack on deeper data.
  if (isDeeper(wire, maxDataDepth + 1)) return isDeeper(data, maxDataDepth) ? 'data-invalid' : 'event-invalid'
  if (mayBeLarge && bytesOf(JSON.stringify(wire), maxRecordBytes) > maxRecordBytes) return 'too-large'
  const page = pageID === null ? null : (pages?.get(pageID) ?? null)
  const event: Event = {
    eventID,
    eventType: toEventType(eventName),
    eventName,
    category: textOr(wire.category, ''),
    timestamp,
    writer,
    seq: seq as number,
    url: textOr(wire.url, ''),
    data: data as JsonObject | null,
    visitID: visit.visitID,
    sessionID: session?.sessionID ?? null,
    pageID,
  }
  return { event: wire.activity === false ? { ...event, activity: false } : event, visit, session, page }
}

// Everything is counted before anything is made of it, because a short body can hold many small things.
function checkSize(visits: readonly Json[], sessions: readonly Json[], chars: number): void {
  const maxRows = Math.min(maxBodyRows, freeBodyRows + Math.floor(chars / charsPerRow))
  let records = 0
  let rows = visits.length + sessions.length
  checkRows(rows, maxRows)
  for (const wire of [...visits, ...sessions]) {
    const events = listOf(wire, 'events').length
    records += events
    rows += events + listOf(wire, 'pages').length
  }
  if (records > maxBodyRecords)
    throw new BatchError('too-many-records', `${records} records; at most ${maxBodyRecords} in one request`)
  checkRows(rows, maxRows)
  for (const wire of visits) checkRows((rows += countEntries(wire)), maxRows)
}

function checkRows(rows: number, maxRows: number): void {
  if (rows > maxRows)
    throw new BatchError(
      'too-many-records',
      `too many visits, sessions, pages, events and writers; at most ${maxRows} in this request`,
    )
}

function listOf(wire: Json, name: string): Json[] {
  const list = isObject(wire) ? wire[name] : undefined
  if (list === undefined || list === null) return []
  if (!Array.isArray(list)) throw new BatchError('malformed', `${name} is not a list`)
  return list as Json[]
}
