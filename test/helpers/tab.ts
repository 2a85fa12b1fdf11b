import type { NewCall } from '../../src/record/call.js'
import type { Event, Fact } from '../../src/record/event.js'
import { toFact } from '../../src/record/event.js'
import { idleLimitMs, sessionLimitMs } from '../../src/record/limits.js'
import type { OpenState } from '../../src/record/open-state.js'
import { eventsOf, type Run } from '../../src/record/parcel.js'
import { createWriter, type Writer, type WriterParts } from '../../src/record/writer.js'
import { start } from './clock.js'
import { timedIds } from './ids.js'

/** A page load with a writer of its own; times are ms since `start`. */
export interface Tab {
  readonly writer: Writer
  readonly kept: Run[]
  facts(): Fact[]
  events(): Event[]
  /** What was recorded, one short line for each record: `SignIn +5 anna`. */
  said(): string[]
  page(at: number, url?: string): Tab
  /** Corrects the page that is open. */
  view(at: number, title: string, url?: string): Tab
  track(at: number, name: string, data?: string): Tab
  signIn(at: number, identityId: string, data?: string, proof?: string): Tab
  signOut(at: number): Tab
  exit(at: number): Tab
  input(at: number): Tab
  look(at: number): Tab
  userInfo(at: number, data: string): Tab
  adopt(state: OpenState | undefined): Tab
}

export function tabWith(parts: Partial<WriterParts> = {}): Tab {
  const kept: Run[] = []
  const writer = createWriter({
    makeId: timedIds(),
    keep: record => kept.push(record),
    idleLimitMs,
    sessionLimitMs,
    sample: 1,
    anonymous: true,
    languageCode: 'de',
    userAgent: 'a browser',
    ...parts,
  })
  const facts = (): Fact[] => kept.flatMap(factsOf)
  function call(at: number, made: NewCall, data = ''): Tab {
    writer.bind({ ...made, id: writer.nextId(), at: start + at, data })
    return tab
  }
  const tab: Tab = {
    writer,
    kept,
    facts,
    events: () => facts().map(fact => fact.event),
    said: () => facts().map(toLine),
    page: (at, url = 'https://shop.example/') =>
      call(at, { verb: 'page', view: { url, title: 'A shop', referrer: '', category: '' } }),
    view: (at, title, url = 'https://shop.example/') =>
      call(at, { verb: 'view', view: { url, title, referrer: '', category: '' } }),
    track: (at, name, data) => call(at, { verb: 'track', name }, data),
    signIn: (at, identityId, data, proof) => call(at, { verb: 'signIn', identityId, proof }, data),
    userInfo: (at, data) => call(at, { verb: 'userInfo' }, data),
    signOut: at => call(at, { verb: 'signOut' }),
    exit: at => call(at, { verb: 'exit' }),
    input: at => call(at, { verb: 'input' }),
    look: at => call(at, { verb: 'look' }),
    adopt(state) {
      writer.adopt(state)
      return tab
    },
  }
  return tab
}

/** The records of a run, whole again. */
export function factsOf(run: Run): Fact[] {
  const [visit, session, page] = run
  return eventsOf(run).map(event => toFact({ visit, session, page, event }))
}

/** The names of the events in those runs, in order. */
export function namesOf(runs: readonly Run[]): string[] {
  return runs.flatMap(factsOf).map(({ event }) => event.eventName)
}

function toLine({ event, session }: Fact): string {
  const reason = typeof event.data?.reason === 'string' ? ` ${event.data.reason}` : ''
  return `${event.eventName} +${event.timestamp - start}${session ? ` ${session.identityId}` : ''}${reason}`
}

/** So many records of one page load, in one visit; signed in unless `identityId` is empty. */
export function recordsWith(
  count: number,
  {
    identityId = 'anna',
    data = '',
    makeId = timedIds(),
  }: { identityId?: string; data?: string; makeId?: () => string } = {},
): Run[] {
  const tab = tabWith({ makeId })
  if (identityId) tab.signIn(0, identityId)
  else tab.page(0)
  for (let i = 0; i < count; i++) tab.track(i, `Event${i}`, data)
  return tab.kept.slice(-count)
}
