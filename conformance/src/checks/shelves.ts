import { type House, longAgo, makeSite, type Site } from '../check.js'
import { mustBe } from '../expect.js'
import type { Json } from '../json.js'

/** Below which reads are answered: in our JSON, and in GWE's. */
export const bases = ['/v1', '/backend/data'] as const

export type Base = (typeof bases)[number]

/** A list with some items in it, their ids in order, and what makes more of them, some before and some after those. */
export interface Shelf {
  readonly path: string
  readonly ids: readonly string[]
  /** What an item calls its id, below each of the bases. */
  readonly idName: Readonly<Record<Base, string>>
  readonly add: () => Promise<void>
}

/** Sends batches, each of which must be taken. */
export async function mustTake(house: House, ...batches: readonly Json[]): Promise<void> {
  for (const batch of batches) mustBe(await house.wire.send(batch), 200)
}

/** Every list that pages, with seven items or more; several of one time, so that the time alone does not order them. */
export async function fillShelves(house: House): Promise<readonly Shelf[]> {
  const site = makeSite(house)
  const { identityId, visitID, sessionID } = site
  const seven = [0, 1, 1, 1, 2, 3, 3].map(n => longAgo + 1000 * n)
  const later = [longAgo, longAgo + 1000, longAgo + 9000]
  const pageID = house.makeId('page')
  const event = (timestamp: number): ReturnType<Site['event']> => site.event({ timestamp, pageID })
  const page = (startDate: number) => ({ pageID: house.makeId('page'), startDate, url: 'https://shop.example/' })
  const session = (startDate: number) => ({ sessionID: house.makeId('session'), identityId, visitID, startDate })
  const visit = (startDate: number) => {
    const other = makeSite(house, startDate)
    const first = other.event()
    return { ...other, first, sent: other.batch([first], { identityId }) }
  }
  const [events, sessions, visits] = [seven.map(event), seven.slice(1).map(session), seven.slice(1).map(visit)]
  const pages = [{ ...page(longAgo), pageID }, ...seven.slice(1).map(page)]
  await mustTake(house, site.batch(events, { pages }), { v: 1, sessions }, ...visits.map(({ sent }) => sent))

  const add = {
    events: () => mustTake(house, site.batch(later.map(event), { pages: pages.slice(0, 1) })),
    pages: () => mustTake(house, site.batch([], { pages: later.map(page) })),
    sessions: () => mustTake(house, { v: 1, sessions: later.map(session) }),
    visits: () => mustTake(house, ...later.map(one => visit(one).sent)),
  }
  const shelf = (path: string, what: keyof typeof add, ids: readonly string[]): Shelf => {
    const own = `${what.slice(0, -1)}ID`
    const idName = { '/v1': own, '/backend/data': what === 'events' ? own : own.replace('ID', 'Id') }
    return { path, ids, idName, add: add[what] }
  }
  const [inEvents, inPages] = [toOrder(events, ['timestamp', 'writer', 'seq']), toOrder(pages, ['startDate', 'pageID'])]
  const ofSessions = [site, ...sessions]
  const person = `/identities/${encodeURIComponent(identityId)}`
  const all = [...events, ...visits.map(({ first }) => first)]
  return [
    shelf(`/sessions/${sessionID}/events`, 'events', inEvents),
    shelf(`/sessions/${sessionID}/pages`, 'pages', inPages),
    shelf(`/visits/${visitID}/sessions`, 'sessions', toOrder(ofSessions, ['startDate', 'sessionID'])),
    shelf(`/visits/${visitID}/events`, 'events', inEvents),
    shelf(`/visits/${visitID}/pages`, 'pages', inPages),
    shelf(`/pages/${pageID}/events`, 'events', inEvents),
    shelf(`${person}/visits`, 'visits', toOrder([site, ...visits], ['startDate', 'visitID'])),
    shelf(`${person}/sessions`, 'sessions', toOrder([...ofSessions, ...visits], ['startDate', 'sessionID'])),
    shelf(`${person}/events`, 'events', toOrder(all, ['timestamp', 'writer', 'seq'])),
    shelf(`${person}/pages`, 'pages', inPages),
  ]
}

/** The ids of items in the order of these fields; the last of them, or `eventID`, is the id. */
function toOrder(items: readonly object[], fields: readonly string[]): string[] {
  const of = (item: object, name: string): string | number => (item as Record<string, string | number>)[name] ?? ''
  const compare = (a: object, b: object): number => {
    const name = fields.find(one => of(a, one) !== of(b, one))
    return name === undefined ? 0 : of(a, name) < of(b, name) ? -1 : 1
  }
  const id = fields.includes('seq') ? 'eventID' : (fields.at(-1) as string)
  return items.toSorted(compare).map(item => String(of(item, id)))
}
