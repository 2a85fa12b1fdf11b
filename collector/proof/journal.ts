import { randomUUID } from 'node:crypto'

/** A record as it was made: for ever. */
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

/** What was made and what was acknowledged, by id: what the collector's word is held against. */
export interface Book {
  readonly sessions: ReadonlyMap<string, MadeSession>
  readonly acknowledged: ReadonlySet<string>
  /** Opens a session, in a visit of its own or in one that is there. */
  readonly openSession: (visitID?: string) => MadeSession
  readonly makeRecord: (sessionID: string, eventName: string) => Made
  readonly acknowledge: (eventIDs: readonly string[]) => void
}

const start = 1763985600000

/** Makes an empty book. Ids are never made twice, so several books may be kept in one database. */
export function createBook(): Book {
  const sessions = new Map<string, MadeSession>()
  const acknowledged = new Set<string>()
  return {
    sessions,
    acknowledged,
    openSession(visitID = randomUUID()) {
      const sessionID = randomUUID()
      const startDate = start + sessions.size
      const identityId = `user-${sessions.size % 50}`
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
  }
}

/** The batch with these records, as a browser sends it: whichever they are, their sessions and visits stand in it. */
export function toBatch({ sessions }: Book, records: readonly Made[]): string {
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
