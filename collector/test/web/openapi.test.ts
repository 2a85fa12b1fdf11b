import { Validator } from '@seriousme/openapi-schema-validator'
import { beforeAll, describe, expect, it } from 'vitest'
import { createLookups } from '../../src/query/lookups.js'
import { createNumbersLookups } from '../../src/query/numbers.js'
import { ownFormat } from '../../src/reply/own-format.js'
import { makeErrorReply, toResponse } from '../../src/reply/reply.js'
import { nothingDecided, rights } from '../../src/sites/admin.js'
import { addSite, addToken } from '../../src/sites/changes.js'
import { createRegistry } from '../../src/sites/registry.js'
import { createMemoryStore } from '../../src/store/memory.js'
import type { CollectorStore } from '../../src/store/store.js'
import { numbersTable } from '../../src/web/numbers-table.js'
import { openApiParts } from '../../src/web/openapi/open.js'
import { readTable } from '../../src/web/read-table.js'
import { toHonoPath } from '../../src/web/route.js'
import { apiParts, codesOf, differencesOf, document, type Operation, operations } from '../helpers/api.js'
import { arrive } from '../helpers/arrivals.js'
import { goldens, wireBatch, wireEvent } from '../helpers/batches.js'
import { collectorWith, noon } from '../helpers/collector.js'

const token = 'a-token-of-readers'
const withToken = { Authorization: `Bearer ${token}` }
const shop = 'https://shop.example'
const script = { code: 'sojourn=1', map: '{}' }
const pieces = { core: 'start(sojournPlugins)', plugins: { clicks: '(function () {})' } }
const explorer = new Map([
  ['index.html', '<!doctype html><script src="./explorer-0123456789.js"></script>'],
  ['explorer-0123456789.js', 'explorer()'],
])
const metrics = { type: 'text/plain; version=0.0.4', text: async () => 'records_total 3' }
const ids: Readonly<Record<string, string>> = {
  site: 'default',
  sessionID: 'session-1',
  visitID: 'visit-1',
  pageID: 'page-1',
  identityId: 'user-42',
}

const batch = wireBatch(
  [
    wireEvent('signs-in', { eventName: 'SignIn', pageID: 'page-1', data: { name: 'Ada', location: 'Oslo' } }),
    wireEvent('searches', { seq: 2, pageID: 'page-1', category: 'shop;lamps', data: { words: ['lamp', 1, null] } }),
    wireEvent('waits', { seq: 3, activity: false }),
  ],
  { pages: [{ pageID: 'page-1', url: `${shop}/lamps`, title: 'Lamps', category: 'shop', startDate: noon }] },
  { languageCode: 'en', userAgent: 'a browser', written: { 'writer-1': 3 } },
)

const store = createMemoryStore()

beforeAll(async () => {
  const { send } = collectorWith({ store })
  for (const { batch } of goldens) await send(batch)
  await send(batch)
})

/** Makes a collector that offers everything, over a store with every golden batch and one more. */
function filled(parts: Parameters<typeof collectorWith>[0] = {}) {
  return collectorWith({
    store,
    script,
    pieces,
    inspector: script,
    explorer,
    docs: new Map([['guide/a.html', Uint8Array.from(Buffer.from('<!doctype html>'))]]),
    metrics,
    readToken: token,
    origins: [shop],
    ...parts,
  })
}

const whole = filled({ api: apiParts })
const later = filled({ now: () => noon + 1e9 })
const open = filled({ readToken: null, origins: [] })
const tired = filled()

/** A store whose every function rejects. */
function brokenStore(): CollectorStore {
  const fail = (): Promise<never> => Promise.reject(new Error('the disk is gone'))
  const broken = <T extends object>(whole: T): T => {
    const names = Object.entries(whole).flatMap(([name, value]) => (typeof value === 'function' ? name : []))
    return { ...whole, ...Object.fromEntries(names.map(name => [name, fail])) }
  }
  return {
    ...broken(store),
    rights: broken(store.rights),
    scripts: broken(store.scripts),
    of: site => ({ ...broken(store.of(site)), numbers: broken(store.of(site).numbers) }),
  }
}

