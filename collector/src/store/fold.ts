import {
  activityOf,
  type Event,
  type EventMeaning,
  type Fact,
  meaningOf,
  type Session,
  toEndReason,
  toTrait,
  type VisitBirth,
} from 'sojourn/record'
import { toReceiptTime } from './clock.js'
import { toKey, toLong } from './keys.js'
import { type Receipt, toPageRow, toVisitRow } from './rows.js'
import type { Arrival } from './store.js'
import { joinRows, type Row, type Table, type TableName, tables } from './tables.js'

/** The rows of one visit, each by its key within the visit. */
type VisitFold = Readonly<Record<Exclude<TableName, 'identities' | 'traits'>, Map<string, Row>>> & {
  readonly key: string
}

const [visits, sessions, pages, sessionPages, events, writers, refused, identities, traits] = tables as [
  Table,
  Table,
  Table,
  Table,
  Table,
  Table,
  Table,
  Table,
  Table,
]
const placeOf = (table: Table, name: string): number => table.columns.indexOf(name)
const visitPlace = { lastActivity: placeOf(visits, 'lastActivity'), lead: placeOf(visits, 'lead') }
const sessionPlace = {
  endDate: placeOf(sessions, 'endDate'),
  lastActivity: placeOf(sessions, 'lastActivity'),
  lastEventAt: placeOf(sessions, 'lastEventAt'),
  lead: placeOf(sessions, 'lead'),
  endReasonAt: placeOf(sessions, 'endReasonAt'),
}
const pagePlace = {
  endDate: placeOf(pages, 'endDate'),
  lastActivity: placeOf(pages, 'lastActivity'),
  lead: placeOf(pages, 'lead'),
}

/**
 * Folds arrivals into the rows that they add up to: one list for each of `tables`, each key once. Their order, split and
 * repetition do not matter.
 *
 * @param keyOf makes the key of a visit, session or identity. The default shortens long ids.
 */
export function foldArrivals(arrivals: readonly Arrival[], keyOf: (id: string) => string = toKey): Row[][] {
  const folds = new Map<string, VisitFold>()
  const people = { identities: new Map<string, Row>(), traits: new Map<string, Row>() }

  // Nearly all of a batch is of one visit.
  let last: { readonly site: string; readonly visitID: string; readonly fold: VisitFold } | null = null

  function foldOf(site: string, visitID: string): VisitFold {
    if (last && last.visitID === visitID && last.site === site) return last.fold
    const key = `${site}\0${visitID}`
    const fold = folds.get(key) ?? makeVisitFold(keyOf(visitID))
    folds.set(key, fold)
    last = { site, visitID, fold }
    return fold
  }

  function addSession(receipt: Receipt, session: Session, visit: VisitBirth | undefined): void {
    const { site, receivedAt, skew } = receipt
    const { sessionID, identityId, startDate, endDate, lastActivity } = session
    const fold = foldOf(site, session.visitID)
    const [sessionKey, identityKey] = [keyOf(sessionID), keyOf(identityId)]
    const longIdentityId = toLong(identityId, identityKey)
    const lead = Math.max(startDate, endDate) - receivedAt
    const longSessionID = toLong(sessionID, sessionKey)
    const key = [site, fold.key, sessionKey]
    const facts = [receivedAt, identityKey, longIdentityId, startDate]
    const claims = [endDate, lastActivity, 0, lead, startDate, 0, '']
    add(fold.sessions, sessions, sessionKey, [...key, startDate, ...facts, ...claims, longSessionID])
    const person = [site, identityKey]
    const personKey = person.join('\0')
    add(people.identities, identities, personKey, [...person, receivedAt, startDate, sessionID, longIdentityId])
    const userAgent = toTrait(visit?.userAgent)
    if (!userAgent) return
    const at = toReceiptTime(startDate, receivedAt, skew)
    addTrait(person, 'userAgent', fold.key, [receivedAt, at, userAgent])
  }

  function addTrait(person: readonly string[], trait: string, sourceID: string, value: Row): void {
    add(people.traits, traits, [...person, trait, sourceID].join('\0'), [...person, trait, sourceID, ...value])
  }

  /** Of a sign-in or `UserInfo`: what is known of the person. */
  function addTold({ event, session }: Fact, { site, receivedAt, skew }: Receipt): void {
    if (!session || !event.data) return
    const at = toReceiptTime(event.timestamp, receivedAt, skew)
    for (const trait of ['name', 'location']) {
      const value = toTrait(event.data[trait])
      if (value) addTrait([site, keyOf(session.identityId)], trait, event.eventID, [receivedAt, at, value])
    }
  }

  function addFacts(facts: readonly Fact[], receipt: Receipt): void {
    const { site, receivedAt } = receipt
    let place: Place | null = null
    for (const fact of facts) {
      const { event, visit, session, page } = fact
      if (!place || place.visit !== visit || place.session !== session || place.page !== page) {
        const fold = foldOf(site, visit.visitID)
        const sessionKey: string | null = session && keyOf(session.sessionID)
        place = {
          visit,
          session,
          page,
          fold,
          sessionKey,
          visitRow: fold.visits.get('') as Row,
          sessionRow: (sessionKey !== null && fold.sessions.get(sessionKey)) || null,
          pageRow: (page && fold.pages.get(page.pageID)) ?? null,
        }
      }
      const meaning = meaningOf(event.eventName)
      addEvent(event, meaning, place, site, receivedAt)
      if (meaning.tellsIdentity) addTold(fact, receipt)
    }
  }

  for (const { site, receivedAt, batch } of arrivals) {
    const receipt = { site, receivedAt, skew: batch.sentAt === null ? null : receivedAt - batch.sentAt }
    const births = new Map<string, VisitBirth>()
    for (const visit of batch.visits) {
      births.set(visit.visitID, visit)
      const fold = foldOf(site, visit.visitID)
      add(fold.visits, visits, '', toVisitRow(visit, fold.key, receipt))
    }
    for (const session of batch.sessions) addSession(receipt, session, births.get(session.visitID))
    for (const { page, visitID } of batch.pages) {
      const fold = foldOf(site, visitID)
      add(fold.pages, pages, page.pageID, toPageRow(page, fold.key, receipt, keyOf))
    }
    addFacts(batch.facts, receipt)
    for (const { visitID, writer, written, dropped } of batch.counts) {
      const fold = foldOf(site, visitID)
      add(fold.writers, writers, writer, [site, fold.key, writer, written, dropped])
    }
    for (const { visitID, eventID, code } of batch.refused) {
      // A refused record without an id cannot be stored, because the id is its key. Of one without a visit, nothing is counted, and nothing
      // would ever remove it. Only the answer contains them.
      if (!eventID || visitID === null) continue
      const fold = foldOf(site, visitID)
      add(fold.refused, refused, `${eventID}\0${code}`, [site, fold.key, eventID, code])
    }
  }
  return tables.map(({ name }) =>
    name === 'identities' || name === 'traits'
      ? [...people[name].values()]
      : [...folds.values()].flatMap(fold => [...fold[name as keyof typeof fold & TableName].values()]),
  )
}

