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
  parameters: ['collector'],
  replies: one('setup', 'The tag with the key, the lines of a Content-Security-Policy, and what has arrived.'),
} as const

/** The routes of the explorer that read one site as it is now, and what the token of the reader allows. */
export const liveTable = {
  token: {
    ...watching,
    path: '/v1/token',
    summary: 'What the token allows. Any token will do, whatever its rights.',
    replies: one('token', 'The name, the sites and the rights of the token.'),
    errors: { ...tokenErrors, 403: ['forwarded', 'unknown-host'] },
  },
  setup: { ...setup, path: '/v1/setup', errors: { ...errors, 400: ['site-needed', 'collector-invalid'] } },
  setupOfSite: {
    ...setup,
    path: '/v1/sites/{site}/setup',
    errors: { ...errorsOfSite, 400: ['collector-invalid'] },
  },
} as const satisfies Readonly<Record<string, Omit<Route, 'name'>>>