const broken = filled({ store: brokenStore() })

/** Gets a path with wrong tokens, until the collector has enough of them. It stays so, because its clock stands. */
async function tryTokens(path: string): Promise<Response> {
  for (;;) {
    const reply = tired.get(path, { Authorization: 'Bearer wrong' })
    const next = new Promise<null>(resolve => setTimeout(resolve, 5, null))
    const said = await Promise.race([reply, next])
    if (said?.status === 429) return said
  }
}

/** The path of an operation with an id of the filled collector, or with an id that nothing has. */
function fill(path: string, isKnown = true): string {
  return path.replace(/\{(\w+)\}/g, (_all, name: string) => (isKnown ? (ids[name] as string) : 'nobody'))
}

/** Values of the parameters that a request must have. */
const needs: Readonly<Record<string, string>> = {
  eventName: 'searches',
  property: 'words',
  step: 'event:signs-in&step=page:/lamps',
}

/** The parameters that a request must have, and every parameter that adds to the reply. */
function allIncluded({ parameters }: Operation, except = ''): string {
  const given = parameters.flatMap(({ name, in: place, required }) =>
    place === 'path' || name === except
      ? []
      : required
        ? `${name}=${needs[name]}`
        : name.startsWith('include_')
          ? `${name}=true`
          : [],
  )
  return `?${given.join('&')}`
}

const reads = operations.filter(({ tags }) => /^(Reading|Numbers)/.test(tags[0] as string))
const others = operations.filter(one => !reads.includes(one))

/** Makes the response of a read for each status that reads declare. */
const readCauses: Readonly<Record<string, (read: Operation) => Promise<Response>>> = {
  200: async read => whole.get(fill(read.path) + allIncluded(read), withToken),
  204: async ({ path }) => later.get(`${fill(path)}?age=0`, withToken),
  400: async ({ path, parameters }) => {
    const choosy = parameters.find(({ schema }) => schema.type === 'boolean' || 'minimum' in schema)
    return whole.get(`${fill(path)}?${choosy?.name}=,`, withToken)
  },
  401: async ({ path }) => whole.get(fill(path), { Authorization: 'Bearer wrong' }),
  403: async ({ path }) => {
    return open.app.fetch(new Request(shop + fill(path)))
  },
  429: ({ path }) => tryTokens(fill(path)),
  404: async ({ path }) => whole.get(fill(path, false), withToken),
  503: async read => broken.get(fill(read.path) + allIncluded(read), withToken),
}

type Filled = ReturnType<typeof filled>
type Ask = (collector: Filled) => Promise<Response>
const ofWhole = (ask: Ask) => async () => ask(whole)
const ofBroken = (ask: Ask) => async () => ask(broken)
const asks = (path: string) => ({
  200: ofWhole(({ get }) => get(path)),
  304: ofWhole(async ({ get }) => get(path, { 'If-None-Match': (await get(path)).headers.get('ETag') as string })),
})
const preflight =
  (origin: string): Ask =>
  ({ app }) =>
    Promise.resolve(
      app.fetch(new Request('http://localhost/v1/sessions', { method: 'OPTIONS', headers: { Origin: origin } })),
    )

/** A token with all rights. */
const all = 'a-token-with-all-rights'
const withAll = { Authorization: `Bearer ${all}` }

/** Makes a collector whose database has a token with all rights, for some sites. */
function withRights(parts: Parameters<typeof collectorWith>[0] = {}, sites: readonly string[] | null = null) {
  const registry = createRegistry({ keys: ['demo'], origins: [], readToken: token, isLoopback: true, now: () => noon })
  const state = addToken(
    addSite(nothingDecided, 'default', 'k', noon),
    { name: 'all', sites, rights, endsAt: null },
    all,
    noon,
  )
  registry.use(state)
  return filled({ sites: registry, ...parts })
}

