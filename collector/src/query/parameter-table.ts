import { maxPageSize } from '../limits.js'

/** A parameter of a read: what it means, and which values it accepts. `/openapi.json` publishes it as it stands. */
export interface Parameter {
  readonly description: string
  readonly schema:
    | { readonly type: 'boolean' }
    | { readonly type: 'integer'; readonly minimum: number; readonly maximum: number }
    | { readonly type: 'string'; readonly enum?: readonly string[] }
}

const text = (description: string): Parameter => ({ description, schema: { type: 'string' } })
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
  since: {
    description: 'Leaves out items of an earlier time. Unix epoch, ms.',
    schema: { type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER },
  },
  until: {
    description: "Leaves out items of a later time. Unix epoch, ms. If left out, that is the collector's time.",
    schema: { type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER },
  },
  order: {
    description: 'Whether the newest items come first (`desc`, if left out) or the oldest.',
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
  eventName: text('Events with this name.'),
  eventType: { description: 'Events of this type.', schema: { type: 'string', enum: ['SYSTEM', 'BUSINESS'] } },
  category: text('Items of this category. An item may have several. `all categories` is no filter.'),
  url: text('Items with this URL.'),
  title: text('Pages with this title.'),
  identityId: text('What belongs to this identity.'),
  globalVisitID: text('Visits of this browser.'),
  location: text('Identities with this location. An empty one matches nothing.'),
  userAgent: text('Items with this user agent. An empty one matches no identity.'),
  association: {
    description: 'Identities that are signed in, or that were.',
    schema: { type: 'string', enum: ['Authenticated', 'Recognized'] },
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
