import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A site. `html` makes each page from its path. `/core.js` is the module build. */
export interface Site {
  readonly url: string
  stop(): Promise<void>
}

/** Starts a site. @param collector its address: the site has it below `/stats` too, as behind a reverse proxy. */
export async function startSite(
  html: (path: string) => string,
  headers: Record<string, string> = {},
  collector = '',
): Promise<Site> {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://site')
    if (collector && forward(request, response, '/stats', collector)) return
    if (pathname === '/core.js') {
      response.setHeader('Content-Type', 'text/javascript')
      response.end(readFileSync('dist/esm/index.js'))
      return
    }
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
    response.setHeader('Content-Type', pathname.endsWith('.js') ? 'text/javascript' : 'text/html; charset=utf-8')
    response.end(html(pathname))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    stop: () =>
      new Promise(resolve => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
}

/** Forwards a request whose path begins with a prefix. Returns whether it does. */
export function forward(from: IncomingMessage, to: ServerResponse, prefix: string, address: string): boolean {
  if (!from.url?.startsWith(`${prefix}/`)) return false
  const on = request(address + from.url.slice(prefix.length), { method: from.method ?? 'GET', headers: from.headers })
  on.on('response', answer => {
    to.writeHead(answer.statusCode ?? 502, answer.headers)
    answer.pipe(to)
  })
  // The page or the collector has gone.
  on.on('error', () => to.destroy())
  to.on('close', () => on.destroy())
  from.pipe(on)
  return true
}

/** Makes a page that creates a tracker from the module build with these options, as `window.tracker`. */
export function modulePage(options: object): string {
  return `<!doctype html><title>Module page</title><h1>Module page</h1>
<script type="module">
  import { createTracker } from '/core.js'
  window.errors = []
  window.tracker = createTracker({ ...${JSON.stringify(options)}, onError: error => window.errors.push(error.code) })
</script>`
}
