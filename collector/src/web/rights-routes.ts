import { checkIdentityId, tellPerson } from '../query/person.js'
import { jsonType, makeErrorReply, makeReply, toResponse } from '../reply/reply.js'
import type { Right } from '../sites/admin.js'
import type { CollectorStore } from '../store/store.js'
import type { Authorize } from './access.js'
import type { RequestEnv, SentReply } from './client.js'
import { createReadRoom, exportsAtOnce } from './read-room.js'
import { StoreError } from './read-routes.js'
import type { App } from './route.js'
import { addRoute, type routeTable } from './route-table.js'

/**
 * Adds the routes that erase a person, and give everything that is stored of a person. A route throws `StoreError` if the
 * store fails, and `ParameterError` for an id that no identity can have.
 *
 * @param now collector's clock, Unix epoch, ms.
 * @param onError called with the cause if a reply fails after it has begun. Its connection is closed then.
 */
export function addRightsRoutes(
  app: App,
  store: CollectorStore,
  authorize: Authorize,
  now: () => number,
  onError: (cause: unknown) => void,
): void {
  const room = createReadRoom(exportsAtOnce)

  function add(
    name: keyof typeof routeTable,
    right: Right,
    answer: (site: string, identityId: string, env: Partial<RequestEnv> | undefined) => Promise<Response>,
  ): void {
    addRoute(app, name, async c => {
      const access = await authorize(c.req.raw, c.env, right, c.req.param('site') ?? null)
      if ('denied' in access) return toResponse(access.denied)
      const identityId = c.req.param('identityId') ?? ''
      checkIdentityId(identityId)
      return answer(access.site, identityId, c.env)
    })
  }

  async function erase(site: string, identityId: string): Promise<Response> {
    const erasedAt = now()
    const erased = await store.rights.erase(site, identityId, erasedAt).catch(toStoreError)
    return toResponse(makeReply(200, { v: 1, site, erasedAt, erased }))
  }

  async function tell(site: string, identityId: string, reply: SentReply | undefined): Promise<Response> {
    const pieces = tellPerson(store, site, identityId, now())
    // What fails before the first piece can still be said.
    const first = await pieces.next().catch(toStoreError)
    if (first.done) return toResponse(makeErrorReply(404, 'not-found', 'no such identity'))
    const headers = { 'Content-Type': jsonType, 'Cache-Control': 'no-store' }
    const onFailure = (cause: unknown): void => {
      onError(cause)
      if (!reply) throw cause
      // The server would print the error of a stream as it is, with what a driver has put into it.
      reply.cut()
    }
    return new Response(toStream(first.value, pieces, onFailure), { headers })
  }

  for (const place of ['', 'OfSite'] as const) {
    add(`eraseIdentity${place}`, 'erase', erase)
    add(`exportIdentity${place}`, 'export', (site, identityId, env) =>
      room.answer(env, () => tell(site, identityId, env?.reply)),
    )
  }
}

function toStoreError(cause: unknown): never {
  throw new StoreError(cause)
}

/** The next piece is made only when the reader has taken the last one. If the reader leaves, or after a failure, no more are made. */
function toStream(
  first: string,
  pieces: AsyncGenerator<string>,
  onFailure: (cause: unknown) => void,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  return new ReadableStream<Uint8Array>({
    start: controller => controller.enqueue(encoder.encode(first)),
    async pull(controller) {
      const next = await pieces.next().catch(onFailure)
      if (!next) return
      if (next.done) controller.close()
      // An empty piece is a chunk of its own only in the generator.
      else controller.enqueue(encoder.encode(next.value || '\n'))
    },
    async cancel() {
      await pieces.return(undefined)
    },
  })
}
