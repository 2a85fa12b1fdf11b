import type { Batch } from 'sojourn/record'
import { maxKeyBytes } from '../store/keys.js'
import { maxEventProperties, maxKeyChars, maxValueChars } from '../store/numbers-limits.js'

// What a row of `store/numbers-tables.ts` has beside its site and its texts, in bytes, with what a digest remembers of it.
const ownBytes = { visit: 44, day: 22, total: 68, value: 56, word: 20, visitor: 32, session: 200, mark: 46 }

const dayMs = 86_400_000

/**
 * Estimates how many bytes the numbers of a site take of a batch, before pages of a database are half full: the digests of
 * its visits, and totals that no other batch has.
 *
 * @param isClose whether equal values of properties are counted once. That takes longer.
 */
export function toCountedBytes({ visits, sessions, pages, facts }: Batch, site: number, isClose: boolean): number {
  const known = new Set<string>()
  let bytes = 0

  function isNew(...key: readonly (string | number)[]): boolean {
    const text = key.join('\0')
    if (known.has(text)) return false
    known.add(text)
    return true
  }
  const addDay = (counter: string, time: number): void => {
    if (isNew(counter, toDay(time))) bytes += site + ownBytes.day
  }
  /** A text that is counted: by day and by block of days, and its word. */
  function addTotal(dim: string, time: number, text: string, most: number): void {
    if (!isNew(dim, toDay(time), text)) return
    bytes += 2 * site + ownBytes.total
    if (isNew('word', text)) bytes += site + ownBytes.word + bytesOf(text, most)
  }
  function addMark(session: string, name: string): void {
    if (isNew('mark', session, name)) bytes += site + ownBytes.mark
  }

  for (const { visitID, startDate } of visits) {
    // It is marked as changed, and has a digest.
    bytes += 2 * (site + sizeOf(visitID)) + ownBytes.visit
    addDay('visits', startDate)
    addDay('visitors', startDate)
  }
  const places = new Map<string, { first: number; last: number }>()
  for (const { visitID, page } of pages) {
    const { startDate, url, referrer, sessionID } = page
    const key = toKey(url)
    addDay('pages', startDate)
    addTotal('page', startDate, key, maxKeyChars)
    if (sessionID !== null) addMark(`${visitID} ${sessionID}`, key)
    const known = places.get(visitID)
    // Only the first and the last page of a visit are an entry and an exit. Their visit may be of another day.
    if (!known || startDate < known.first) {
      bytes += 2 * site + ownBytes.total
      if (referrer) addTotal('referrer', startDate, toKey(referrer), maxKeyChars)
    }
    if (!known || startDate >= known.last) bytes += 2 * site + ownBytes.total
    places.set(visitID, {
      first: Math.min(known?.first ?? startDate, startDate),
      last: Math.max(known?.last ?? startDate, startDate),
    })
  }
  for (const { visitID, sessionID, identityId, startDate } of sessions) {
    if (isClose && !isNew('session', visitID, sessionID)) continue
    const [visit, session, identity] = [sizeOf(visitID), sizeOf(sessionID), sizeOf(identityId)]
    // The list, five indexes for its orders, and one by identity.
    bytes += 8 * site + visit + session + 2 * identity + ownBytes.session + ownBytes.visitor
    addDay('sessions', startDate)
    addDay('durations', startDate)
  }
  for (const { event, session, page } of facts) {
    const { eventName, timestamp, data, eventType } = event
    if (session) {
      const within = `${event.visitID} ${session.sessionID}`
      if (eventType === 'BUSINESS') addMark(within, eventName)
      if (page && page.sessionID !== session.sessionID) addMark(within, toKey(page.url))
    }
    if (eventType !== 'BUSINESS') continue
    addDay('events', timestamp)
    addTotal('event', timestamp, eventName, maxKeyChars)
    if (data) addProperties(eventName, timestamp, data)
  }
  return bytes

  function addProperties(eventName: string, timestamp: number, data: object): void {
    let count = 0
    for (const [name, value] of Object.entries(data) as [string, unknown][]) {
      if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') continue
      if (count++ === maxEventProperties) return
      // How many texts of properties a site has is limited (`maxSiteWords`), so that only their totals grow.
      const property = `${eventName}\0${name.slice(0, maxValueChars)}`
      if (isNew('property', toDay(timestamp), property)) bytes += 2 * site + ownBytes.value
      const text = typeof value === 'string' ? value.slice(0, maxValueChars) : String(value)
      if (!isClose || isNew('value', toDay(timestamp), property, text)) bytes += 2 * site + ownBytes.value
    }
  }
}

function toDay(time: number): number {
  return Math.floor(time / dayMs)
}

function toKey(url: string): string {
  const end = url.search(/[?#]/)
  return end < 0 ? url : url.slice(0, end)
}

function bytesOf(text: string, most: number): number {
  return Buffer.byteLength(text.length > most ? text.slice(0, most) : text)
}

function sizeOf(id: string): number {
  return Math.min(Buffer.byteLength(id), maxKeyBytes + 1)
}
