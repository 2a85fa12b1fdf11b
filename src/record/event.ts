import type { PageBirth, SessionBirth, VisitBirth } from './birth.js'

/**
 * The data of an event, as the collector keeps it. A verb takes any object, and `toJson` says how its values are written.
 */
export type JsonObject = { readonly [name: string]: unknown }

/** What an event means for its session, page and identity. */
export interface EventMeaning {
  /** The event ends its session. */
  readonly endsSession?: true
  /** The event ends its page. */
  readonly endsPage?: true
  /** The data of the event holds traits of the identity. */
  readonly tellsIdentity?: true
}

/**
 * The system events: those of GWE, and `SessionEnded` for a session that ended without a sign-out. Every other name is
 * a business event. Browser and collector both use this table.
 */
export const eventMeanings: Readonly<Record<string, EventMeaning>> = {
  VisitStarted: {},
  PageEntered: {},
  PageExited: { endsPage: true },
  SignIn: { tellsIdentity: true },
  SignOut: { endsSession: true },
  UserInfo: { tellsIdentity: true },
  SessionEnded: { endsSession: true },
}

/** The names of the system events. */
export const systemEvents: readonly string[] = Object.keys(eventMeanings)

/** What an event with this name means; `{}` for a business event. */
export function meaningOf(eventName: string): EventMeaning {
  return (systemEvents.indexOf(eventName) < 0 ? undefined : eventMeanings[eventName]) || {}
}

/** The type of an event with this name. */
export function toEventType(eventName: string): 'SYSTEM' | 'BUSINESS' {
  return systemEvents.indexOf(eventName) < 0 ? 'BUSINESS' : 'SYSTEM'
}

/** Something that happened. It is the only kind of record. It never changes, and the browser makes its id once. */
export interface Event {
  readonly eventID: string
  readonly eventType: 'SYSTEM' | 'BUSINESS'
  readonly eventName: string
  /** `;`-separated, as in GWE; empty if none. */
  readonly category: string
  /** Browser clock, Unix epoch, ms. It is never corrected later. */
  readonly timestamp: number
  /** The writer (one page load) that made the event. Events are ordered by timestamp, writer and seq. */
  readonly writer: string
  /** The number of the event within its writer. */
  readonly seq: number
  readonly url: string
  readonly data: JsonObject | null
  readonly visitID: string
  /** `null` if nobody was signed in, as far as the tab knew. */
  readonly sessionID: string | null
  readonly pageID: string | null
  /** `false`: the event shows no activity of a person, as a heartbeat does not. It keeps nothing open. */
  readonly activity?: false
}

/**
 * The activity that an event shows, Unix epoch, ms: its time. An event that is no activity shows only that what it
 * stands in has started.
 */
export function activityOf({ activity, timestamp }: Event, startDate: number): number {
  return activity === false ? startDate : timestamp
}

/** An event with the birth facts of its visit, session and page. A fold needs nothing else. */
export interface Fact {
  readonly event: Event
  readonly visit: VisitBirth
  readonly session: SessionBirth | null
  readonly page: PageBirth | null
}

/**
 * The UTF-8 length of a text, in bytes. If the text cannot be longer than `limit`, the result is its length in
 * characters, because that is faster.
 */
export function bytesOf(text: string, limit: number): number {
  return text.length * 3 <= limit ? text.length : new TextEncoder().encode(text).length
}

/**
 * Reads a stored record.
 *
 * @param texts the birth facts and the event as JSON. `session` and `page` are empty if there is none.
 */
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

/**
 * Compares events for `sort()`: by time, then writer, then number. Two events of a writer can share a time, but no
 * number.
 */
export function inOrder(a: Event, b: Event): number {
  return a.timestamp - b.timestamp || (a.writer < b.writer ? -1 : a.writer > b.writer ? 1 : a.seq - b.seq)
}
