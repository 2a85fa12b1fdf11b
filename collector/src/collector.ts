import { Hono } from 'hono'
import { createIntake } from './ingest/admission.js'
import { createReader } from './ingest/body.js'
import { createGroupCommit } from './ingest/commit.js'
import { createIngest, type Ingest, type Posted, toLater, toUnknownOrigin } from './ingest/ingest.js'
import { failedRetryAfterSeconds, maxIntakeBytes } from './limits.js'
import { createQueries, type FoundList, type Queries } from './query/lookups.js'
import { ParameterError } from './query/parameters.js'
import type { Dialect } from './reply/format.js'
import { gwe } from './reply/gwe-format.js'
import { own } from './reply/own-format.js'
import { makeAnswer, makeRefusal, toResponse } from './reply/reply.js'
import type { CollectorStore } from './store/store.js'
import { createReadGuard } from './web/access.js'
import { createOriginCheck, makePreflight } from './web/origins.js'
import { createFile, type Script } from './web/script.js'

/** What a collector is made of. */
export interface CollectorParts {
  readonly store: CollectorStore
  /** Write keys of sites. None: any key will do, which only a collector on loopback may have. */
  readonly keys: readonly string[]
  /** Origins whose pages may send, such as `https://shop.example`. None: those of this machine, on loopback only. */
  readonly origins: readonly string[]
  /** What reads must show. `null`: nothing, which only a collector on loopback may have. */
  readonly readToken: string | null
  /** Whether it can be reached from this machine only. */
  readonly isLoopback: boolean
  /** What `/sojourn.js` serves; `null`: nothing. */
  readonly script: Script | null
  /** Unix epoch, ms. */
  readonly now: () => number
  /** Told what went wrong where the answer says no more than 500 or 503. */
  readonly onError: (cause: unknown) => void
}

/** A collector: Request in, Response out; it listens nowhere and reads nothing but its store. */
export interface Collector {
  readonly fetch: (request: Request) => Response | Promise<Response>
  /** What `fetch` does with a batch, for who speaks HTTP otherwise. */
  readonly ingest: Ingest
}

/** A write key: short, and plain enough for any URL. */
export function isKeyText(key: string): boolean {
  return /^[\w.-]{1,100}$/.test(key)
}

/**
 * Makes the collector.
 *
 * @throws TypeError for a collector that would be open to the world: not on loopback, and without key or read token.
 */
export function createCollector(parts: CollectorParts): Collector {
  const { store, keys, origins, readToken, isLoopback, script, now, onError } = parts
  if (!isLoopback && !keys.length) throw new TypeError('keys: needed by a collector that is not on loopback')
  if (!isLoopback && readToken === null) throw new TypeError('readToken: needed by a collector that is not on loopback')
  const isAllowedOrigin = createOriginCheck(origins, isLoopback)
  const isKey = keys.length ? (key: string) => keys.includes(key) : isKeyText
  const commit = createGroupCommit(store, onError)
  const ingest = createIngest({ commit, intake: createIntake(maxIntakeBytes), isKey, isAllowedOrigin, now, onError })
  const app = new Hono()

  app.post('/v1/sessions', async c => toResponse(await ingest(toPosted(c.req.raw))))
  app.options('/v1/sessions', c => {
    const origin = c.req.header('Origin') ?? ''
    return isAllowedOrigin(origin) ? makePreflight(origin) : toResponse(toUnknownOrigin(origin))
  })
  app.get('/healthz', async () =>
    (await store.isAlive())
      ? makeAnswer(200, { v: 1, status: 'ok' })
      : toResponse(toLater('store-failed', 'the store does not answer', failedRetryAfterSeconds)),
  )
  if (script) {
    const code = createFile(script.code, 'text/javascript; charset=UTF-8')
    const map = createFile(script.map, 'application/json; charset=UTF-8')
    app.get('/sojourn.js', c => code(c.req.raw))
    app.get('/sojourn.js.map', c => map(c.req.raw))
  }
  const queries = createQueries(store, now)
  const guard = createReadGuard(readToken)
  for (const dialect of [gwe, own]) addReads(app, dialect, queries, guard)

  app.notFound(() => makeRefusal(404, 'not-found', 'there is nothing at this address'))
  app.onError(error => {
    if (error instanceof ParameterError) return makeRefusal(400, error.code, error.message)
    onError(error instanceof StoreError ? error.cause : error)
    if (error instanceof StoreError)
      return toResponse(toLater('store-failed', 'the store does not answer', failedRetryAfterSeconds))
    return makeRefusal(500, 'unexpected', 'the collector failed; its log says why')
  })
  return { fetch: app.fetch, ingest }
}

/** A question that the store did not answer. */
class StoreError extends Error {
  constructor(cause: unknown) {
    super('the store does not answer', { cause })
    this.name = 'StoreError'
  }
}

function toPosted({ url, headers, body }: Request): Posted {
  const declared = headers.get('Content-Length')
  return {
    key: new URL(url).searchParams.get('key') ?? '',
    origin: headers.get('Origin'),
    length: declared === null || !(Number(declared) >= 0) ? null : Number(declared),
    readBytes: createReader((body ?? []) as AsyncIterable<Uint8Array>),
  }
}

function addReads(app: Hono, dialect: Dialect, queries: Queries, guard: (r: Request) => Response | null): void {
  const { base } = dialect

  function add<F>(
    path: string,
    ask: (id: string, params: URLSearchParams) => Promise<F | null>,
    say: (found: F) => Response,
  ): void {
    app.get(base + path, async c => {
      const { raw } = c.req
      const turnedAway = guard(raw)
      if (turnedAway) return turnedAway
      const found = await ask(c.req.param('id') as string, new URL(raw.url).searchParams).catch(cause => {
        throw cause instanceof ParameterError ? cause : new StoreError(cause)
      })
      return found === null ? makeRefusal(404, 'not-found', 'no such resource') : say(found)
    })
  }
  const list =
    <T>(to: (item: T) => object) =>
    ({ items, next }: FoundList<T>): Response =>
      dialect.list(items.map(to), next)

  const alone =
    <T>(to: (item: T) => object) =>
    (found: T): Response =>
      makeAnswer(200, to(found))

  add('/sessions/:id', queries.session, alone(dialect.session))
  add('/sessions/:id/events', queries.eventsOfSession, list(dialect.event))
  add('/sessions/:id/pages', queries.pagesOfSession, list(dialect.page))
  add('/visits/:id', queries.visit, alone(dialect.visit))
  add('/visits/:id/sessions', queries.sessionsOfVisit, list(dialect.session))
  add('/visits/:id/events', queries.eventsOfVisit, list(dialect.event))
  add('/visits/:id/pages', queries.pagesOfVisit, list(dialect.page))
  add('/visits/:id/identities', queries.identitiesOfVisit, list(dialect.identity))
  add('/identities', queries.identities, list(dialect.identity))
  add('/identities/:id', queries.identity, alone(dialect.identity))
  add('/identities/:id/visits', queries.visitsOfIdentity, list(dialect.visit))
  add('/identities/:id/sessions', queries.sessionsOfIdentity, list(dialect.session))
  add('/identities/:id/events', queries.eventsOfIdentity, list(dialect.event))
  add('/identities/:id/pages', queries.pagesOfIdentity, list(dialect.page))
  add('/pages/:id/events', queries.eventsOfPage, list(dialect.event))
}
