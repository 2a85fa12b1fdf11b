import type { RecordFate } from './known.js'
import { type Event, type Fact, inOrder } from './record/event.js'
import { join, joinPage, joinSession } from './record/merge.js'
import type { OpenState } from './record/open-state.js'
import { type Page, pageOf } from './record/page.js'
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
  /** All records, and what has become of each, in the order in which this page has learnt of them. */
  records(): Promise<readonly RecordFate[]>
}

/** What the questions are asked of. */
export interface QueryParts {
  /** Gives each record that this browser may show once, in any order. The list may grow later. */
  facts(): Promise<readonly RecordFate[]>
  openState(): OpenState
}

/**
 * Makes the questions.
 *
 * @param allowed gives what they are asked of; `null` while recording is not allowed.
 */
export function createQueries(allowed: () => QueryParts | null): Queries {
  const sessionsIn = createFold(sessionOf, one => one.sessionID, joinSession)
  const pagesIn = createFold(pageOf, one => one.pageID, joinPage)
  const visitsIn = createFold(visitOf, one => one.visitID, join)

  async function read(): Promise<readonly RecordFate[]> {
    const parts = allowed()
    return parts ? parts.facts() : []
  }

  return {
    async session(sessionID) {
      const facts = await read()
      const parts = allowed()
      // Only now that the store was read it is known which session is open.
      const open = parts && parts.openState().session
      return sessionsIn(facts).find(one => one.sessionID === (sessionID ?? (open && open.sessionID)))
    },
    async events(sessionID) {
      const facts = (await read()).filter(({ event }) => event.sessionID === sessionID)
      return facts.map(({ event }) => event).sort(inOrder)
    },
    async pages(sessionID) {
      const facts = await read()
      const theirs = new Set(facts.map(({ event }) => event.sessionID === sessionID && event.pageID))
      return pagesIn(facts)
        .filter(one => one.sessionID === sessionID || theirs.has(one.pageID))
        .sort(byStart)
    },
    async sessions(visitID) {
      return sessionsIn(await read())
        .filter(one => one.visitID === visitID)
        .sort(byStart)
    },
    async visits(identityId) {
      const facts = await read()
      const theirs = new Set(
        facts.map(({ session }) => session && session.identityId === identityId && session.visitID),
      )
      return visitsIn(facts)
        .filter(one => theirs.has(one.visitID))
        .sort(byStart)
    },
    records: async () => (await read()).slice(),
  }
}

function byStart(a: { startDate: number }, b: { startDate: number }): number {
  return a.startDate - b.startDate
}

/**
 * Makes a fold: what records say of things of one kind, joined. If it is given the same list again, it goes on where it was,
 * because such a list only grows.
 */
function createFold<T>(of: (fact: Fact) => T | null, id: (one: T) => string, joinTwo: (a: T, b: T) => T) {
  let from: readonly Fact[] | undefined
  let done = 0
  let folded = new Map<string, T>()
  return function (facts: readonly Fact[]): T[] {
    if (facts !== from) {
      from = facts
      done = 0
      folded = new Map()
    }
    for (; done < facts.length; done++) {
      const one = of(facts[done] as Fact)
      if (!one) continue
      const key = id(one)
      const before = folded.get(key)
      folded.set(key, before ? joinTwo(before, one) : one)
    }
    return [...folded.values()]
  }
}
