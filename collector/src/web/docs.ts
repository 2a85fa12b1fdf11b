import { createPackedHandlers, firstPage, openServedFiles, type ServedFiles } from './packed.js'
import type { App } from './route.js'
import { addRoute } from './route-table.js'

/** The pages of the documentation and their files, by their path below `/docs/`. */
export type Docs = ServedFiles

/**
 * Reads the documentation in the folder of this package. Returns `null` if it was not built (`npm run docs`); then its addresses are
 * 404.
 */
export function openDocs(folder = new URL('./docs/', import.meta.url)): Docs | null {
  return openServedFiles(folder)
}

/** Everything comes from the collector itself, and nothing in a page is a script or a style. */
const headers: Readonly<Record<string, string>> = {
  'Content-Security-Policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "connect-src 'self'",
    "img-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
  ].join('; '),
  'Cross-Origin-Opener-Policy': 'same-origin',
  // Names of files stay the same in the next version.
  'Cache-Control': 'no-cache',
}

/** Adds the documentation at `/docs/`. It says nothing about what is stored, so everybody may read it. */
export function addDocsRoutes(app: App, files: Docs): void {
  const handlers = createPackedHandlers(files, () => headers)
  // Relative, because only the browser knows the path below which a proxy serves the collector.
  addRoute(app, 'docs', () => new Response(null, { status: 302, headers: { Location: 'docs/' } }))
  addRoute(app, 'docsPage', c => {
    const page = c.req.param('page') ?? ''
    // A folder is its first page.
    return handlers.get(page === '' || page.endsWith('/') ? page + firstPage : page)?.(c.req.raw) ?? c.notFound()
  })
}
