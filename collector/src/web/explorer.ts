import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { brotliCompress, gzip } from 'node:zlib'
import { explorerMaxAgeSeconds } from '../limits.js'
import type { App } from './route.js'
import { addRoute } from './route-table.js'

/** The files of the explorer by name. `index.html` is the page. It names the others as `./name`. */
export type Explorer = ReadonlyMap<string, string>

/** Reads the explorer in the folder of this package. Returns `null` if it was not built; then its addresses are 404. */
export function openExplorer(folder = new URL('./explorer/', import.meta.url)): Explorer | null {
  try {
    const names = readdirSync(folder, { withFileTypes: true }).flatMap(one =>
      one.isFile() && Object.hasOwn(types, one.name.slice(one.name.lastIndexOf('.') + 1)) ? one.name : [],
    )
    const files = new Map(names.map(name => [name, readFileSync(new URL(name, folder), 'utf8')]))
    return files.has(page) ? files : null
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}

const page = 'index.html'

const types: Readonly<Record<string, string>> = {
  html: 'text/html; charset=UTF-8',
  js: 'text/javascript; charset=UTF-8',
  css: 'text/css; charset=UTF-8',
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
 */
export function addExplorerRoutes(app: App, files: Explorer): void {
  const text = files.get(page) ?? ''
  // One page for each depth, because a proxy may serve the collector below a path that only the browser knows.
  const pages = new Map<string, (request: Request) => Promise<Response>>()
  const servePage = (request: Request): Promise<Response> => {
    const steps = new URL(request.url).pathname.split('/').length - 2
    const up = '../'.repeat(Math.min(steps, maxSteps)) || './'
    const serve = pages.get(up) ?? createHandler(page, text.replaceAll('"./', `"${up}`))
    pages.set(up, serve)
    return serve(request)
  }
  addRoute(app, 'explorer', c => servePage(c.req.raw))
  addRoute(app, 'explorerPage', c => servePage(c.req.raw))
  const others = new Map(
    [...files].filter(([name]) => name !== page).map(([name, code]) => [name, createHandler(name, code)]),
  )
  addRoute(app, 'explorerFile', c => others.get(c.req.param('file') ?? '')?.(c.req.raw) ?? c.notFound())
}

/** An address of the explorer has fewer steps. */
const maxSteps = 20

/** Makes the handler that serves a file, compressed as the request allows. Each form is made once, when it is first needed. */
function createHandler(name: string, text: string): (request: Request) => Promise<Response> {
  const etag = createHash('sha256').update(text).digest('base64url').slice(0, 22)
  const forms = new Map<string, Promise<Uint8Array<ArrayBuffer>>>()
  const isLasting = /-[0-9a-f]{8,}\.\w+$/.test(name)
  const headers = {
    'Content-Type': types[name.slice(name.lastIndexOf('.') + 1)] as string,
    'Cache-Control': isLasting ? `public, max-age=${explorerMaxAgeSeconds}, immutable` : 'no-cache',
    Vary: 'Accept-Encoding',
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'no-referrer',
    'Cross-Origin-Resource-Policy': 'same-origin',
    ...(name === page && pageHeaders),
  }
  return async request => {
    const encoding = encodings.find(one => accepts(request.headers.get('Accept-Encoding') ?? '', one))
    const tag = `"${etag}${encoding ? `-${encoding}` : ''}"`
    const all = { ...headers, ETag: tag, ...(encoding && { 'Content-Encoding': encoding }) }
    if (request.headers.get('If-None-Match')?.includes(tag)) return new Response(null, { status: 304, headers: all })
    if (!encoding) return new Response(text, { headers: all })
    const form = forms.get(encoding) ?? compressors[encoding](text)
    forms.set(encoding, form)
    return new Response(await form, { headers: all })
  }
}

const encodings = ['br', 'gzip'] as const

const toBrotli = promisify(brotliCompress)
const toGzip = promisify(gzip)
const compressors = {
  br: async (text: string) => Uint8Array.from(await toBrotli(text)),
  gzip: async (text: string) => Uint8Array.from(await toGzip(text, { level: 9 })),
}

/** Whether a header allows an encoding: it names it, and not with `q=0`. */
function accepts(header: string, encoding: string): boolean {
  return header.split(',').some(one => {
    const [name = '', ...parameters] = one.split(';').map(part => part.trim().toLowerCase())
    return name === encoding && !parameters.some(part => /^q=0(\.0*)?$/.test(part))
  })
}
