import type { Hono } from 'hono'
import type { FoundList, Lookup, Lookups } from '../query/lookups.js'
import { ParameterError } from '../query/parameters.js'
import type { ReplyFormat } from '../reply/format.js'
import { makeErrorReply, makeReply, toResponse } from '../reply/reply.js'
import type { Authorize } from './access.js'
import type { RequestEnv } from './client.js'

/** A read failed because the store did. `cause` is the error of the store. */
export class StoreError extends Error {
  constructor(cause: unknown) {
    super('the store does not answer', { cause })
    this.name = 'StoreError'
  }
}

/** The names of the lookups that find an `F`. */
type LookupOf<F> = { [Name in keyof Lookups]: Lookups[Name] extends Lookup<F> ? Name : never }[keyof Lookups]

/**
 * Adds a route for each read of `docs/protocol.md`, under the base of the format. A route throws `ParameterError` for a
 * bad parameter, and `StoreError` if the store fails.
 *
 * @param base is that of the format, or one that names the site as `:site`.
 * @param lookupsOf the reads of one site.
 */
export function addReadRoutes(
  app: Hono<{ Bindings: Partial<RequestEnv> }>,
  base: string,
  format: ReplyFormat,
  lookupsOf: (site: string) => Lookups,
  authorize: Authorize,
): void {
  function add<F>(path: string, name: LookupOf<F>, write: (found: F) => Response): void {
    app.get(base + path, async c => {
      const { raw } = c.req
      const access = await authorize(raw, c.env?.client ?? '', 'read', c.req.param('site') ?? null)
      if ('denied' in access) return toResponse(access.denied)
      const find = lookupsOf(access.site)[name] as Lookup<F>
      const found = await find(c.req.param('id') as string, new URL(raw.url).searchParams).catch(cause => {
        throw cause instanceof ParameterError ? cause : new StoreError(cause)
      })
      return found === null ? toResponse(makeErrorReply(404, 'not-found', 'no such resource')) : write(found)
    })
  }
  const list =
    <T>(write: (item: T) => object) =>
    ({ items, next }: FoundList<T>): Response =>
      format.list(items.map(write), next)

  const one =
    <T>(write: (item: T) => object) =>
    (found: T): Response =>
      toResponse(makeReply(200, write(found)))

  add('/sessions/:id', 'session', one(format.session))
  add('/sessions/:id/events', 'eventsOfSession', list(format.event))
  add('/sessions/:id/pages', 'pagesOfSession', list(format.page))
  add('/visits/:id', 'visit', one(format.visit))
  add('/visits/:id/sessions', 'sessionsOfVisit', list(format.session))
  add('/visits/:id/events', 'eventsOfVisit', list(format.event))
  add('/visits/:id/pages', 'pagesOfVisit', list(format.page))
  add('/visits/:id/identities', 'identitiesOfVisit', list(format.identity))
  add('/identities', 'identities', list(format.identity))
  add('/identities/:id', 'identity', one(format.identity))
  add('/identities/:id/visits', 'visitsOfIdentity', list(format.visit))
  add('/identities/:id/sessions', 'sessionsOfIdentity', list(format.session))
  add('/identities/:id/events', 'eventsOfIdentity', list(format.event))
  add('/identities/:id/pages', 'pagesOfIdentity', list(format.page))
  add('/pages/:id/events', 'eventsOfPage', list(format.event))
}
