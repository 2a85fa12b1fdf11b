import { maxPageSize, maxPeriodDays, maxSteps, minSteps, periodDays, rankedRows } from '../limits.js'

/** A parameter of a read: what it means, and which values it accepts. `/openapi.json` publishes it as it stands. */
export interface Parameter {
  readonly description: string
  readonly schema:
    | { readonly type: 'boolean' }
    | { readonly type: 'integer'; readonly minimum: number; readonly maximum: number }
    | { readonly type: 'string'; readonly enum?: readonly string[] }
    /** A time: a number, or a date. */
    | {
        readonly type: readonly ['integer', 'string']
        readonly minimum: number
        readonly maximum: number
        readonly format: 'date'
      }
    /** A parameter that is given several times. */
    | {
        readonly type: 'array'
        readonly items: { readonly type: 'string'; readonly pattern: string }
        readonly minItems: number
        readonly maxItems: number
      }
}

const text = (description: string): Parameter => ({ description, schema: { type: 'string' } })
const time = (description: string) =>
  ({
    description,
    schema: { type: ['integer', 'string'], minimum: 0, maximum: Number.MAX_SAFE_INTEGER, format: 'date' },
  }) as const
const seconds = (description: string) =>
  ({ description, schema: { type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER } }) as const
const ids = (of: string): Parameter => ({ description: `Adds the ids of the ${of}.`, schema: { type: 'boolean' } })
const items = (of: string): Parameter => ({
  description: `Adds the ${of} themselves. Needs \`include_${of}=true\`.`,
  schema: { type: 'boolean' },
})

/**
 * Every parameter of the reads. `parameters.ts` takes the accepted values from here, and the document of the interface
 * is made of it, so that both always say the same.
 */
export const parameterTable = {
  age: {
    description: 'Seconds. Leaves out items that began, or happened, longer ago.',
    schema: { type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER },
  },
  since: time(
    `Leaves out what was earlier. Unix epoch in ms, or a date of UTC such as \`2026-11-01\`. Numbers count whole days: the last ${periodDays} if it is left out, at most ${maxPeriodDays}.`,
  ),
  until: time(
    "Leaves out what was later. Unix epoch in ms, or a date of UTC, which is inside as a whole. If left out, that is the collector's time. Numbers count each day that began before it.",
  ),
  order: {
    description: 'Whether the newest or greatest items come first (`desc`, if left out), or the oldest or least.',
    schema: { type: 'string', enum: ['desc', 'asc'] },
  },
  automated: {
    description:
      'Whether items of automated browsers are left out (`exclude`, if left out), given too, or given alone. A browser is automated if it says so, or if its user agent is that of a known program.',
    schema: { type: 'string', enum: ['exclude', 'include', 'only'] },
  },
  open: {
    description: 'Sessions that are open, or those that have ended.',
    schema: { type: 'string', enum: ['true', 'false'] },
  },
  endReason: text('Sessions that ended for this reason.'),
  page_size: {
    description: `Items on one page of the list. ${maxPageSize} if left out.`,
    schema: { type: 'integer', minimum: 1, maximum: maxPageSize },
  },
  paging_next: text('The cursor that the page before has given. It is opaque.'),
  include_events: ids('events'),
  include_events_detail: items('events'),
  include_pages: ids('pages'),
  include_pages_detail: items('pages'),
  include_sessions: ids('sessions'),
  include_sessions_detail: items('sessions'),
  include_visits: ids('visits'),
  include_visits_detail: items('visits'),
  eventName: text('Events with this name. Of summaries: sessions with such an event.'),
  eventType: { description: 'Events of this type.', schema: { type: 'string', enum: ['SYSTEM', 'BUSINESS'] } },
  category: text('Items of this category. An item may have several. `all categories` is no filter.'),
  url: text(
    'Items with this URL. Of summaries: sessions with a page at this address, in which query and fragment do not count.',
  ),
  title: text('Pages with this title.'),
  identityId: text('What belongs to this identity.'),
  globalVisitID: text('Visits of this browser.'),
  location: text('Identities with this location. An empty one matches nothing.'),
  userAgent: text('Items with this user agent. An empty one matches no identity.'),
  collector: text(
    'The address under which pages reach the collector, such as `https://shop.example/stats`. If left out, that of the request.',
  ),
  plugins: text('The plugins that the tag starts, such as `clicks,vitals`. If left out, none.'),
  pinned: {
    description: 'Whether the tag has the hash of the script (SRI). Its address then gives the same bytes for ever.',
    schema: { type: 'boolean' },
  },
  association: {
    description: 'Identities that are signed in, or that were.',
    schema: { type: 'string', enum: ['Authenticated', 'Recognized'] },
  },
  minDuration: seconds('Sessions of at least so many seconds, from the start to the end or the last activity.'),
  maxDuration: seconds('Sessions of at most so many seconds.'),
  complete: {
    description: 'Sessions of visits of which all records have arrived, as far as the browser has told, or the others.',
    schema: { type: 'string', enum: ['true', 'false'] },
  },
  sort: {
    description: 'What sessions are ordered by. The start if left out.',
    schema: { type: 'string', enum: ['start', 'duration', 'lastActivity', 'pages', 'events'] },
  },
  of: {
    description: 'What is ranked. `pages` if left out.',
    schema: { type: 'string', enum: ['pages', 'entries', 'exits', 'referrers', 'events'] },
  },
  by: {
    description: 'What the order is made by: how often, or, of pages alone, for how long. `count` if left out.',
    schema: { type: 'string', enum: ['count', 'activeMs'] },
  },
  limit: {
    description: `Rows of a ranking. ${rankedRows} if left out.`,
    schema: { type: 'integer', minimum: 1, maximum: maxPageSize },
  },
  property: text('The name of a property of the data of events.'),
  step: {
    description: `A step of a funnel: \`event:\` and the name of an event, or \`page:\` and the address of a page. It is given ${minSteps} to ${maxSteps} times.`,
    schema: {
      type: 'array',
      items: { type: 'string', pattern: '^(event|page):.' },
      minItems: minSteps,
      maxItems: maxSteps,
    },
  },
} as const satisfies Readonly<Record<string, Parameter>>

/** The name of a parameter. */
export type ParameterName = keyof typeof parameterTable

/** The parameters that every list accepts. */
export const rangeNames = ['age', 'page_size', 'paging_next'] as const satisfies readonly ParameterName[]

/** The further parameters of lists of a whole site. */
export const timeNames = ['since', 'until', 'order', 'automated'] as const satisfies readonly ParameterName[]

/** The filters of each list. */
export const filterNames = {
  events: ['eventName', 'eventType', 'category', 'url'],
  pages: ['url', 'title', 'category'],
  sessionsOfVisit: ['identityId'],
  sessionsOfIdentity: [],
  visits: ['globalVisitID', 'userAgent'],
  identities: ['location', 'userAgent'],
  allVisits: ['globalVisitID', 'userAgent', 'identityId'],
  allSessions: ['identityId'],
  allEvents: ['eventName', 'eventType', 'category', 'url', 'identityId'],
} as const satisfies Readonly<Record<string, readonly ParameterName[]>>

/** What a resource may include. */
export type Includable = 'events' | 'pages' | 'sessions' | 'visits'

/** The parameters that include these. */
export function inclusionNames(...includable: readonly Includable[]): ParameterName[] {
  return includable.flatMap(name => [`include_${name}`, `include_${name}_detail`] as const)
}
