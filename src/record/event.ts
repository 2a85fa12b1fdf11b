import type { PageBirth, SessionBirth, VisitBirth } from './birth.js'
import { maxDataDepth } from './limits.js'

/** Plain JSON data, as an event takes it: what `JSON.stringify` would drop or flatten (functions, maps, cycles) is refused. */
export type JsonObject = { readonly [name: string]: unknown }

/** Names of system events; every other name is a business event (GWE's own, and `SessionEnded` for ends that nobody signed). */
export const systemEvents: readonly string[] = [
  'VisitStarted',
  'PageEntered',
  'PageExited',
  'SignIn',
  'SignOut',
  'UserInfo',
  'SessionEnded',
]

/** The one kind of record: a thing that happened, immutable, with an id made once in the browser. */
export interface Event {
  readonly eventID: string
  readonly eventType: 'SYSTEM' | 'BUSINESS'
  readonly eventName: string
  /** `;`-separated, as GWE has it; empty if none. */
  readonly category: string
  /** Browser clock, Unix epoch, ms. Never rewritten. */
  readonly timestamp: number
  /** Page load that made it, and its place among the records of that writer; order is (timestamp, writer, seq). */
  readonly writer: string
  readonly seq: number
  readonly url: string
  readonly data: JsonObject | null
  readonly visitID: string
  /** `null`: nobody was signed in, as far as the tab knew. */
  readonly sessionID: string | null
  readonly pageID: string | null
}

/** An event with the birth facts of what it belongs to: all that a fold needs, and all that a batch repeats. */
export interface Fact {
  readonly event: Event
  readonly visit: VisitBirth
  readonly session: SessionBirth | null
  readonly page: PageBirth | null
}

/** A record as the browser keeps it: the very bytes that will be sent, as JSON texts, so that sending is joining strings. */
export interface KeptRecord {
  readonly id: string
  readonly writer: string
  readonly seq: number
  readonly event: string
  readonly visit: string
  /** Empty: none. */
  readonly session: string
  readonly page: string
  /** When it ends its session, Unix epoch, ms; 0 for every other record. */
  readonly ends: number
  /** Where it lies: the store's own note, which never leaves the device. */
  lies?: number
}

/** What a kept record weighs, in characters; what it is measured by against the owed bound. */
export function charsOf(record: KeptRecord): number {
  return record.event.length + record.visit.length + record.session.length + record.page.length
}

/** UTF-8 length of a text, exact; counts only where three bytes a character could pass `limit`. */
export function bytesOf(text: string, limit: number): number {
  return text.length * 3 <= limit ? text.length : new TextEncoder().encode(text).length
}

/** The whole record again, from the bytes that were kept. */
export function toFact(record: KeptRecord): Fact {
  const visit = JSON.parse(record.visit) as VisitBirth
  const session = record.session ? (JSON.parse(record.session) as SessionBirth) : null
  const page = record.page ? (JSON.parse(record.page) as PageBirth) : null
  const event = {
    category: '',
    url: page ? page.url : '',
    data: null,
    pageID: null,
    ...JSON.parse(record.event),
    visitID: visit.visitID,
    sessionID: session && session.sessionID,
  }
  return { visit, session, page, event }
}

/** Order of events: time, then writer, then the writer's own count; clocks repeat, counts do not. */
export function inOrder(a: Event, b: Event): number {
  return a.timestamp - b.timestamp || (a.writer < b.writer ? -1 : a.writer > b.writer ? 1 : a.seq - b.seq)
}

/**
 * Data as it is at the call, as JSON.
 *
 * @throws TypeError for more than `maxDataDepth` levels, cycles, BigInt, functions, symbols, and objects that JSON would silently empty (Map, Set, DOM nodes).
 */
export function toJson(data: unknown): string {
  // First the text, for it throws on a cycle: after that the walk has an end.
  const text = JSON.stringify(data)
  checkPlain(data, 1)
  return text
}

function checkPlain(value: unknown, depth: number): void {
  const kind = typeof value
  if (kind === 'object' && value) {
    if (typeof (value as { toJSON?: unknown }).toJSON === 'function') return
    const name = Object.prototype.toString.call(value)
    if (depth > maxDataDepth || !(name === '[object Object]' || name === '[object Array]'))
      throw new TypeError(`not JSON: ${name}`)
    for (const one of Object.values(value)) checkPlain(one, depth + 1)
  } else if (kind === 'function' || kind === 'symbol') throw new TypeError(`not JSON: ${kind}`)
}