/** Makes the responses of a route that needs a right, for each status. */
function asksAs(method: string, path: string, isNamed: boolean) {
  const filledPath = fill(path)
  const ask = (collector: ReturnType<typeof filled>, at = filledPath, headers: Record<string, string> = withAll) =>
    Promise.resolve(collector.app.fetch(new Request(`http://localhost${at}`, { method, headers })))
  const own = createMemoryStore()
  return {
    200: async () => {
      await own.merge([arrive(batch)])
      return ask(withRights({ store: own }))
    },
    400: () => ask(withRights(), filledPath.replace('user-42', '%00')),
    401: () => ask(withRights(), filledPath, { Authorization: 'Bearer wrong' }),
    403: () =>
      ask(withRights(), filledPath, method === 'DELETE' ? withToken : {}).then(async response =>
        response.status === 403 ? response : ask(open, filledPath, { Via: '1.1 proxy' }),
      ),
    404: () =>
      ask(withRights(), isNamed ? filledPath.replace('default', 'nowhere') : filledPath.replace('user-42', 'nobody')),
    429: () => tryTokens('/v1/identities'),
    503: () => ask(withRights({ store: brokenStore() })),
  }
}

/** Makes the responses of a route that only reads, for each status. @param bad a query with a wrong parameter. */
function asksOf(path: string, bad = '') {
  const isNamed = path.includes('{site}')
  const twoSites = () => {
    const registry = createRegistry({ keys: [], origins: [], readToken: token, isLoopback: true, now: () => noon })
    registry.use(addSite(addSite(nothingDecided, 'a', 'k1', noon), 'b', 'k2', noon))
    return filled({ sites: registry })
  }
  return {
    200: () => whole.get(fill(path), withToken),
    400: () => (bad ? whole : twoSites()).get(fill(path) + bad, withToken),
    401: () => whole.get(fill(path)),
    403: () => open.get(fill(path), { Via: '1.1 proxy' }),
    404: () => whole.get(isNamed ? fill(path, false) : '/nowhere', withToken),
    429: () => tryTokens(fill(path)),
    503: () => broken.get(fill(path), withToken),
  }
}

/** The same for a stream. It ends because the collector stops. */
function asksOfStream(path: string) {
  return {
    ...asksOf(path),
    200: async () => {
      const { get, app } = filled()
      const response = await get(fill(path), withToken)
      app.endStreams()
      return response
    },
    503: () => {
      const { get, app } = filled()
      app.endStreams()
      return get(fill(path), withToken)
    },
  }
}

