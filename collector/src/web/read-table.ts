import type { Found, FoundList, Lookup } from '../query/found.js'
import type { Lookups } from '../query/lookups.js'
import {
  filterNames,
  type Includable,
  inclusionNames,
  type ParameterName,
  rangeNames,
  timeNames,
} from '../query/parameter-table.js'

/** The name of a kind of item. */
export type Kind = keyof Found

/** A read of `docs/protocol.md`. */
export interface ReadRoute {
  /** The path below the base of a reply format. A name in braces stands for an id. */
  readonly path: string
  readonly find: keyof Lookups
  readonly item: Kind
  readonly isList: boolean
  readonly parameters: readonly ParameterName[]
  readonly summary: string
}

/** The lookups that find `F`. */
type NamesOf<F> = { [N in keyof Lookups]: Lookups[N] extends Lookup<F> ? N : never }[keyof Lookups]

const page = inclusionNames('events')
const session = inclusionNames('events', 'pages')
const visit = inclusionNames('events', 'pages', 'sessions')
const identity = inclusionNames(...(['events', 'pages', 'sessions', 'visits'] satisfies Includable[]))
const pages = [...filterNames.pages, ...page]

/**
 * Every read, once. The routes of both formats are registered from this table, and `/openapi.json` is made from it. A
 * new read is one line here and a function of `Lookups`.
 */
export const readTable: readonly ReadRoute[] = [
  one('/sessions/{sessionID}', 'session', 'session', session, 'A session.'),
  list('/sessions/{sessionID}/events', 'eventsOfSession', 'event', filterNames.events, 'The events of a session.'),
  list(
    '/sessions/{sessionID}/pages',
    'pagesOfSession',
    'page',
    pages,
    'The pages that were entered in a session, and those on which something of it happened.',
  ),
  one('/visits/{visitID}', 'visit', 'visit', visit, 'A visit.'),
  list(
    '/visits/{visitID}/sessions',
    'sessionsOfVisit',
    'session',
    [...filterNames.sessionsOfVisit, ...session],
    'The sessions of a visit.',
  ),
  list('/visits/{visitID}/events', 'eventsOfVisit', 'event', filterNames.events, 'The events of a visit.'),
  list('/visits/{visitID}/pages', 'pagesOfVisit', 'page', pages, 'The pages of a visit.'),
  list(
    '/visits/{visitID}/identities',
    'identitiesOfVisit',
    'identity',
    ['association', ...identity],
    'The identities that were signed in during a visit.',
  ),
  list('/identities', 'identities', 'identity', [...filterNames.identities, ...identity], 'All identities.'),
  one('/identities/{identityId}', 'identity', 'identity', identity, 'An identity.'),
  list(
    '/identities/{identityId}/visits',
    'visitsOfIdentity',
    'visit',
    [...filterNames.visits, ...visit],
    'The visits of an identity.',
  ),
  list(
    '/identities/{identityId}/sessions',
    'sessionsOfIdentity',
    'session',
    [...filterNames.sessionsOfIdentity, ...session],
    'The sessions of an identity.',
  ),
  list(
    '/identities/{identityId}/events',
    'eventsOfIdentity',
    'event',
    filterNames.events,
    "The events of an identity's sessions.",
  ),
  list('/identities/{identityId}/pages', 'pagesOfIdentity', 'page', pages, "The pages of an identity's sessions."),
  list(
    '/visits',
    'visits',
    'visit',
    [...filterNames.allVisits, ...timeNames, ...visit],
    'All visits, also those of visitors who never signed in, the newest first.',
  ),
  list(
    '/sessions',
    'sessions',
    'session',
    [...filterNames.allSessions, 'open', 'endReason', ...timeNames, ...session],
    'All sessions, the newest first.',
  ),
  list(
    '/events',
    'events',
    'event',
    [...filterNames.allEvents, ...timeNames],
    'All events in the order of their receipt, the newest first. `since`, `until` and `age` mean the time of receipt.',
  ),
  list('/pages/{pageID}/events', 'eventsOfPage', 'event', filterNames.events, 'The events of a page.'),
]

function one<K extends Kind>(
  path: string,
  find: NamesOf<Found[K]>,
  item: K,
  parameters: readonly ParameterName[],
  summary: string,
): ReadRoute {
  return { path, find, item, isList: false, parameters, summary }
}

function list<K extends Kind>(
  path: string,
  find: NamesOf<FoundList<Found[K]>>,
  item: K,
  parameters: readonly ParameterName[],
  summary: string,
): ReadRoute {
  return { path, find, item, isList: true, parameters: [...parameters, ...rangeNames], summary }
}
