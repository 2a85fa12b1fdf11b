import { type Event, type Fact, inOrder, toFact } from './record/event.js'
import { foldBy, join, joinPage, joinSession } from './record/merge.js'
import type { OpenState } from './record/open-state.js'
import { type Page, pageOf } from './record/page.js'
import { eventsOf, idOf, parseParcel, splitProof } from './record/parcel.js'
import { type Session, sessionOf } from './record/session.js'
import { type Visit, visitOf } from './record/visit.js'

/**
 * The collector's questions, asked of what this browser holds: what is owed, and the history of the open session. They
 * answer for the open session, for other sessions of the identity that is signed in, and for what was done while nobody was
 * signed in. What is owed of anybody else is not shown, because the next person at this device must not see it.
 */
export interface Queries {
  /** One session; without an id the open one. `undefined` if this browser may show nothing of it. */
  session(sessionID?: string): Promise<Session | undefined>
  /** The events of that session, in order. */
  events(sessionID: string): Promise<Event[]>
  /** The pages of that session, in order: those entered in it, and those on which something of it happened. */
  pages(sessionID: string): Promise<Page[]>
  /** The sessions of a visit, in order. */
  sessions(visitID: string): Promise<Session[]>
  /** The visits in which that identity was signed in, in order. */
  visits(identityId: string): Promise<Visit[]>
}

/** What the questions are asked of. */
export interface QueryParts {
  /** Gives each record that this browser may show once, in any order. */
  facts(): Promise<Fact[]>
  openState(): OpenState
}

/**
 * Makes the questions.
 *
 * @param allowed gives what they are asked of; `null` while recording is not allowed.
 */
export function createQueries(allowed: () => QueryParts | null): Queries {
  async function read(): Promise<Fact[]> {
    const parts = allowed()
    return parts ? parts.facts() : []
  }

  async function sessionsWhere(isWanted: (session: Session) => boolean): Promise<Session[]> {
    const all = foldBy((await read()).map(sessionOf), one => one.sessionID, joinSession)
    return all.filter(isWanted).sort(byStart)
  }

  return {
    async session(sessionID) {
      const [session] = await sessionsWhere(function (one) {
        const parts = allowed()
        // Only now that the store was read it is known which session is open.
        const open = parts && parts.openState().session
        return one.sessionID === (sessionID ?? (open && open.sessionID))
      })
      return session
    },
    async events(sessionID) {
      const facts = (await read()).filter(({ event }) => event.sessionID === sessionID)
      return facts.map(({ event }) => event).sort(inOrder)
    },
    async pages(sessionID) {
      const facts = await read()
      const theirs = new Set(facts.map(({ event }) => event.sessionID === sessionID && event.pageID))
      return foldBy(facts.map(pageOf), one => one.pageID, joinPage)
        .filter(one => one.sessionID === sessionID || theirs.has(one.pageID))
        .sort(byStart)
    },
    async sessions(visitID) {
      return sessionsWhere(one => one.visitID === visitID)
    },
    async visits(identityId) {
      const facts = await read()
      const theirs = new Set(
        facts.map(({ session }) => session && session.identityId === identityId && session.visitID),
      )
      return foldBy(facts.map(visitOf), one => one.visitID, join)
        .filter(one => theirs.has(one.visitID))
        .sort(byStart)
    },
  }
}

function byStart(a: { startDate: number }, b: { startDate: number }): number {
  return a.startDate - b.startDate
}

/** The records in these texts of parcels, each once, as far as they may be shown while that state is open. */
export function readFacts(texts: readonly unknown[], { session: open }: OpenState): Fact[] {
  const facts = new Map<string, Fact>()
  for (const text of texts) {
    const parsed = parseParcel(text)
    for (const run of parsed ? parsed.runs : [])
      for (const event of eventsOf(run)) {
        const id = idOf(event)
        if (facts.has(id)) continue
        const fact = toFact({ visit: run[0], session: splitProof(run[1])[0], page: run[2], event })
        if (!fact.session || (open && fact.session.identityId === open.identityId)) facts.set(id, fact)
      }
  }
  return [...facts.values()]
}