/** Makes a response for each status that each other route declares. */
const causes: Readonly<Record<string, Readonly<Record<number, () => Promise<Response>>>>> = {
  sendBatch: {
    200: ofWhole(({ send }) =>
      send({ ...batch, visits: [...batch.visits, { visitID: 'v', startDate: 0, events: [{}] }] }),
    ),
    400: ofWhole(({ send }) => send('no JSON')),
    401: ofWhole(({ send }) => send(batch, { key: 'wrong' })),
    403: ofWhole(({ send }) => send(batch, { headers: { Origin: 'https://foreign.example' } })),
    413: ofWhole(({ send }) => send(' '.repeat(600_000))),
    // A body that is too slow takes seconds, so only the form of the reply is compared here.
    408: async () => toResponse(makeErrorReply(408, 'too-slow', '', {}, { Connection: 'close' })),
    429: async () => {
      const { app } = filled({ clientQuota: { requestsPerMinute: 1, bytesPerMinute: null, recordsPerMinute: null } })
      const post = () => new Request('http://localhost/v1/sessions?key=demo', { method: 'POST', body: '{"v":1}' })
      await app.fetch(post(), { client: '203.0.113.7' })
      return app.fetch(post(), { client: '203.0.113.7' })
    },
    503: ofBroken(({ send }) => send(batch)),
  },
  preflight: { 204: ofWhole(preflight(shop)), 403: ofWhole(preflight('https://foreign.example')) },
  script: asks('/sojourn.js'),
  scriptMap: asks('/sojourn.js.map'),
  composedScript: {
    ...asks('/sojourn.clicks.js'),
    404: () => whole.get('/sojourn.nothing.js'),
    503: () => filled({ store: brokenStore() }).get('/sojourn-0123456789ab.js'),
  },
  inspector: asks('/inspector.js'),
  inspectorMap: asks('/inspector.js.map'),
  explorer: asks('/'),
  explorerPage: asks('/explore/default/now'),
  explorerFile: asks('/explorer-0123456789.js'),
  health: { 200: ofWhole(({ get }) => get('/healthz')) },
  ready: { 200: ofWhole(({ get }) => get('/readyz')), 503: ofBroken(({ get }) => get('/readyz')) },
  metrics: {
    200: ofWhole(({ get }) => get('/metrics', withToken)),
    401: ofWhole(({ get }) => get('/metrics')),
    403: async () => open.get('/metrics', { 'X-Forwarded-For': '203.0.113.7' }),
    429: () => tryTokens('/metrics'),
  },
  eraseIdentity: asksAs('DELETE', '/v1/identities/{identityId}', false),
  eraseIdentityOfSite: asksAs('DELETE', '/v1/sites/{site}/identities/{identityId}', true),
  exportIdentity: asksAs('GET', '/v1/identities/{identityId}/export', false),
  exportIdentityOfSite: asksAs('GET', '/v1/sites/{site}/identities/{identityId}/export', true),
  token: asksOf('/v1/token'),
  setup: asksOf('/v1/setup', '?collector=ftp://a.example'),
  setupOfSite: asksOf('/v1/sites/{site}/setup', '?collector=ftp://a.example'),
  now: asksOf('/v1/now'),
  nowOfSite: asksOf('/v1/sites/{site}/now'),
  nowStream: asksOfStream('/v1/now/stream'),
  nowStreamOfSite: asksOfStream('/v1/sites/{site}/now/stream'),
  openapi: asks('/openapi.json'),
  openapiPage: asks('/openapi'),
  docs: { 302: ofWhole(({ get }) => get('/docs')) },
  docsPage: asks('/docs/guide/a.html'),
}

const statusesOf = ({ responses }: Operation): string[] => Object.keys(responses).filter(status => status !== 'default')

/** Whether pages of other origins need the reply: to load a script, or to hear what became of a batch. */
const isOpen = ({ path }: Operation): boolean => /\.js(on|\.map)?$|^\/openapi$|^\/v1\/sessions$/.test(path)

/** What a browser may do with a reply for pages of other origins. */
const closingOf = ({ headers }: Response): unknown[] => [
  headers.get('Cross-Origin-Resource-Policy'),
  headers.get('X-Content-Type-Options'),
  headers.get('Referrer-Policy'),
  headers.get('Access-Control-Allow-Origin'),
]
const closed = ['same-origin', 'nosniff', 'no-referrer', null]

