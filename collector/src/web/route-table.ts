import type { Context } from 'hono'
import { fileTable } from './file-table.js'
import { liveTable } from './live-table.js'
import { type App, type AppEnv, json, type Route, refTo, toHonoPath, tokenErrors } from './route.js'

const plain = { method: 'get', tag: 'Operating', access: 'nothing', parameters: [] } as const

const ofPerson = { tag: 'Rights of persons', access: 'read-token', parameters: [] } as const
const short = '/v1/identities/{identityId}'
const ofSite = '/v1/sites/{site}/identities/{identityId}'
const personErrors = { ...tokenErrors, 400: ['site-needed', 'identityId-invalid'], 503: ['store-failed'] } as const
const personErrorsOfSite = {
  ...personErrors,
  400: ['identityId-invalid'],
  403: ['wrong-site', ...tokenErrors[403]],
} as const
const count = { type: 'integer', minimum: 0 }
const erasing = {
  ...ofPerson,
  method: 'delete',
  summary: 'Erases a person everywhere. Late and repeated records are answered as gone. It needs the right `erase`.',
  replies: [
    {
      status: 200,
      description: 'The person is erased, whether or not anything was stored. `erased` says how much was removed.',
      type: json,
      schema: {
        type: 'object',
        required: ['v', 'site', 'erasedAt', 'erased'],
        properties: {
          v: { const: 1 },
          site: { type: 'string' },
          erasedAt: { type: 'integer' },
          erased: {
            type: 'object',
            required: ['sessions', 'events', 'visits'],
            properties: { sessions: count, events: count, visits: count },
          },
        },
      },
    },
  ],
} as const
const exporting = {
  ...ofPerson,
  method: 'get',
  summary: 'Gives everything that is stored of one person. It needs the right `export`.',
  replies: [
    {
      status: 200,
      description: 'The identity, all that was said of it, and its visits with sessions, events and pages.',
      type: json,
      schema: {
        type: 'object',
        required: ['v', 'site', 'exportedAt', 'identity', 'traits', 'visits'],
        properties: {
          v: { const: 1 },
          site: { type: 'string' },
          exportedAt: { type: 'integer' },
          identity: { type: ['object', 'null'] },
          traits: {
            type: 'array',
            items: { type: 'object', required: ['trait', 'value', 'sourceID', 'at', 'receivedAt'] },
          },
          visits: { type: 'array', items: { type: 'object', required: ['visit', 'sessions', 'events', 'pages'] } },
        },
      },
    },
  ],
} as const

/** Every route that is no read. A new one is one entry here, and its handler in `collector.ts`. */
export const routeTable = {
  sendBatch: {
    method: 'post',
    path: '/v1/sessions',
    tag: 'Sending',
    summary: 'Stores a batch. 200 means that its records are on disk, and the answer names each of them.',
    access: 'write-key',
    parameters: [],
    body: 'batch',
    replies: [{ status: 200, description: 'What became of each record.', type: json, schema: refTo('answer') }],
    errors: {
      400: ['malformed', 'unknown-version'],
      401: ['wrong-key'],
      403: ['unknown-origin'],
      408: ['too-slow'],
      413: ['too-large', 'too-many-records'],
      429: ['over-quota'],
      503: ['store-failed', 'busy', 'disk-full'],
    },
  },
  preflight: {
    method: 'options',
    path: '/v1/sessions',
    tag: 'Sending',
    summary: 'The preflight of a page that may send.',
    access: 'nothing',
    parameters: [],
    replies: [
      {
        status: 204,
        description: 'The page may send.',
        headers: { 'Access-Control-Allow-Origin': 'The origin of the page.' },
      },
    ],
    errors: { 403: ['unknown-origin'] },
  },
  eraseIdentity: { ...erasing, path: short, errors: personErrors },
  eraseIdentityOfSite: { ...erasing, path: ofSite, errors: { ...personErrorsOfSite, 404: ['unknown-site'] } },
  exportIdentity: {
    ...exporting,
    path: `${short}/export`,
    errors: { ...personErrors, 404: ['not-found'], 503: ['store-failed', 'busy'] },
  },
  exportIdentityOfSite: {
    ...exporting,
    path: `${ofSite}/export`,
    errors: { ...personErrorsOfSite, 404: ['not-found', 'unknown-site'], 503: ['store-failed', 'busy'] },
  },
  ...liveTable,
  ...fileTable,
  health: {
    ...plain,
    path: '/healthz',
    summary: 'Whether the process of the collector lives. It does not depend on the database.',
    replies: [
      {
        status: 200,
        description: 'It does.',
        type: json,
        schema: {
          type: 'object',
          required: ['v', 'status'],
          properties: { v: { const: 1 }, status: { const: 'ok' } },
        },
      },
    ],
    errors: {},
  },
  ready: {
    ...plain,
    path: '/readyz',
    summary:
      'Whether the collector should get requests. It should not while it stops or cannot write. It answers within a second.',
    replies: [
      {
        status: 200,
        description: 'It should.',
        type: json,
        schema: {
          type: 'object',
          required: ['v', 'status'],
          properties: { v: { const: 1 }, status: { const: 'ready' } },
        },
      },
    ],
    errors: { 503: ['store-failed', 'starting', 'stopping'] },
  },
  metrics: {
    ...plain,
    access: 'read-token',
    path: '/metrics',
    summary: 'Measures of the collector, in the format of Prometheus. The token needs the right `metrics`.',
    replies: [{ status: 200, description: 'The measures.', type: 'text/plain', schema: { type: 'string' } }],
    errors: tokenErrors,
  },
} as const satisfies Readonly<Record<string, Omit<Route, 'name'>>>

/** Registers a route of the table, which says its method and its path. */
export function addRoute(
  app: App,
  name: keyof typeof routeTable,
  handle: (c: Context<AppEnv>) => Response | Promise<Response>,
): void {
  const { method, path } = routeTable[name]
  app.on(method.toUpperCase(), toHonoPath(path), handle)
}
