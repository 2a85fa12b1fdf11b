import { pinnedMaxAgeSeconds } from '../limits.js'
import { makeErrorReply, toResponse } from '../reply/reply.js'
import { parseAddress } from '../scripts/address.js'
import type { Composed, Composer, NoScript } from '../scripts/composer.js'
import { StoreError } from './read-routes.js'
import type { App } from './route.js'
import { addRoute } from './route-table.js'
import { createFileHandler } from './script.js'

/**
 * Adds the scripts that have plugins, and those of one release.
 *
 * @param onRefused is called if there is no such script: the page records nothing, so its owner must hear of it.
 */
export function addScriptRoutes(
  app: App,
  composer: Composer,
  onRefused: (code: NoScript, origin: string | null) => void,
): void {
  const handlers = new WeakMap<Composed, (request: Request) => Response>()
  addRoute(app, 'composedScript', async c => {
    const address = parseAddress(c.req.param('composition') ?? '')
    if (!address) return c.notFound()
    const composed = await composer.compose(address).catch(cause => {
      throw new StoreError(cause)
    })
    if (typeof composed === 'string') {
      onRefused(composed, originOf(c.req.raw.headers))
      return toResponse(makeErrorReply(404, composed, toMessage(composed, composer), {}, openHeaders))
    }
    const handle = handlers.get(composed) ?? createHandler(composed)
    handlers.set(composed, handle)
    return handle(c.req.raw)
  })
}

/** The origin of the page. A tag without `crossorigin` sends none, and most browsers say where it stands. */
function originOf(headers: Headers): string | null {
  return headers.get('Origin') ?? URL.parse(headers.get('Referer') ?? '')?.origin ?? null
}

/** Every page may read why there is no script. */
const openHeaders = { 'Access-Control-Allow-Origin': '*', 'Cross-Origin-Resource-Policy': 'cross-origin' }

function createHandler({ text, isPinned }: Composed): (request: Request) => Response {
  const lasting = { 'Cache-Control': `public, max-age=${pinnedMaxAgeSeconds}, immutable` }
  return createFileHandler(text, 'text/javascript; charset=UTF-8', isPinned ? lasting : {})
}

function toMessage(code: NoScript, { plugins }: Composer): string {
  return code === 'unknown-plugin'
    ? `the address names a plugin that there is not; there are ${plugins.join(', ')}`
    : 'this collector has never given out this release of the script; take the tag of the Set-up page, or of site tag'
}