describe('the description of the interface', () => {
  it('is a valid OpenAPI 3.1 document, in which every reference leads somewhere', async () => {
    const validator = new Validator()
    const { valid, errors } = await validator.validate(JSON.parse(JSON.stringify(document)))
    expect([valid, errors]).toEqual([true, undefined])
    expect(validator.version).toBe('3.1')
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)]
    const unknown = references.flatMap(([, name = '']) => (name in document.components.schemas ? [] : name))
    expect([references.length > 100, unknown]).toEqual([true, []])
  })

  it('has every route that the collector serves, and no other', async () => {
    const served = new Set(whole.app.routes.map(({ method, path }) => `${method} ${path}`))
    const described = new Set(operations.map(({ method, path }) => `${method.toUpperCase()} ${toHonoPath(path)}`))
    expect([...served].toSorted()).toEqual([...described].toSorted())
    expect(served.size).toBeGreaterThan(30)
  })

  it.each(reads.map(read => [read.operationId, read] as const))(
    'tells every reply of the read %s, which is closed to other origins',
    async (_, read) => {
      for (const status of statusesOf(read)) {
        const response = await readCauses[status]?.(read)
        expect([status, response?.status]).toEqual([status, Number(status)])
        expect([status, closingOf(response as Response)]).toEqual([status, closed])
        expect([status, await differencesOf(read, response as Response)]).toEqual([status, []])
      }
    },
  )

  it.each(others.map(other => [other.operationId, other] as const))('tells every reply of %s', async (name, other) => {
    for (const status of statusesOf(other)) {
      const response = await causes[name]?.[Number(status)]?.()
      expect([status, response?.status]).toEqual([status, Number(status)])
      if (!isOpen(other)) expect([status, closingOf(response as Response)]).toEqual([status, closed])
      else if (status === '200' && other.method === 'get')
        expect(closingOf(response as Response)[0]).toBe('cross-origin')
      expect([status, await differencesOf(other, response as Response)]).toEqual([status, []])
    }
  })

  it('tells the error reply of an address without a route', async () => {
    for (const operation of operations) {
      const { default: other } = operation.responses
      const response = await whole.get('/nowhere')
      expect(await differencesOf({ ...operation, responses: { default: other } } as Operation, response)).toEqual([])
    }
  })

  it('names the parameters that each read asks for, and no other', async () => {
    const lookups = createLookups(store.of('default'), () => noon, ownFormat)
    for (const { path, find, parameters } of readTable) {
      const asked = new Set<string>()
      const params = new URLSearchParams()
      params.get = name => {
        asked.add(name)
        return null
      }
      await lookups[find](ids[/\{(\w+)\}/.exec(path)?.[1] ?? ''] ?? '', params)
      expect([path, [...asked].toSorted()]).toEqual([path, parameters.toSorted()])
    }
    const numbers = createNumbersLookups(store.of('default').numbers, () => noon)
    for (const { path, find, parameters, needed } of numbersTable) {
      const asked = new Set<string>()
      const params = new URLSearchParams(needed.map(name => `${name}=${needs[name]}`).join('&'))
      params.get = name => {
        asked.add(name)
        return needed.includes(name as never) ? (needs[name] as string) : null
      }
      const { getAll } = params
      params.getAll = name => {
        asked.add(name)
        return getAll.call(params, name)
      }
      await numbers[find](params)
      expect([path, [...asked].toSorted()]).toEqual([path, parameters.toSorted()])
    }
  })

  it.each(reads.map(read => [read.operationId, read] as const))('tells the values that %s accepts', async (_, read) => {
    const { get } = whole
    const own = read.parameters.filter(({ in: place }) => place === 'query')
    for (const { name, schema } of own) {
      const { type, minimum, maximum, enum: values } = schema as Readonly<Record<string, any>>
      const isOfDays = read.path.includes('/numbers/') && !read.path.endsWith('/sessions')
      const [good, bad] =
        minimum !== undefined
          ? [
              // Numbers have a longest period, so that not every time goes with every other.
              isOfDays && name === 'since' ? [noon] : isOfDays && name === 'until' ? [1, maximum] : [minimum, maximum],
              [minimum - 1, maximum + 1, '1.5', ''],
            ]
          : type === 'boolean'
            ? [
                ['true', 'false'],
                ['1', ''],
              ]
            : values
              ? [values, ['', 'other']]
              : type === 'array'
                ? [[needs[name]], ['', 'event:a', 'other&step=event:a']]
                : [name === 'paging_next' ? [] : ['any text'], []]
      const needed = `${allIncluded({ ...read, parameters: own.filter(one => one.required) }, name)}&`
      if (typeof type === 'object') good.push('2025-11-24')
      if (typeof type === 'object') bad.push('2025-02-29', 'now')
      const plain = name.endsWith('_detail') ? `&${name.replace(/_detail$/, '')}=true` : ''
      for (const value of good) {
        const { status } = await get(`${fill(read.path)}${needed}${name}=${value}${plain}`, withToken)
        expect([name, value, [200, 204].includes(status)]).toEqual([name, value, true])
      }
      for (const value of bad) {
        const response = await get(`${fill(read.path)}${needed}${name}=${value}`, withToken)
        expect([name, value, response.status, ((await response.json()) as any).error]).toEqual([
          name,
          value,
          400,
          `${name}-invalid`,
        ])
      }
      expect(codesOf(read.responses[400]?.content?.['application/json']?.schema ?? {})).toContain(`${name}-invalid`)
    }
  })

  it('is served as it is, and is right behind a proxy that serves the collector below a path', async () => {
    const { get } = whole
    expect(await (await get('/openapi.json')).json()).toEqual(JSON.parse(JSON.stringify(document)))
    expect(document).toMatchObject({ info: { version: '1.2.3' }, servers: [{ url: '.' }] })
  })

  it('is 404 if the schemas were not built', async () => {
    const { get } = filled({ api: openApiParts('1.2.3') })
    for (const path of ['/openapi.json', '/openapi']) expect((await get(path)).status).toBe(404)
  })
})

