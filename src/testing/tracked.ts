import { type Event, type Fact, inOrder } from '../record/event.js'
import { foldBy, joinPage, joinSession } from '../record/merge.js'
import { type Page, pageOf } from '../record/page.js'
import { type Session, sessionOf } from '../record/session.js'

/** What was recorded, as matchers see it. */
export interface Tracked {
  readonly events: readonly Event[]
  readonly sessions: readonly Session[]
  readonly pages: readonly Page[]
  /** What else explains a failure; may be empty. */
  readonly note?: string
  /** The same with what a tracker under test still owes to the collector; left out if it owes nothing. */
  readonly coming?: Tracked
}

/** Where matchers find what was recorded. Several copies of this module share it. */
const symbol = Symbol.for('sojourn.tracked')

/** Lets matchers take this object, and what is made of its members, such as the tracker that `checkEvents` gives. */
export function markTracked(object: object, read: () => Tracked | Promise<Tracked>): void {
  Object.defineProperty(object, symbol, { value: read, enumerable: true })
}

/** Reads what was recorded. `undefined`: the object is neither a tracker under test nor a collector for tests. */
export function readTracked(object: unknown): Tracked | Promise<Tracked> | undefined {
  const read = (object as Partial<Record<symbol, () => Tracked | Promise<Tracked>>> | null | undefined)?.[symbol]
  return read && read()
}

/** Folds records into events, sessions and pages, in order. @param more what is known of sessions beside that. */
export function fold(facts: readonly Fact[], more: readonly Session[] = []): Tracked {
  return {
    events: facts.map(({ event }) => event).sort(inOrder),
    sessions: foldBy([...facts.map(sessionOf), ...more], one => one.sessionID, joinSession).sort(byStart),
    pages: foldBy(facts.map(pageOf), one => one.pageID, joinPage).sort(byStart),
  }
}

function byStart(a: { startDate: number }, b: { startDate: number }): number {
  return a.startDate - b.startDate
}
