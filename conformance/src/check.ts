import type { CaseFile } from './cases.js'
import type { JsonObject } from './json.js'
import type { Wire } from './wire.js'

/** What a check needs in addition to a collector that takes batches. */
export type Need = 'reads' | 'origin' | 'read-token'

/** What a check can use. */
export interface Context {
  readonly wire: Wire
  /** An origin whose pages may send; `null` if none is known. */
  readonly origin: string | null
  readonly readToken: string | null
  /** Whether the URL names this machine. Such a collector may go without keys and a read token. */
  readonly isLoopback: boolean
  /** Whether checks may read what they have sent. */
  readonly hasReads: boolean
  readonly cases: readonly CaseFile[]
  /** Makes an id that no other run has made. It begins with `word`. */
  readonly makeId: (word: string) => string
}

/** One promise of the protocol. */
export interface Check {
  readonly name: string
  /** The promise in one sentence. */
  readonly promise: string
  /** The anchor of its section in `docs/protocol.md`. */
  readonly section: 'sending' | 'joining' | 'the-answer' | 'asking'
  readonly needs: readonly Need[]
  /** Rejects with a `Failure`, or with `NotChecked` if this collector does not allow the check. */
  readonly run: (context: Context) => Promise<void>
}

/** A visit with one session, under new ids, and functions that make batches for them. */
export interface Site {
  readonly visitID: string
  readonly sessionID: string
  readonly identityId: string
  readonly browserID: string
  readonly writer: string
  readonly startDate: number
  /** Makes an event on the wire. `more` overrides its simple default fields. */
  readonly event: (more?: JsonObject) => JsonObject & { readonly eventID: string }
  /** Makes a batch with the session and these events. */
  readonly batch: (events: readonly JsonObject[], session?: JsonObject, visit?: JsonObject) => JsonObject
}

/** A time in the past, 2025-11-23. A visit of that time goes on if `sentAt` is shortly after it. Unix epoch, ms. */
export const longAgo = 1_763_900_000_000

/** Makes a site whose visit began at `startDate`. Unix epoch, ms. */
export function makeSite({ makeId }: Pick<Context, 'makeId'>, startDate = longAgo): Site {
  const [visitID, sessionID, identityId] = [makeId('visit'), makeId('session'), `${makeId('identity')}@example.org`]
  const [browserID, writer] = [makeId('browser'), makeId('writer')]
  let seq = 0
  return {
    visitID,
    sessionID,
    identityId,
    browserID,
    writer,
    startDate,
    event: (more = {}) => {
      const event = { eventID: makeId('event'), eventName: 'Search', timestamp: startDate, writer, seq: ++seq }
      return { ...event, ...more }
    },
    batch: (events, session = {}, visit = {}) => ({
      v: 1,
      sentAt: startDate + 60_000,
      lib: 'sojourn-conformance',
      visits: [
        { visitID, globalVisitID: browserID, startDate, languageCode: 'en', userAgent: 'conformance', ...visit },
      ],
      sessions: [{ sessionID, identityId, visitID, startDate, endDate: 0, events: [...events], ...session }],
    }),
  }
}

/** Returns the ids of events. */
export function idsOf(events: readonly { readonly eventID: string }[]): string[] {
  return events.map(({ eventID }) => eventID)
}