describe('the page of the interface', () => {
  it('tells every operation, parameter, status and schema', async () => {
    const page = await (await whole.get('/openapi')).text()
    for (const { operationId, path, parameters, responses } of operations) {
      const start = page.indexOf(`id="${operationId}"`)
      const section = page.slice(start, page.indexOf('<h3', start + 1))
      expect(section).toContain(path)
      for (const { name } of parameters) expect(section).toContain(`<code>${name}</code>`)
      for (const status of Object.keys(responses)) expect(section).toContain(`<b>${status}</b>`)
    }
    const links = [...page.matchAll(/href="#([^"]+)"/g)].map(([, id]) => id)
    expect(links.length).toBeGreaterThan(100)
    expect(links.filter(id => !page.includes(`id="${id}"`))).toEqual([])
    for (const name of Object.keys(document.components.schemas)) expect(page).toContain(`id="schema-${name}"`)
  })

  it('loads nothing, runs nothing, and may not be framed', async () => {
    const response = await whole.get('/openapi')
    const policy = response.headers.get('Content-Security-Policy') as string
    expect(policy).toMatch(/^default-src 'none'; style-src 'sha256-[^']+'; .*frame-ancestors 'none'$/)
    const page = await response.text()
    const [, style = ''] = /<style>([^]*?)<\/style>/.exec(page) ?? []
    const hash = Buffer.from(await crypto.subtle.digest('SHA-256', Buffer.from(style))).toString('base64')
    expect(policy).toContain(`'sha256-${hash}'`)
    expect(page).not.toMatch(/<(script|img|link|iframe|object|form)\b|\b(src|style|on\w+)=|@import|url\(/i)
    expect([...page.matchAll(/href="([^#"][^"]*)"/g)].map(([, href]) => href)).toEqual(['openapi.json'])
    expect(page).toContain('<meta name="viewport" content="width=device-width, initial-scale=1">')
  })

  it('writes every sign of a text as text', async () => {
    const evil = { 'evil.schema.json': { type: 'object', description: '<script>alert("1")</script> & `<b>`' } }
    const { get } = filled({ api: { ...apiParts, schemas: { ...apiParts.schemas, ...evil } } })
    const page = await (await get('/openapi')).text()
    expect(page).toContain('&#60;script&#62;alert(&#34;1&#34;)&#60;/script&#62; &#38; <code>&#60;b&#62;</code>')
  })
})
