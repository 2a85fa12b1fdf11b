import { explorerMaxAgeSeconds } from '../limits.js'
import { createPackedHandler, createPackedHandlers, firstPage, openServedFiles, type ServedFiles } from './packed.js'
import type { App } from './route.js'
import { addRoute } from './route-table.js'

/** The files of the explorer by name. `index.html` is the page. It names the others as `./name`. */
export type Explorer = ServedFiles

/** Reads the explorer in the folder of this package. Returns `null` if it was not built; then its addresses are 404. */
export function openExplorer(folder = new URL('./explorer/', import.meta.url)): Explorer | null {
  return openServedFiles(folder)
}

/** Everything comes from the collector itself, no text becomes code, and no other page may frame the explorer. */
const pageHeaders: Readonly<Record<string, string>> = {
  'Content-Security-Policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "connect-src 'self'",
    "img-src 'self' data:",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'Cross-Origin-Opener-Policy': 'same-origin',
}

/**
 * Adds the page of the explorer at `/` and at every address below `/explore/`, and its other files. They hold no data, so
 * everybody may load them: what the page then asks for needs a token.
 *
 * @param hasDocs whether the collector serves the documentation. If not, the page loses its link to it, and leads nowhere else.
 */
export function addExplorerRoutes(app: App, files: Explorer, hasDocs: boolean): void {
  const whole = Buffer.from(files.get(firstPage) ?? '').toString()
  const text = hasDocs ? whole : whole.replace(/ *<link rel="help"[^>]*>\n?/, '')
  // One page for each depth, because a proxy may serve the collector below a path that only the browser knows.
  const pages = new Map<string, (request: Request) => Promise<Response>>()
  const servePage = (request: Request): Promise<Response> => {
    const steps = new URL(request.url).pathname.split('/').length - 2
    const up = '../'.repeat(Math.min(steps, maxSteps)) || './'
    const serve =
      pages.get(up) ?? createPackedHandler(firstPage, text.replaceAll('"./', `"${up}`), headersOf(firstPage))
    pages.set(up, serve)
    return serve(request)
  }
  addRoute(app, 'explorer', c => servePage(c.req.raw))
  addRoute(app, 'explorerPage', c => servePage(c.req.raw))
  const others = createPackedHandlers(new Map([...files].filter(([name]) => name !== firstPage)), headersOf)
  addRoute(app, 'explorerFile', c => others.get(c.req.param('file') ?? '')?.(c.req.raw) ?? c.notFound())
}

/** An address of the explorer has fewer steps. */
const maxSteps = 20

/** What has a hash in its name may be kept for ever. */
function headersOf(name: string): Readonly<Record<string, string>> {
  const isLasting = /-[0-9a-f]{8,}\.\w+$/.test(name)
  return {
    'Cache-Control': isLasting ? `public, max-age=${explorerMaxAgeSeconds}, immutable` : 'no-cache',
    ...(name === firstPage && pageHeaders),
  }
}
