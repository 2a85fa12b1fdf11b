import { type Batch, meaningOf, toTrait } from 'sojourn/record'
import { maxCopiedShare, requestBytes } from '../limits.js'
import { maxKeyBytes } from '../store/keys.js'

/** What a row has beside its texts, in bytes, less the names of the fields that its record has on the wire. */
const ownBytes = { visit: 60, session: -40, page: 40, event: -50, writer: 10, refused: 10, trait: 30 }

/**
 * Whether a batch would make a store grow by more than four times its bytes. A record on the wire may be far shorter
 * than its rows: it does not repeat the ids of its visit and session, which stand in every row and index, and the user
 * agent of one visit is a trait of each identity that signs in during it.
 *
 * The rows are not made for this. Their sizes are estimated, and a test compares the estimate with what SQLite stores. What is
 * counted of a batch is not weighed, because the numbers have limits of their own.
 *
 * @param bytes of the body, unzipped.
 */
export function isTooHeavy(batch: Batch, bytes: number, site: string): boolean {
  const most = maxCopiedShare * (bytes + requestBytes)
  // Few batches are looked at so closely.
  if (toCopied(batch, site.length) + mostGrownBytes * countLong(batch) <= most) return false
  // What a batch has twice is stored once.
  const once = toOnce(batch)
  return toCopied(once, site.length) + toGrown(once, bytes) > most
}

/** A number may be 17 bytes longer in a row than on the wire, as `1e20` is, and four times as much if its row takes a page of its own. */
const mostGrownBytes = 4 * 17

/** How many numbers of the data of a batch may be longer in a row. */
function countLong({ facts }: Batch): number {
  let count = 0
  const look = (value: unknown): void => {
    if (typeof value === 'number') {
      const size = Math.abs(value)
      if (size >= 1000 || (size < 0.001 && size > 0)) count++
    } else if (typeof value === 'object' && value !== null) {
      for (const one of Object.values(value)) look(one)
    }
  }
  for (const { event } of facts) look(event.data)
  return count
}

/**
 * The bytes that the data of a batch takes more than the body. It is 0 unless the data alone is longer than the body, which only a forger
 * makes, because a browser writes numbers as they are stored.
 */
function toGrown({ facts }: Batch, bytes: number): number {
  let size = 0
  let stored = 0
  for (const { event } of facts) {
    const own = event.data ? Buffer.byteLength(JSON.stringify(event.data)) : 0
    size += own
    stored += own > spilledAbove ? Math.max(own, spilledBytes) : own
  }
  // Twice, because pages are filled badly with such rows, and no honest sender is kept out by it.
  return size > bytes ? 2 * (stored - bytes) : 0
}

/** A row with so much data may be longer than a quarter of a page. Then it takes a page of its own, and so many bytes of those that are weighed. */
const spilledAbove = 600
const spilledBytes = 3460

/** The batch with each visit, session and event once. */
function toOnce(batch: Batch): Batch {
  const once = <T>(items: readonly T[], idOf: (item: T) => string): T[] => [
    ...new Map(items.map(item => [idOf(item), item])).values(),
  ]
  return {
    ...batch,
    visits: once(batch.visits, one => one.visitID),
    sessions: once(batch.sessions, one => `${one.visitID}\0${one.sessionID}`),
    facts: once(batch.facts, ({ event }) => `${event.visitID}\0${event.eventID}`),
  }
}

/** The bytes that rows and indexes have more than the body, before pages of a database are half full. */
function toCopied({ visits, sessions, pages, facts, counts, refused }: Batch, site: number): number {
  const sizes = new Map<string, number>()
  const sizeOf = (id: string | null): number => {
    if (id === null) return 0
    const known = sizes.get(id)
    if (known !== undefined) return known
    const size = Math.min(Buffer.byteLength(id), maxKeyBytes + 1)
    sizes.set(id, size)
    return size
  }
  const toTraitBytes = (identity: number, source: number, value: string): number =>
    3 * (site + identity + source) + 2 * Buffer.byteLength(value) + ownBytes.trait

  let copied = 0
  const agents = new Map<string, string>()
  for (const { visitID, userAgent, globalVisitID } of visits) {
    // A table, an index for each of: its time, its receipt, its browser; and the visit waits to be counted.
    copied += 5 * (site + sizeOf(visitID)) + globalVisitID.length + ownBytes.visit
    if (userAgent) agents.set(visitID, toTrait(userAgent))
  }
  const told = new Set<string>()
  for (const { visitID, sessionID, identityId } of sessions) {
    const [visit, session, identity] = [sizeOf(visitID), sizeOf(sessionID), sizeOf(identityId)]
    // Two tables and their indexes, one of them in the order of time. A long id stands beside its key, and the first session of an identity in an index.
    const longs = (session > maxKeyBytes ? 2 * sessionID.length : 0) + (identity > maxKeyBytes ? identityId.length : 0)
    copied += 6 * site + 4 * (visit + session) + 3 * identity + longs + ownBytes.session
    const agent = agents.get(visitID)
    const pair = `${visitID}\0${identityId}`
    if (!agent || told.has(pair)) continue
    told.add(pair)
    copied += toTraitBytes(identity, visit, agent)
  }
  const seen = new Set<string>()
  for (const { page, visitID } of pages) {
    // Each session of a visit may repeat the page that was open.
    const place = `${visitID}\0${page.pageID}`
    if (seen.has(place)) continue
    seen.add(place)
    const view = page.viewedAt ? page.url.length + page.title.length : 0
    // A table, and an index by id and one by time.
    copied += 3 * (site + sizeOf(visitID)) + sizeOf(page.sessionID) + 2 * page.pageID.length + view + ownBytes.page
  }
  const happened = new Set<string>()
  for (const { event, session, page } of facts) {
    const { eventID, eventName, pageID, data } = event
    const [visit, inSession] = [sizeOf(event.visitID), sizeOf(event.sessionID)]
    // A table, and an index by time and one by receipt.
    copied += 3 * (site + visit) + 2 * eventID.length + inSession + ownBytes.event
    if (session && pageID !== null && page?.sessionID !== session.sessionID) {
      const pair = `${session.sessionID}\0${pageID}`
      if (!happened.has(pair)) copied += site + visit + inSession + pageID.length
      happened.add(pair)
    }
    if (!session || !data || !meaningOf(eventName).tellsIdentity) continue
    for (const value of [toTrait(data.name), toTrait(data.location)])
      if (value) copied += toTraitBytes(sizeOf(session.identityId), eventID.length, value)
  }
  for (const { visitID } of counts) copied += site + sizeOf(visitID) + ownBytes.writer
  for (const { visitID } of refused) copied += site + sizeOf(visitID) + ownBytes.refused
  return copied
}
