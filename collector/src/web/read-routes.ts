import type { Hono } from 'hono'
import type { FoundList, Lookups } from '../query/lookups.js'
import { ParameterError } from '../query/parameters.js'
import type { ReplyFormat } from '../reply/format.js'
import { makeErrorReply, makeReply, type Reply, toResponse } from '../reply/reply.js'

/** A read failed because the store did. `cause` is the error of the store. */
export class StoreError extends Error {
  constructor(cause: unknown) {
    super('the store does not answer', { cause })
    this.name = 'StoreError'
  }
}

/**
 * Adds a route for each read of `docs/protocol.md`, under the base of the format. A route throws `ParameterError` for a
 * bad parameter, and `StoreError` if the store fails.
 *
 * @param guard returns an error reply to a request that may not read.
 */
export function addReadRoutes(
  app: Hono,
  format: ReplyFormat,
  lookups: Lookups,
  guard: (request: Request) => Reply | null,
): void {
  function add<F>(
    path: string,
    find: (id: string, params: URLSearchParams) => Promise<F | null>,
    write: (found: F) => Response,
  ): void {
    app.get(format.base + path, async c => {
      const { raw } = c.req
      const denied = guard(raw)
      if (denied) return toResponse(denied)
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

  add('/sessions/:id', lookups.session, one(format.session))
  add('/sessions/:id/events', lookups.eventsOfSession, list(format.event))
  add('/sessions/:id/pages', lookups.pagesOfSession, list(format.page))
  add('/visits/:id', lookups.visit, one(format.visit))
  add('/visits/:id/sessions', lookups.sessionsOfVisit, list(format.session))
  add('/visits/:id/events', lookups.eventsOfVisit, list(format.event))
  add('/visits/:id/pages', lookups.pagesOfVisit, list(format.page))
  add('/visits/:id/identities', lookups.identitiesOfVisit, list(format.identity))
  add('/identities', lookups.identities, list(format.identity))
  add('/identities/:id', lookups.identity, one(format.identity))
  add('/identities/:id/visits', lookups.visitsOfIdentity, list(format.visit))
  add('/identities/:id/sessions', lookups.sessionsOfIdentity, list(format.session))
  add('/identities/:id/events', lookups.eventsOfIdentity, list(format.event))
  add('/identities/:id/pages', lookups.pagesOfIdentity, list(format.page))
  add('/pages/:id/events', lookups.eventsOfPage, list(format.event))
}
