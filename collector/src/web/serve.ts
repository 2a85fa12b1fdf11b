import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import type { Collector } from '../collector.js'
import { createNodeReader } from '../ingest/body.js'
import type { Ingest } from '../ingest/ingest.js'
import { requestTimeoutMs, stopTimeoutMs } from '../limits.js'

/** A collector that listens. */
export interface Serving {
  /** Where, such as `http://127.0.0.1:4318`. */
  readonly url: string
  /** Takes no more requests, answers those in flight (ten seconds at the most), and then resolves. */
  readonly stop: () => Promise<void>
}

/** Where to listen. */
export interface Listening {
  readonly host: string
  /** 0 takes any free one. */
  readonly port: number
  /** Told of a connection that could not be taken, once it listens. */
  readonly onError?: (cause: unknown) => void
}

/**
 * Listens with a collector, through Node's own HTTP server.
 *
 * @throws (rejects) if it cannot listen there; `code` is Node's, such as `EADDRINUSE`.
 */
export function serve(
  { fetch, ingest }: Pick<Collector, 'fetch'> & Partial<Collector>,
  { host, port, onError }: Listening,
): Promise<Serving> {
  const listen = getRequestListener(request => fetch(request))
  const server = createServer({ requestTimeout: requestTimeoutMs }, (request, response) => {
    // Batches are nearly all that comes: they are taken without a detour over the web's requests and streams.
    const query = ingest && request.method === 'POST' ? toIngestQuery(request.url ?? '') : null
    if (ingest && query !== null) void take(ingest, query, request, response)
    else void listen(request, response)
  })
  const stop = (): Promise<void> =>
    new Promise(resolve => {
      const timer = setTimeout(() => server.closeAllConnections(), stopTimeoutMs)
      server.close(() => {
        clearTimeout(timer)
        resolve()
      })
    })
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject).on('error', cause => onError?.(cause))
      const { port: taken } = server.address() as AddressInfo
      resolve({ url: `http://${host.includes(':') ? `[${host}]` : host}:${taken}`, stop })
    })
  })
}

/** The query of a URL that a batch is posted to; `null`: it is another one. */
function toIngestQuery(url: string): string | null {
  const [path, query = ''] = url.split('?', 2)
  return path === '/v1/sessions' ? query : null
}

async function take(ingest: Ingest, query: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { headers } = request
  const declared = Number(headers['content-length'] ?? Number.NaN)
  const posted = {
    key: new URLSearchParams(query).get('key') ?? '',
    origin: headers.origin ?? null,
    length: declared >= 0 ? declared : null,
    readBytes: createNodeReader(request),
  }
  const said = await ingest(posted)
  response.writeHead(said.status, { ...said.headers, 'Content-Length': Buffer.byteLength(said.body) }).end(said.body)
}
