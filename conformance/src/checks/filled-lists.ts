import { type Context, longAgo, makeSite, type Site } from '../check.js'
import { mustBe } from '../expect.js'
import type { Json } from '../json.js'

/** The paths under which reads are answered, in our format and in GWE's. */
export const bases = ['/v1', '/backend/data'] as const

export type Base = (typeof bases)[number]

/** A list with stored items: their ids in order, and a function that adds items before and after them. */
export interface FilledList {
  readonly path: string
  readonly ids: readonly string[]
  /** The name of the id of an item, under each of the bases. */
  readonly idName: Readonly<Record<Base, string>>
  readonly add: () => Promise<void>
}

/**
 * Sends batches.
 *
 * @throws (rejects) `Failure` if one is not answered 200.
 */
export async function mustTake(context: Context, ...batches: readonly Json[]): Promise<void> {
  for (const batch of batches) mustBe(await context.wire.send(batch), 200)
}

/**
 * Fills every list with seven items or more. Several have the same time, so that the time alone does not order them.
 */
export async function fillLists(context: Context): Promise<readonly FilledList[]> {
  const site = makeSite(context)
  const { identityId, visitID, sessionID } = site
  const seven = [0, 1, 1, 1, 2, 3, 3].map(n => longAgo + 1000 * n)
  const later = [longAgo, longAgo + 1000, longAgo + 9000]
  const pageID = context.makeId('page')
  const event = (timestamp: number): ReturnType<Site['event']> => site.event({ timestamp, pageID })
  const page = (startDate: number) => ({ pageID: context.makeId('page'), startDate, url: 'https://shop.example/' })
  const session = (startDate: number) => ({ sessionID: context.makeId('session'), identityId, visitID, startDate })
  const visit = (startDate: number) => {
    const other = makeSite(context, startDate)
    const first = other.event()
    return { ...other, first, sent: other.batch([first], { identityId }) }
  }
  const [events, sessions, visits] = [seven.map(event), seven.slice(1).map(session), seven.slice(1).map(visit)]
  const pages = [{ ...page(longAgo), pageID }, ...seven.slice(1).map(page)]
  await mustTake(context, site.batch(events, { pages }), { v: 1, sessions }, ...visits.map(({ sent }) => sent))

  const add = {
    events: () => mustTake(context, site.batch(later.map(event), { pages: pages.slice(0, 1) })),
    pages: () => mustTake(context, site.batch([], { pages: later.map(page) })),
    sessions: () => mustTake(context, { v: 1, sessions: later.map(session) }),
    visits: () => mustTake(context, ...later.map(one => visit(one).sent)),
  }
  const list = (path: string, what: keyof typeof add, ids: readonly string[]): FilledList => {
    const own = `${what.slice(0, -1)}ID`
    const idName = { '/v1': own, '/backend/data': what === 'events' ? own : own.replace('ID', 'Id') }
    return { path, ids, idName, add: add[what] }
  }
  const [inEvents, inPages] = [toOrder(events, ['timestamp', 'writer', 'seq']), toOrder(pages, ['startDate', 'pageID'])]
  const ofSessions = [site, ...sessions]
  const person = `/identities/${encodeURIComponent(identityId)}`
  const all = [...events, ...visits.map(({ first }) => first)]
  return [
    list(`/sessions/${sessionID}/events`, 'events', inEvents),
    list(`/sessions/${sessionID}/pages`, 'pages', inPages),
    list(`/visits/${visitID}/sessions`, 'sessions', toOrder(ofSessions, ['startDate', 'sessionID'])),
    list(`/visits/${visitID}/events`, 'events', inEvents),
    list(`/visits/${visitID}/pages`, 'pages', inPages),
    list(`/pages/${pageID}/events`, 'events', inEvents),
    list(`${person}/visits`, 'visits', toOrder([site, ...visits], ['startDate', 'visitID'])),
    list(`${person}/sessions`, 'sessions', toOrder([...ofSessions, ...visits], ['startDate', 'sessionID'])),
    list(`${person}/events`, 'events', toOrder(all, ['timestamp', 'writer', 'seq'])),
    list(`${person}/pages`, 'pages', inPages),
  ]
}

/**
 * Returns the ids of items in the order of these fields. The id is `eventID` for events, and the last field otherwise.
 */
function toOrder(items: readonly object[], fields: readonly string[]): string[] {
  const of = (item: object, name: string): string | number => (item as Record<string, string | number>)[name] ?? ''
  const compare = (a: object, b: object): number => {
    const name = fields.find(one => of(a, one) !== of(b, one))
    return name === undefined ? 0 : of(a, name) < of(b, name) ? -1 : 1
  }
  const id = fields.includes('seq') ? 'eventID' : (fields.at(-1) as string)
  return items.toSorted(compare).map(item => String(of(item, id)))
}
