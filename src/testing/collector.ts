import type { Event, Fact } from '../record/event.js'
import { foldBy, join } from '../record/merge.js'
import type { Page } from '../record/page.js'
import { BatchError, parseBatch } from '../record/parse.js'
import type { Session } from '../record/session.js'
import { type Visit, visitOf } from '../record/visit.js'
import { fold, markTracked, type Tracked } from './tracked.js'

/**
 * What goes wrong at the collector, until it is told otherwise.
 *
 * - `offline`: nothing arrives.
 * - `busy`: 503, come back in two seconds.
 * - `lost-answer`: everything is stored, and the answer is lost on its way. What is sent again counts once.
 * - `rejects`: 401, as if it did not know the key.
 */
export type CollectorFailure = 'offline' | 'busy' | 'lost-answer' | 'rejects'

/** A collector in memory. It keeps each record once, as every collector does, and answers with the words of the local queries. */
export interface TestCollector {
  /** All events that have arrived, in order; of one session, if it is given. */
  events(sessionID?: string): Event[]
  /** One session; without an id the one that began last. */
  session(sessionID?: string): Session | undefined
  /** All sessions, in order; of one visit, if it is given. */
  sessions(visitID?: string): Session[]
  /** All pages, in order; of one session, if it is given: those entered in it, and those on which something of it happened. */
  pages(sessionID?: string): Page[]
  /** All visits, in order; those in which an identity was signed in, if it is given. */
  visits(identityId?: string): Visit[]
  /** How many requests have arrived, also those that were answered with an error. */
  requests(): number
  /**
   * Fails from now on.
   *
   * @param times how many requests fail. Then everything is well again.
   * @default times Infinity
   * @example
   * collector.fail('offline')
   * tracker.track('Search')
   * expect(await tracker.flush()).toEqual({ stored: 0, owed: 2 })
   * collector.recover()
   * expect(await tracker.flush()).toEqual({ stored: 2, owed: 0 })
   */
  fail(how: CollectorFailure, times?: number): void
  /** Everything is well from now on. */
  recover(): void
  /** Forgets everything that has arrived, and fails no more. */
  clear(): void
  /**
   * Takes the body of a request, for who stands between page and network in a way of their own, such as MSW or Cypress.
   *
   * @param body as text. The tracker zips long ones (`1f 8b` at the head): unzip them before.
   * @returns status and body of the response; `null` if none is to come.
   */
  take(body: string): { readonly status: number; readonly text: string } | null
}

const retryAfter = 2

/** Makes a collector without anything in it. */
export function createTestCollector(): TestCollector {
  return createOwedCollector(() => []).collector
}

/**
 * Makes the collector of a tracker under test.
 *
 * @param owed the records that this tracker owes: those that it has made, without those that have arrived.
 * @returns `begin` forgets also what had arrived before.
 */
export function createOwedCollector(owed: (hasArrived: (eventID: string) => boolean) => readonly Fact[]): {
  readonly collector: TestCollector
  begin(): void
} {
  /** What was answered for, also if it is forgotten since. */
  let arrived = new Set<string>()
  let facts = new Map<string, Fact>()
  let ends: Session[] = []
  let requests = 0
  let failure: CollectorFailure | undefined
  let left = 0

  function keep(text: string): readonly [status: number, reply: object] {
    try {
      const batch = parseBatch(text)
      for (const fact of batch.facts) if (!facts.has(fact.event.eventID)) facts.set(fact.event.eventID, fact)
      ends.push(...batch.sessions)
      const stored = batch.facts.map(({ event }) => event.eventID)
      const refused = batch.refused.map(({ eventID, code }) => [eventID, code] as const)
      for (const eventID of [...stored, ...refused.map(([eventID]) => eventID)]) arrived.add(eventID)
      return [200, { v: 1, stored, refused, gone: [] }]
    } catch (error) {
      if (!(error instanceof BatchError)) throw error
      return [error.status, { v: 1, error: error.code, message: error.message }]
    }
  }

  function answer(body: string): readonly [status: number, reply: object] | null {
    requests++
    const how = left > 0 ? failure : undefined
    left--
    if (how === 'offline') return null
    if (how === 'busy') return [503, { v: 1, error: 'busy', message: 'asked to be busy by fail', retryAfter }]
    if (how === 'rejects') return [401, { v: 1, error: 'wrong-key', message: 'asked to reject by fail' }]
    const reply = keep(body)
    return how ? null : reply
  }

  function tracked(): Tracked {
    return fold([...facts.values()], ends)
  }

  function coming(): { coming?: Tracked } {
    // A test that makes the collector fail knows that nothing arrives.
    const more = left > 0 ? [] : owed(eventID => arrived.has(eventID))
    return more.length ? { coming: fold([...facts.values(), ...more], ends) } : {}
  }

  const collector: TestCollector = {
    events: sessionID => tracked().events.filter(one => sessionID === undefined || one.sessionID === sessionID),
    session: sessionID =>
      [...tracked().sessions].reverse().find(one => sessionID === undefined || one.sessionID === sessionID),
    sessions: visitID => tracked().sessions.filter(one => visitID === undefined || one.visitID === visitID),
    pages(sessionID) {
      const { events, pages } = tracked()
      const theirs = new Set(events.filter(one => one.sessionID === sessionID).map(({ pageID }) => pageID))
      return pages.filter(one => sessionID === undefined || one.sessionID === sessionID || theirs.has(one.pageID))
    },
    visits(identityId) {
      const theirs = new Set(collector.sessions().flatMap(one => (one.identityId === identityId ? one.visitID : [])))
      return foldBy([...facts.values()].map(visitOf), one => one.visitID, join)
        .filter(one => identityId === undefined || theirs.has(one.visitID))
        .sort((a, b) => a.startDate - b.startDate)
    },
    requests: () => requests,
    fail(how, times = Number.POSITIVE_INFINITY) {
      failure = how
      left = times
    },
    recover() {
      left = 0
    },
    clear() {
      facts = new Map()
      ends = []
      requests = left = 0
    },
    take(body) {
      const reply = answer(body)
      return reply && { status: reply[0], text: JSON.stringify(reply[1]) }
    },
  }
  markTracked(collector, () => ({
    ...tracked(),
    ...coming(),
    note: requests ? '' : 'Nothing has arrived. Is it flushed?',
  }))
  return {
    collector,
    begin() {
      arrived = new Set()
      collector.clear()
    },
  }
}
