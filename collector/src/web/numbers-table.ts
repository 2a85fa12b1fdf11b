import type { NumbersLookups } from '../query/numbers.js'
import type { ParameterName } from '../query/parameter-table.js'

/** A question about the numbers of a site. */
export interface NumbersRoute {
  /** A name that no other route has. */
  readonly name: string
  /** The path below `/v1`, or below a site. */
  readonly path: string
  readonly find: keyof NumbersLookups
  readonly parameters: readonly ParameterName[]
  /** Those that a request must have. */
  readonly needed: readonly ParameterName[]
  /** The definition of the reply in `numbers.schema.json`. */
  readonly schema: string
  readonly summary: string
}

const period: readonly ParameterName[] = ['since', 'until', 'automated']

/** Every question about the numbers of a site. A new one is an entry here and a function of `NumbersLookups`. */
export const numbersTable: readonly NumbersRoute[] = [
  {
    name: 'days',
    path: '/numbers/days',
    find: 'days',
    parameters: period,
    needed: [],
    schema: 'days',
    summary: 'Visits, visitors, sessions, pages and events of each day.',
  },
  {
    name: 'durations',
    path: '/numbers/durations',
    find: 'durations',
    parameters: period,
    needed: [],
    schema: 'durations',
    summary: 'How many sessions took how long.',
  },
  {
    name: 'ranking',
    path: '/numbers/ranking',
    find: 'ranking',
    parameters: [...period, 'of', 'by', 'limit'],
    needed: [],
    schema: 'ranking',
    summary: 'The most frequent pages, first and last pages, referrers or events.',
  },
  {
    name: 'properties',
    path: '/numbers/properties',
    find: 'properties',
    parameters: [...period, 'eventName'],
    needed: ['eventName'],
    schema: 'properties',
    summary: 'The properties that the data of events with a name has.',
  },
  {
    name: 'values',
    path: '/numbers/values',
    find: 'values',
    parameters: [...period, 'eventName', 'property', 'limit'],
    needed: ['eventName', 'property'],
    schema: 'values',
    summary: 'The most frequent values of a property of the events with a name.',
  },
  {
    name: 'funnel',
    path: '/numbers/funnel',
    find: 'funnel',
    parameters: [...period, 'step'],
    needed: ['step'],
    schema: 'funnel',
    summary: 'How many sessions did the first step, and after it the second, and so on.',
  },
  {
    name: 'summaries',
    path: '/numbers/sessions',
    find: 'summaries',
    parameters: [
      ...(['identityId', 'minDuration', 'maxDuration', 'open', 'endReason', 'complete', 'url', 'eventName'] as const),
      ...(['since', 'until', 'automated', 'sort', 'order', 'age', 'page_size', 'paging_next'] as const),
    ],
    needed: [],
    schema: 'sessions',
    summary: 'Sessions with what happened in them as numbers, in several orders.',
  },
]