/** Where consecutive facts stand, and its rows. */
interface Place extends Pick<Fact, 'visit' | 'session' | 'page'> {
  readonly fold: VisitFold
  readonly sessionKey: string | null
  readonly visitRow: Row
  readonly sessionRow: Row | null
  readonly pageRow: Row | null
}

// Rows of visits, sessions and pages are changed in place: joining a row for each event would cost more than parsing it.
function addEvent(event: Event, meaning: EventMeaning, place: Place, site: string, receivedAt: number): void {
  const { fold, sessionKey, visit, visitRow, session, sessionRow, page, pageRow } = place
  const { eventID, eventType, eventName, category, timestamp, writer, seq, url, data, pageID } = event
  add(fold.events, events, eventID, [
    site,
    fold.key,
    eventID,
    receivedAt,
    writer,
    seq,
    eventName,
    category,
    url,
    pageID,
    sessionKey,
    data && JSON.stringify(data),
    event.activity === false ? 0 : 1,
    eventType,
    timestamp,
  ])
  const lead = timestamp - receivedAt
  raise(visitRow, visitPlace.lastActivity, activityOf(event, visit.startDate))
  raise(visitRow, visitPlace.lead, lead)
  if (session && sessionRow) {
    raise(sessionRow, sessionPlace.lastActivity, activityOf(event, session.startDate))
    raise(sessionRow, sessionPlace.lastEventAt, timestamp)
    raise(sessionRow, sessionPlace.lead, lead)
    if (meaning.endsSession) addEnd(sessionRow, Math.max(session.startDate, timestamp), timestamp, toEndReason(event))
    if (pageID !== null && page?.sessionID !== session.sessionID)
      add(fold.session_pages, sessionPages, `${sessionKey}\0${pageID}`, [site, fold.key, sessionKey, pageID])
  }
  if (page && pageRow) {
    raise(pageRow, pagePlace.lastActivity, activityOf(event, page.startDate))
    raise(pageRow, pagePlace.lead, lead)
    if (meaning.endsPage) raise(pageRow, pagePlace.endDate, timestamp)
  }
}

function addEnd(row: Row, endDate: number, at: number, reason: string): void {
  raise(row, sessionPlace.endDate, endDate)
  const told = [...row]
  told[sessionPlace.endReasonAt] = at
  told[sessionPlace.endReasonAt + 1] = reason
  const joined = joinRows(sessions, row, told)
  for (const place of sessions.last) row[place] = joined[place] as string | number
}

function raise(row: Row, place: number, value: number): void {
  if (value > (row[place] as number)) row[place] = value
}

function makeVisitFold(key: string): VisitFold {
  return {
    key,
    visits: new Map(),
    sessions: new Map(),
    pages: new Map(),
    session_pages: new Map(),
    events: new Map(),
    writers: new Map(),
    refused: new Map(),
  }
}

function add(rows: Map<string, Row>, table: Table, key: string, row: Row): void {
  const before = rows.get(key)
  rows.set(key, before ? joinRows(table, before, row) : row)
}
