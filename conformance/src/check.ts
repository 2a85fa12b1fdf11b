import type { CaseFile } from './cases.js'
import type { JsonObject } from './json.js'
import type { Wire } from './wire.js'

/** What a check needs beside a collector that takes batches: reads, an allowed origin, a read token. */
export type Need = 'reads' | 'origin' | 'read-token'

/** What a check is given. */
export interface House {
  readonly wire: Wire
  /** An origin whose pages may send; `null`: none is known. */
  readonly origin: string | null
  readonly readToken: string | null
  /** Whether the collector listens on this machine only, and so may be open. */
  readonly isLoopback: boolean
  /** Whether what was sent may be read again. */
  readonly hasReads: boolean
  readonly cases: readonly CaseFile[]
  /** Makes an id that no other run has made; the word says of what. */
  readonly makeId: (word: string) => string
}

/** One promise of the protocol. */
export interface Check {
  readonly name: string
  /** In one sentence. */
  readonly promise: string
  /** The anchor in `docs/protocol.md` under which it stands. */
  readonly section: 'sending' | 'joining' | 'the-answer' | 'asking'
  readonly needs: readonly Need[]
  /** Rejects with a `Failure`, or with `NotChecked` where the collector gives no occasion. */
  readonly run: (house: House) => Promise<void>
}

/** A visit with one session in it, under fresh ids, and the batches that speak of them. */
export interface Site {
  readonly visitID: string
  readonly sessionID: string
  readonly identityId: string
  readonly browserID: string
  readonly writer: string
  readonly startDate: number
  /** Makes an event on the wire; what is not said is as plain as can be. */
  readonly event: (more?: JsonObject) => JsonObject & { readonly eventID: string }
  /** Makes a batch with the session and these events in it. */
  readonly batch: (events: readonly JsonObject[], session?: JsonObject, visit?: JsonObject) => JsonObject
}

/** A time at which nothing goes on any more, 2025-11-23. Unix epoch, ms. */
export const longAgo = 1_763_900_000_000

/** Makes a site that began at that time. */
export function makeSite({ makeId }: Pick<House, 'makeId'>, startDate = longAgo): Site {
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

/** The ids of events. */
export function idsOf(events: readonly { readonly eventID: string }[]): string[] {
  return events.map(({ eventID }) => eventID)
}
