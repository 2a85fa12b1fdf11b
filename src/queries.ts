import { type Event, type Fact, inOrder } from './record/event.js'
import { foldBy, join, joinSession } from './record/merge.js'
import { type Page, pageOf } from './record/page.js'
import { type Session, sessionOf } from './record/session.js'
import { type Visit, visitOf } from './record/visit.js'

/**
 * The collector's questions, asked of what this browser still holds: all that is owed, and the open session's history.
 * Records of this page are seen at once, those of other tabs, and at first those of
 * earlier pages, within one turn of the segments (`segmentMs`).
 */
export interface Queries {
  /** One session; without an id the open one. `undefined` if this browser holds nothing of it. */
  session(sessionID?: string): Promise<Session | undefined>
  /** Its events, in order. */
  events(sessionID: string): Promise<Event[]>
  /** The pages that were entered in it, in order. */
  pages(sessionID: string): Promise<Page[]>
  /** The sessions of a visit, in order. */
  sessions(visitID: string): Promise<Session[]>
  /** The visits in which that identity was signed in, in order. */
  visits(identityId: string): Promise<Visit[]>
}

/** @param read gives each record that can be had once, in any order. */
export function createQueries(read: () => Promise<Fact[]>, openSessionID: () => string | undefined): Queries {
  const sessionsOf = (facts: Fact[]): Session[] =>
    foldBy(facts.map(sessionOf), one => one.sessionID, joinSession).sort(byStart)
  return {
    async session(sessionID) {
      const sessions = sessionsOf(await read())
      // Which one is open is known once the store was read.
      const wanted = sessionID ?? openSessionID()
      return sessions.find(one => one.sessionID === wanted)
    },
    async events(sessionID) {
      const facts = (await read()).filter(({ event }) => event.sessionID === sessionID)
      return facts.map(({ event }) => event).sort(inOrder)
    },
    async pages(sessionID) {
      const pages = foldBy((await read()).map(pageOf), one => one.pageID, join)
      return pages.filter(one => one.sessionID === sessionID).sort(byStart)
    },
    async sessions(visitID) {
      return sessionsOf(await read()).filter(one => one.visitID === visitID)
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
