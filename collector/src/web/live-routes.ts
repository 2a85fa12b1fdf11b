import type { Health } from '../live/health.js'
import { ParameterError } from '../query/parameters.js'
import { makeReply, toResponse } from '../reply/reply.js'
import { rights } from '../sites/admin.js'
import type { SiteRegistry, Token } from '../sites/registry.js'
import type { SiteReads } from '../store/store.js'
import type { AccessCheck } from './access.js'
import { StoreError } from './read-routes.js'
import type { App } from './route.js'
import { addRoute } from './route-table.js'
import { readSetup, toBase } from './setup.js'

/** What the routes of the explorer need. */
export interface LiveRouteParts {
  readonly sites: SiteRegistry
  readonly health: Health
  readonly reads: (site: string) => SiteReads
  readonly access: AccessCheck
}

/** Adds the routes of `liveTable`. A route throws `StoreError` if the store fails, and `ParameterError` for a bad parameter. */
export function addLiveRoutes(app: App, parts: LiveRouteParts): void {
  const { sites, access } = parts

  addRoute(app, 'token', async c => {
    const admitted = await access.admit(c.req.raw, c.env?.client ?? '', null)
    return toResponse('denied' in admitted ? admitted.denied : makeReply(200, toAllowed(admitted.token)))
  })

  for (const name of ['setup', 'setupOfSite'] as const)
    addRoute(app, name, async c => {
      const { raw } = c.req
      const allowed = await access.authorize(raw, c.env?.client ?? '', 'read', c.req.param('site') ?? null)
      if ('denied' in allowed) return toResponse(allowed.denied)
      const found = await readSetup(parts, allowed.site, toBase(raw), allowed.isOfAll).catch(toStoreError)
      return toResponse(makeReply(200, found))
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
  throw cause instanceof ParameterError ? cause : new StoreError(cause)
}
