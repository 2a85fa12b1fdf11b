import { json, type Route, type RouteReply, refTo, tokenErrors } from './route.js'

const watching = { method: 'get', tag: 'Watching', access: 'read-token', parameters: [] } as const
const one = (schema: string, description: string): RouteReply[] => [
  { status: 200, description, type: json, schema: refTo(schema) },
]
const failed = { 503: ['store-failed'] } as const
const errors = { ...tokenErrors, 400: ['site-needed'], ...failed } as const
const errorsOfSite = {
  ...tokenErrors,
  403: ['wrong-site', ...tokenErrors[403]],
  404: ['unknown-site'],
  ...failed,
} as const
const setup = {
  ...watching,
  summary: 'What a site needs to send its first record, when it has sent one, and what was refused last.',
  parameters: ['collector', 'plugins', 'pinned'],
  replies: one('setup', 'The tag with the key, the lines of a Content-Security-Policy, and what has arrived.'),
} as const

const setupErrors = ['collector-invalid', 'plugins-invalid', 'pinned-invalid'] as const

const now = {
  ...watching,
  summary:
    'What is happening on a site: who is there, the last hour by the minute, what was refused, the latest events.',
  replies: one('now', 'The present of the site.'),
} as const
const nowStream = {
  ...watching,
  summary: 'The same as a stream of server-sent events: at once, and after each change, at most once in a second.',
  replies: [
    {
      status: 200,
      description: 'Each event has the name `now`. Its data is the JSON that `…/now` gives. It ends if the token ends.',
      type: 'text/event-stream',
      schema: { type: 'string' },
    },
  ],
} as const
const busy = { 503: ['busy'] } as const

/** The routes of the explorer that read one site as it is now, and what the token of the reader allows. */
export const liveTable = {
  token: {
    ...watching,
    path: '/v1/token',
    summary: 'What the token allows. Any token will do, whatever its rights.',
    replies: one('token', 'The name, the sites and the rights of the token.'),
    errors: { ...tokenErrors, 403: ['cross-site', 'forwarded', 'unknown-host'] },
  },
  setup: { ...setup, path: '/v1/setup', errors: { ...errors, 400: ['site-needed', ...setupErrors] } },
  setupOfSite: {
    ...setup,
    path: '/v1/sites/{site}/setup',
    errors: { ...errorsOfSite, 400: setupErrors },
  },
  now: { ...now, path: '/v1/now', errors },
  nowOfSite: { ...now, path: '/v1/sites/{site}/now', errors: errorsOfSite },
  nowStream: { ...nowStream, path: '/v1/now/stream', errors: { ...errors, ...busy } },
  nowStreamOfSite: { ...nowStream, path: '/v1/sites/{site}/now/stream', errors: { ...errorsOfSite, ...busy } },
} as const satisfies Readonly<Record<string, Omit<Route, 'name'>>>
