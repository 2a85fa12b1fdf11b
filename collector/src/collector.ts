import { Hono } from 'hono'
import { createAdmission } from './ingest/admission.js'
import { createReader } from './ingest/body.js'
import { createGroupCommit } from './ingest/commit.js'
import { createDiskGuard } from './ingest/disk.js'
import { createIngest, type Ingest, type IngestRequest } from './ingest/ingest.js'
import { createProgressWatch } from './ingest/progress.js'
import { createQuotas } from './ingest/quotas.js'
import { clientQuota, failedRetryAfterSeconds, maxAdmittedBytes, minFreeBytes } from './limits.js'
import { createHealth } from './live/health.js'
import { createNow } from './live/now.js'
import { createWatch } from './live/watch.js'
import { joinMeasures, type Measure, noMeasure } from './ops/measure.js'
import { createReadiness, type Readiness } from './ops/readiness.js'
import type { Writers } from './query/found.js'
import { createLookups } from './query/lookups.js'
import { createNumbersLookups } from './query/numbers.js'
import { ParameterError } from './query/parameters.js'
import { makePreflight, makeUnknownOriginReply } from './reply/cors.js'
import { gweFormat } from './reply/gwe-format.js'
import { ownFormat } from './reply/own-format.js'
import { makeErrorReply, makeReply, makeRetryReply, toResponse } from './reply/reply.js'
import { createComposer } from './scripts/composer.js'
import type { Pieces } from './scripts/pieces.js'
import type { SiteQuota } from './sites/admin.js'
import { createRegistry, type SiteRegistry } from './sites/registry.js'
import { makeID } from './sites/tokens.js'
import type { AskDiskUse } from './store/disk-use.js'
import type { CollectorStore } from './store/store.js'
import { createAccess, type WrongToken } from './web/access.js'
import { createBrake } from './web/brake.js'
import type { RequestEnv } from './web/client.js'
import { close } from './web/closed.js'
import { addDocsRoutes, type Docs } from './web/docs.js'
import { addExplorerRoutes, type Explorer } from './web/explorer.js'
import { addLiveRoutes } from './web/live-routes.js'
import { makeNotFound } from './web/not-found.js'
import { addNumbersRoutes } from './web/numbers-routes.js'
import type { ApiParts } from './web/openapi/document.js'
import { addApiRoutes } from './web/openapi/open.js'
import { createReadRoom, readsAtOnce } from './web/read-room.js'
import { addReadRoutes, StoreError } from './web/read-routes.js'
import { addRightsRoutes } from './web/rights-routes.js'
import type { App } from './web/route.js'
import { addRoute } from './web/route-table.js'
import { createFileHandler, type Script } from './web/script.js'
import { addScriptRoutes } from './web/script-routes.js'

/** What a collector is made of. */
export interface CollectorParts {
  readonly store: CollectorStore
  /**
   * The sites and tokens of the database. The next three are then ignored, because they are part of it. If left out,
   * there is the site `default` alone, with these keys and origins.
   */
  readonly sites?: SiteRegistry
  /** Write keys of the site. If empty, any key is valid; only a collector on loopback may do that. */
  readonly keys: readonly string[]
  /**
   * Origins whose pages may send, such as `https://shop.example` or `capacitor://localhost`, as `parseOrigin` returns
   * them. If empty, pages of this machine may, on loopback only.
   */
  readonly origins: readonly string[]
  /** The token that reads must contain. `null`: none; only a collector on loopback answers reads then. */
  readonly readToken: string | null
  /** Whether only this machine can reach the collector. */
  readonly isLoopback: boolean
  /** What `/sojourn.js` serves. `null`: it is 404. */
  readonly script: Script | null
  /** What scripts with plugins, and those of one release, are composed of. If left out, their addresses are 404. */
  readonly pieces?: Pieces | null
  /** What `/inspector.js` serves. If left out, it is 404. */
  readonly inspector?: Script | null
  /** The page at `/` and below `/explore/`. If left out, they are 404. */
  readonly explorer?: Explorer | null
  /** What `/openapi.json` and `/openapi` are made from. Without it, they are 404. */
  readonly api?: ApiParts | null
  /** The documentation at `/docs/`. If left out, it is 404. */
  readonly docs?: Docs | null
  /** Unix epoch, ms. */
  readonly now: () => number
  /** Called with the cause of a 500 or 503. */
  readonly onError: (cause: unknown) => void
  /** Is told of the work of the collector. If left out, nothing is measured. */
  readonly measure?: Measure
  /** What `/readyz` says. It is told of the work too. @default ready from now on while the store takes commits */
  readonly readiness?: Readiness
  /** What `/metrics` answers to those who may read. If left out, it is 404. */
  readonly metrics?: { readonly type: string; readonly text: () => Promise<string> }
  /** Called when a read had a wrong token. */
  readonly onWrongToken?: (wrong: WrongToken) => void
  /** Called with what an operator should know: the disk is nearly full, or full. @default nobody is told */
  readonly onWarning?: (message: string) => void
  /** What one client address may send in a minute. @default `clientQuota` of `limits.ts` */
  readonly clientQuota?: SiteQuota
  /** Tells how much the database uses. @default nobody tells, so `maxDatabaseBytes` and `minFreeBytes` do not count */
  readonly diskUse?: AskDiskUse
  /** The database takes no more batches at this size. @default `null`: any size */
  readonly maxDatabaseBytes?: number | null
  /** The database takes no more batches if less is free on its disk. @default `minFreeBytes` of `limits.ts` */
  readonly minFreeBytes?: number
}

