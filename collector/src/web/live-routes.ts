import { busyRetryAfterSeconds } from '../limits.js'
import type { Health } from '../live/health.js'
import type { Watch } from '../live/watch.js'
import { makeReply, makeRetryReply, makeTextReply, type Reply, toResponse } from '../reply/reply.js'
import type { Composer } from '../scripts/composer.js'
import { rights } from '../sites/admin.js'
import type { SiteRegistry, Token } from '../sites/registry.js'
import type { SiteReads } from '../store/store.js'
import type { AccessCheck } from './access.js'
import type { SentReply } from './client.js'
import { StoreError } from './read-routes.js'
import type { App } from './route.js'
import { addRoute } from './route-table.js'
import { readSetup, toBase, toWanted } from './setup.js'
import { openStream, streamHeaders } from './stream.js'

/** What the routes of the explorer need. */
export interface LiveRouteParts {
  readonly sites: SiteRegistry
  readonly health: Health
  /** `null`: scripts have no plugins. */
  readonly composer: Composer | null
  readonly reads: (site: string) => SiteReads
  readonly access: AccessCheck
  readonly watch: Watch
}

/** Adds the routes of `liveTable`. A route throws `StoreError` if the store fails, and `ParameterError` for a bad parameter. */
export function addLiveRoutes(app: App, parts: LiveRouteParts): void {
  const { sites, access, watch } = parts

  addRoute(app, 'token', async c => {
    const admitted = await access.admit(c.req.raw, c.env, null)
    return toResponse('denied' in admitted ? admitted.denied : makeReply(200, toAllowed(admitted.token)))
  })

  /** Adds both forms of a route. @param isOfAll whether the reader may read all sites. */
  function addBoth(
    name: 'setup' | 'now' | 'nowStream',
    answer: (
      request: Request,
      site: string,
      isOfAll: boolean,
      reply: SentReply | undefined,
    ) => Promise<Response> | Response,
  ): void {
    for (const place of ['', 'OfSite'] as const)
      addRoute(app, `${name}${place}`, async c => {
        const { raw } = c.req
        const allowed = await access.authorize(raw, c.env, 'read', c.req.param('site') ?? null)
        if ('denied' in allowed) return toResponse(allowed.denied)
        return answer(raw, allowed.site, allowed.isOfAll, c.env?.reply)
      })
  }

  addBoth('setup', async (request, site, isOfAll) => {
    const found = await readSetup(parts, site, {
      base: toBase(request),
      isOfAll,
      ...toWanted(request, parts.composer),
    }).catch(toStoreError)
    return toResponse(makeReply(200, found))
  })
  addBoth('now', async (_request, site) => toResponse(makeTextReply(200, await watch.read(site).catch(toStoreError))))
  addBoth('nowStream', (request, site, _isOfAll, reply) => {
    // Nobody would read its body, or end it.
    if (request.method === 'HEAD') return new Response(null, { headers: streamHeaders })
    const isAllowed = (): boolean => access.isStillAllowed(request, 'read', site)
    return openStream(listener => watch.listen(site, { ...listener, isAllowed }), reply) ?? toResponse(makeBusyReply())
  })

  /** @param token `null`: none is needed, so everything is allowed. */
  function toAllowed(token: Token | null) {
    const names = token?.sites ?? sites.sites().map(({ name }) => name)
    return {
      name: token?.name ?? null,
      sites: names.flatMap(name => {
        const site = sites.site(name)
        return site ? { site: name, origins: site.origins } : []
      }),
      rights: token?.rights ?? rights,
      expires: token?.endsAt ?? null,
    }
  }
}

function toStoreError(cause: unknown): never {
  throw new StoreError(cause)
}

function makeBusyReply(): Reply {
  return makeRetryReply('busy', 'too many readers listen, or the collector stops', busyRetryAfterSeconds)
}
