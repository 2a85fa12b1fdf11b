import { randomUUID } from 'node:crypto'

/** A record as it was made. It never changes. */
export interface Made {
  readonly eventID: string
  readonly eventName: string
  readonly timestamp: number
  readonly writer: string
  readonly seq: number
  readonly data: { readonly text: string }
  readonly sessionID: string
}

interface MadeSession {
  readonly sessionID: string
  readonly identityId: string
  readonly visitID: string
  readonly startDate: number
  readonly writer: string
  readonly records: Made[]
}

/** All records that were made, and the ids that were acknowledged. The proofs compare them with the collector. */
export interface Journal {
  readonly sessions: ReadonlyMap<string, MadeSession>
  readonly acknowledged: ReadonlySet<string>
  /** The ids that an answer named as gone. */
  readonly gone: ReadonlySet<string>
  /** The identities that were erased. Nothing of their sessions may be stored. */
  readonly erased: ReadonlySet<string>
  /** Opens a session in this visit, or in a new one. */
  readonly openSession: (visitID?: string) => MadeSession
  readonly makeRecord: (sessionID: string, eventName: string) => Made
  readonly acknowledge: (eventIDs: readonly string[]) => void
  readonly noteGone: (eventIDs: readonly string[]) => void
  /** Notes that an erasure was confirmed. */
  readonly erase: (identityId: string) => void
}

const start = 1763985600000

/**
 * Makes an empty journal. Its ids are random, so that several journals can share one database.
 *
 * @param persons the number of identities, `user-0` and so on. Sessions get them in turn.
 */
export function createJournal(persons = 50): Journal {
  const sessions = new Map<string, MadeSession>()
  const [acknowledged, gone, erased] = [new Set<string>(), new Set<string>(), new Set<string>()]
  return {
    sessions,
    acknowledged,
    gone,
    erased,
    openSession(visitID = randomUUID()) {
      const sessionID = randomUUID()
      const startDate = start + sessions.size
      const identityId = `user-${sessions.size % persons}`
      const session = { sessionID, identityId, visitID, startDate, writer: randomUUID(), records: [] }
      sessions.set(sessionID, session)
      return session
    },
    makeRecord(sessionID, eventName) {
      const { records, startDate, writer } = sessions.get(sessionID) as MadeSession
      const seq = records.length + 1
      const made = {
        eventID: randomUUID(),
        eventName,
        timestamp: startDate + seq * 10,
        writer,
        seq,
        data: { text: `${eventName} ${seq} `.repeat(1 + (seq % 8)) },
        sessionID,
      }
      records.push(made)
      return made
    },
    acknowledge(eventIDs) {
      for (const eventID of eventIDs) acknowledged.add(eventID)
    },
    noteGone(eventIDs) {
      for (const eventID of eventIDs) gone.add(eventID)
    },
    erase: identityId => void erased.add(identityId),
  }
}

/** Makes the batch with these records as a browser sends it, with their sessions and visits. */
export function toBatch({ sessions }: Journal, records: readonly Made[]): string {
  const parts = [...Map.groupBy(records, ({ sessionID }) => sessionID)].map(([sessionID, some]) => {
    const { records: all, writer, ...facts } = sessions.get(sessionID) as MadeSession
    return { facts, written: { [writer]: all.length }, events: some.map(made => ({ ...made, sessionID: undefined })) }
  })
  const visits = [...Map.groupBy(parts, ({ facts }) => facts.visitID)].map(([visitID, some]) => ({
    visitID,
    globalVisitID: 'browser-1',
    startDate: start,
    written: Object.assign({}, ...some.map(({ written }) => written)),
  }))
  return JSON.stringify({
    v: 1,
    sentAt: Date.now(),
    visits,
    sessions: parts.map(({ facts, events }) => ({ ...facts, events, pages: [] })),
  })
}