/** A collector turns a `Request` into a `Response`. It does not listen by itself. */
export interface Collector {
  readonly fetch: (request: Request, env?: RequestEnv) => Response | Promise<Response>
  /** Handles a batch as `fetch` does, for an HTTP server without `Request` and `Response`. */
  readonly ingest: Ingest
  /** The method and path of every route. */
  readonly routes: readonly { readonly method: string; readonly path: string }[]
  /** Ends the streams of readers, and opens no more. Call it before the HTTP server waits for the requests in flight. */
  readonly endStreams: () => void
  /** Writes what was counted and not written yet. Call it before the store is closed. Never rejects. */
  readonly stop: () => Promise<void>
}

/**
 * Makes a collector.
 *
 * @throws TypeError if it has no `sites`, is not on loopback, and has no key or no read token, because it could then
 *   neither take nor show anything.
 */
export function createCollector(parts: CollectorParts): Collector {
  const { store, script, now, onError, onWrongToken = () => {}, metrics, api } = parts
  const sites = parts.sites ?? makeSites(parts)
  const health = createHealth({ store: store.health, collector: makeID(), now, onError })
  const readiness = parts.readiness ?? createReadiness(store, now)
  if (!parts.readiness) readiness.start()
  const measure = joinMeasures(health, readiness, parts.measure ?? noMeasure)
  const ingest = createIngest({
    commit: createGroupCommit(store, onError, measure, now),
    admission: createAdmission(maxAdmittedBytes),
    progress: createProgressWatch(),
    quotas: createQuotas(parts.clientQuota ?? clientQuota, now),
    isDiskFull: createDiskGuard({
      diskUse: parts.diskUse ?? null,
      maxDatabaseBytes: parts.maxDatabaseBytes ?? null,
      minFreeBytes: parts.minFreeBytes ?? minFreeBytes,
      now,
      onWarning: parts.onWarning ?? (() => undefined),
      onError,
    }),
    sites,
    now,
    onError,
    measure,
  })
  const app: App = new Hono()

  addRoute(app, 'sendBatch', async c =>
    toResponse(await ingest(toIngestRequest(c.req.raw, c.env as Partial<RequestEnv> | undefined))),
  )
  addRoute(app, 'preflight', c => {
    const origin = c.req.header('Origin') ?? ''
    const site = sites.siteOfKey(c.req.query('key') ?? '')
    if (!sites.isAllowed(origin, site)) {
      // The page never sends after this.
      measure.errorReply('unknown-origin', { site: site?.name ?? null, origin })
      return toResponse(makeUnknownOriginReply(origin))
    }
    return makePreflight(origin, c.req.header('Access-Control-Request-Headers') ?? null)
  })
  // It says that the process lives, and asks nothing: no process is helped by a restart while its database is away.
  addRoute(app, 'health', () => toResponse(makeReply(200, { v: 1, status: 'ok' })))
  addRoute(app, 'ready', async () => {
    const why = await readiness.whyNot()
    if (why === null) return toResponse(makeReply(200, { v: 1, status: 'ready' }))
    return toResponse(makeRetryReply(why, 'send requests to another collector', failedRetryAfterSeconds))
  })
  if (script) addScript(app, 'script', script)
  if (parts.inspector) addScript(app, 'inspector', parts.inspector)
  const composer = parts.pieces ? createComposer({ pieces: parts.pieces, store: store.scripts, now, onError }) : null
  if (composer) addScriptRoutes(app, composer, (code, origin) => measure.errorReply(code, { site: null, origin }))
  if (api) addApiRoutes(app, api)
  const lookupsOf = (site: string, writers: Writers) => createLookups(store.of(site), now, writers)
  const onDenied = (code: string): void => measure.errorReply(code)
  const access = createAccess({ sites, brake: createBrake(now), onWrongToken, onDenied })
  const { admit, authorize } = access
  if (metrics)
    addRoute(app, 'metrics', async c => {
      const admitted = await admit(c.req.raw, c.env, 'metrics')
      if ('denied' in admitted) return toResponse(admitted.denied)
      const headers = { 'Content-Type': metrics.type, 'Cache-Control': 'no-store' }
      return toResponse({ status: 200, headers, body: await metrics.text() })
    })
  const mayMean = (site: string, origin: string | null): boolean => {
    const known = sites.site(site)
    return sites.sites().length <= 1 || (origin !== null && known !== null && sites.isAllowed(origin, known))
  }
  const watch = createWatch(createNow({ reads: store.of, health, running: store.running, now, mayMean }), onError)
  addLiveRoutes(app, { sites, health, composer, reads: store.of, access, watch })
  addRightsRoutes(app, store, authorize, now, onError)
  const room = createReadRoom(readsAtOnce)
  for (const format of [gweFormat, ownFormat]) addReadRoutes(app, format.base, format, lookupsOf, authorize, room)
  const ofSite = `${ownFormat.base}/sites/{site}`
  addReadRoutes(app, ofSite, ownFormat, lookupsOf, authorize, room)
  addReadRoutes(app, ofSite + gweFormat.base, gweFormat, lookupsOf, authorize, room)
  addNumbersRoutes(app, site => createNumbersLookups(store.of(site).numbers, now), authorize, room)

  if (parts.docs) addDocsRoutes(app, parts.docs)
  // Last, because the names of its files are known only to itself.
  if (parts.explorer) addExplorerRoutes(app, parts.explorer, Boolean(parts.docs))
  const places = { hasExplorer: Boolean(parts.explorer), hasDocs: Boolean(parts.docs), hasApi: Boolean(api) }
  app.notFound(c => toResponse(makeNotFound(c.req.raw, places)))
  app.onError(error => {
    if (error instanceof ParameterError) measure.errorReply(error.code)
    if (error instanceof ParameterError) return toResponse(makeErrorReply(400, error.code, error.message))
    onError(error instanceof StoreError ? error.cause : error)
    measure.errorReply(error instanceof StoreError ? 'store-failed' : 'unexpected')
    if (error instanceof StoreError)
      return toResponse(makeRetryReply('store-failed', 'the store does not answer', failedRetryAfterSeconds))
    return toResponse(makeErrorReply(500, 'unexpected', 'the collector failed; its log contains the cause'))
  })
  return {
    fetch: async (request, env) => close(await app.fetch(request, env)),
    ingest,
    routes: app.routes,
    endStreams: watch.stop,
    stop: health.stop,
  }
}

function makeSites(parts: CollectorParts): SiteRegistry {
  const { keys, readToken, isLoopback } = parts
  if (!isLoopback && !keys.length) throw new TypeError('keys: a collector that is not on loopback needs a write key')
  if (!isLoopback && readToken === null)
    throw new TypeError('readToken: a collector that is not on loopback needs a read token')
  return createRegistry(parts)
}

function addScript(app: App, name: 'script' | 'inspector', script: Script): void {
  const code = createFileHandler(script.code, 'text/javascript; charset=UTF-8')
  const map = createFileHandler(script.map, 'application/json; charset=UTF-8')
  addRoute(app, name, c => code(c.req.raw))
  addRoute(app, `${name}Map`, c => map(c.req.raw))
}

function toIngestRequest({ url, headers, body }: Request, env: Partial<RequestEnv> | undefined): IngestRequest {
  const declared = headers.get('Content-Length')
  return {
    key: new URL(url).searchParams.get('key') ?? '',
    origin: headers.get('Origin'),
    length: declared === null || !(Number(declared) >= 0) ? null : Number(declared),
    client: env?.client ?? '',
    body: createReader(body),
  }
}
