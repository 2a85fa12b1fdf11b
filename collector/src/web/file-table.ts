import { json, type Route, type RouteReply, type Schema } from './route.js'

const plain = { method: 'get', tag: 'Operating', access: 'nothing', parameters: [] } as const
const unchanged: RouteReply = {
  status: 304,
  description: 'The copy that the request names in `If-None-Match` is current.',
}
const file = (type: string, description: string, schema: Schema): Pick<Route, 'replies' | 'errors'> => ({
  replies: [{ status: 200, description, type, schema }, unchanged],
  errors: {},
})
const map = (path: string, of: string) => ({
  ...plain,
  path,
  summary: `The source map of the ${of}.`,
  ...file(json, 'The source map.', { type: 'object' }),
})

/** The routes of what everybody may load: scripts for pages, the explorer, the documentation. */
export const fileTable = {
  script: {
    ...plain,
    path: '/sojourn.js',
    summary: 'The browser library as one script.',
    ...file('text/javascript', 'The script.', { type: 'string' }),
  },
  scriptMap: map('/sojourn.js.map', 'script'),
  composedScript: {
    ...plain,
    path: '/sojourn{composition}.js',
    summary:
      'The script with the plugins that the address names, such as `/sojourn.clicks.vitals.js`; the script of one release, whose bytes never change, `/sojourn-0123456789ab.clicks.js`; or plugins as a module, `/sojourn-plugins.clicks.js`.',
    ...file('text/javascript', 'The script.', { type: 'string' }),
    errors: { 404: ['unknown-plugin', 'unknown-release'], 503: ['store-failed'] },
  },
  inspector: {
    ...plain,
    path: '/inspector.js',
    summary: 'The inspector of a page as one script.',
    ...file('text/javascript', 'The script.', { type: 'string' }),
  },
  inspectorMap: map('/inspector.js.map', 'inspector'),
  explorer: {
    ...plain,
    path: '/',
    summary: 'The explorer, as a page for people. What it shows needs a token.',
    ...file('text/html', 'The page.', { type: 'string' }),
  },
  explorerPage: {
    ...plain,
    path: '/explore/{page}',
    summary: 'The same page, at every address below `/explore/`.',
    ...file('text/html', 'The page.', { type: 'string' }),
  },
  explorerFile: {
    ...plain,
    path: '/{file}',
    summary: 'The script and the styles of the explorer. Their names have the hash of their content.',
    ...file('text/javascript', 'The file.', { type: 'string' }),
  },
  openapi: {
    ...plain,
    path: '/openapi.json',
    summary: 'This description, as OpenAPI 3.1.',
    ...file(json, 'The description.', { type: 'object', required: ['openapi', 'info', 'paths'] }),
  },
  openapiPage: {
    ...plain,
    path: '/openapi',
    summary: 'This description, as a page for people.',
    ...file('text/html', 'The page.', { type: 'string' }),
  },
  docs: {
    ...plain,
    path: '/docs',
    summary: 'Leads to the documentation.',
    replies: [{ status: 302, description: 'It is at `Location`.' }],
    errors: {},
  },
  docsPage: {
    ...plain,
    path: '/docs/{page}',
    summary: 'The pages of the documentation, with their script, styles and pictures.',
    ...file('text/html', 'The file.', { type: 'string' }),
  },
} as const satisfies Readonly<Record<string, Omit<Route, 'name'>>>
