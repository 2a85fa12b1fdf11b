import type { PageBirth, SessionBirth, VisitBirth } from './birth.js'
import { maxDataDepth } from './limits.js'

/** Plain JSON data of an event. What `JSON.stringify` would drop or flatten (functions, maps, cycles) is refused. */
export type JsonObject = { readonly [name: string]: unknown }

/** What the name of a system event means. */
export interface EventMeaning {
  /** The event ends its session. */
  readonly endsSession?: true
  /** The event ends its page. */
  readonly endsPage?: true
  /** The data of the event tells what is known of the identity. */
  readonly tellsIdentity?: true
}

/**
 * The system events: those of GWE, and `SessionEnded` for the end of a session that nobody signed out of. Every name that
 * does not stand here is a business event. Browser and collector both read this table.
 */
export const eventMeanings: Readonly<Record<string, EventMeaning>> = {
  VisitStarted: {},
  PageEntered: {},
  PageExited: { endsPage: true },
  SignIn: {},
  SignOut: { endsSession: true },
  UserInfo: { tellsIdentity: true },
  SessionEnded: { endsSession: true },
}

/** The names of the system events. */
export const systemEvents: readonly string[] = Object.keys(eventMeanings)

/** What an event of that name means; `{}` for a business event. */
export function meaningOf(eventName: string): EventMeaning {
  return (systemEvents.indexOf(eventName) < 0 ? undefined : eventMeanings[eventName]) || {}
}

/** Whether an event of that name is a system event. */
export function toEventType(eventName: string): 'SYSTEM' | 'BUSINESS' {
  return systemEvents.indexOf(eventName) < 0 ? 'BUSINESS' : 'SYSTEM'
}

/** The one kind of record: something that happened. It never changes, and its id is made once, in the browser. */
export interface Event {
  readonly eventID: string
  readonly eventType: 'SYSTEM' | 'BUSINESS'
  readonly eventName: string
  /** `;`-separated, as in GWE; empty if none. */
  readonly category: string
  /** Browser clock, Unix epoch, ms. Never rewritten. */
  readonly timestamp: number
  /** The writer (one page load) that made the event, and its number within that writer. Order is (timestamp, writer, seq). */
  readonly writer: string
  readonly seq: number
  readonly url: string
  readonly data: JsonObject | null
  readonly visitID: string
  /** `null`: nobody was signed in, as far as the tab knew. */
  readonly sessionID: string | null
  readonly pageID: string | null
}

/** An event with the birth facts of its visit, session and page: all that a fold needs. */
export interface Fact {
  readonly event: Event
  readonly visit: VisitBirth
  readonly session: SessionBirth | null
  readonly page: PageBirth | null
}

/** UTF-8 length of a text, in bytes. It is exact where three bytes a character could pass `limit`, and else the length in characters. */
export function bytesOf(text: string, limit: number): number {
  return text.length * 3 <= limit ? text.length : new TextEncoder().encode(text).length
}

/** Makes the whole record again from its texts: the births, of which `session` and `page` may be empty, and the event. */
export function toFact(texts: { visit: string; session: string; page: string; event: string }): Fact {
  const visit = JSON.parse(texts.visit) as VisitBirth
  const session = texts.session ? (JSON.parse(texts.session) as SessionBirth) : null
  const page = texts.page ? (JSON.parse(texts.page) as PageBirth) : null
  const event = {
    category: '',
    url: page ? page.url : '',
    data: null,
    pageID: null,
    ...JSON.parse(texts.event),
    visitID: visit.visitID,
    sessionID: session && session.sessionID,
  }
  return { visit, session, page, event }
}

/** Order of events: time, then writer, then the number within the writer. Clocks repeat a value, numbers do not. */
export function inOrder(a: Event, b: Event): number {
  return a.timestamp - b.timestamp || (a.writer < b.writer ? -1 : a.writer > b.writer ? 1 : a.seq - b.seq)
}

/**
 * Freezes data at the call, as JSON text.
 *
 * @throws TypeError for more than `maxDataDepth` levels, cycles, BigInt, functions, symbols, and objects that JSON would
 * empty without a word (Map, Set, DOM nodes).
 */
export function toJson(data: unknown): string {
  // The text comes first because it throws on a cycle. After that the walk has an end.
  const text = JSON.stringify(data)
  checkPlain(data, 1)
  return text
}

const { toString } = Object.prototype

function checkPlain(value: unknown, depth: number): void {
  if (typeof value === 'object' && value) {
    if (typeof (value as { toJSON?: unknown }).toJSON === 'function') return
    const name = toString.call(value)
    if (depth > maxDataDepth || !(name === '[object Object]' || name === '[object Array]'))
      throw new TypeError(`not JSON: ${name}`)
    for (const one of Object.keys(value)) checkPlain((value as Record<string, unknown>)[one], depth + 1)
  } else if (typeof value === 'function' || typeof value === 'symbol') throw new TypeError(`not JSON: ${typeof value}`)
}
