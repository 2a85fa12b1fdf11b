import type { Event, Fact, KeptRecord } from '../../src/record/event.js'
import { toFact } from '../../src/record/event.js'
import { idleLimitMs } from '../../src/record/limits.js'
import { createWriter, type Presence, type Writer, type WriterParts } from '../../src/record/writer.js'
import { start } from './clock.js'
import { timedIds } from './ids.js'

/** A page load with a writer of its own; times are ms since `start`. */
export interface Tab {
  readonly writer: Writer
  readonly kept: KeptRecord[]
  facts(): Fact[]
  events(): Event[]
  /** What was recorded, one short line a record: `SignIn +5 anna`. */
  said(): string[]
  page(at: number, url?: string): Tab
  track(at: number, name: string, data?: string): Tab
  signIn(at: number, identityId: string, data?: string): Tab
  signOut(at: number): Tab
  exit(at: number): Tab
  input(at: number): Tab
  look(at: number): Tab
  userInfo(at: number, data: string): Tab
  adopt(presence: Presence | undefined): Tab
}

export function tabWith(parts: Partial<WriterParts> = {}): Tab {
  const kept: KeptRecord[] = []
  const writer = createWriter({
    makeId: timedIds(),
    keep: record => kept.push(record),
    idleLimitMs,
    anonymous: true,
    languageCode: 'de',
    userAgent: 'a browser',
    ...parts,
  })
  const facts = (): Fact[] => kept.map(toFact)
  const base = (at: number, data = '') => ({ id: writer.nextId(), at: start + at, data })
  const tab: Tab = {
    writer,
    kept,
    facts,
    events: () => facts().map(fact => fact.event),
    said: () => facts().map(toLine),
    page(at, url = 'https://shop.example/') {
      writer.bind({ ...base(at), verb: 'page', view: { url, title: 'A shop', referrer: '', category: '' } })
      return tab
    },
    track(at, name, data) {
      writer.bind({ ...base(at, data), verb: 'track', name, category: '' })
      return tab
    },
    signIn(at, identityId, data) {
      writer.bind({ ...base(at, data), verb: 'signIn', identityId })
      return tab
    },
    userInfo(at, data) {
      writer.bind({ ...base(at, data), verb: 'userInfo' })
      return tab
    },
    signOut: at => plain('signOut', at),
    exit: at => plain('exit', at),
    input: at => plain('input', at),
    look: at => plain('look', at),
    adopt(presence) {
      writer.adopt(presence)
      return tab
    },
  }
  function plain(verb: 'signOut' | 'exit' | 'input' | 'look', at: number): Tab {
    writer.bind({ ...base(at), verb })
    return tab
  }
  return tab
}

function toLine({ event, session }: Fact): string {
  const reason = typeof event.data?.reason === 'string' ? ` ${event.data.reason}` : ''
  return `${event.eventName} +${event.timestamp - start}${session ? ` ${session.identityId}` : ''}${reason}`
}

/** So many kept records of one page load, in one visit; signed in unless told otherwise. */
export function recordsWith(
  count: number,
  {
    identityId = 'anna',
    data = '',
    makeId = timedIds(),
  }: { identityId?: string; data?: string; makeId?: () => string } = {},
): KeptRecord[] {
  const tab = tabWith({ makeId })
  if (identityId) tab.signIn(0, identityId)
  else tab.page(0)
  for (let i = 0; i < count; i++) tab.track(i, `Event${i}`, data)
  return tab.kept.slice(-count)
}
