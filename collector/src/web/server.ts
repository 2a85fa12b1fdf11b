import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import { createNodeReader } from '../ingest/body.js'
import type { Ingest } from '../ingest/ingest.js'
import { createPieceCheck } from '../ingest/progress.js'
import {
  headersTimeoutMs,
  keepAliveTimeoutMs,
  requestTimeoutMs,
  restOfBodyMs,
  stopTimeoutMs,
  timeoutCheckMs,
} from '../limits.js'
import { clientOf, type RequestEnv } from './client.js'
import { isOfOtherUser } from './peer.js'
import { toSentReply } from './sent-reply.js'

/** A collector that listens. */
export interface RunningServer {
  /** The base URL, such as `http://127.0.0.1:4318`. */
  readonly url: string
  /** Accepts no more requests, waits up to ten seconds for those in flight, and then resolves. */
  readonly stop: () => Promise<void>
}

/** What a server is made of. */
export interface ServerParts {
  readonly fetch: (request: Request, env?: RequestEnv) => Response | Promise<Response>
  /** Handles batches without the conversion to `Request` and `Response`. If left out, `fetch` handles them. */
  readonly ingest?: Ingest
}

/** How often a server that stops closes the connections that have become idle. */
const idleCheckMs = 50

/**
 * How long a connection stays open while nothing goes through it. A stream says something every 15 s, so the client of such a
 * connection reads nothing, or the reply takes long to make, as that to an erasure may. Then it stays open.
 */
const silentTimeoutMs = 120_000

/** Where to listen. */
export interface ListenOptions {
  readonly host: string
  /** 0 chooses a free port. */
  readonly port: number
  /** Called when a connection could not be accepted after the start. */
  readonly onError?: (cause: unknown) => void
  /**
   * Whether the address of a connection is that of a proxy whose `X-Forwarded-For` or `Forwarded` names the client.
   *
   * @default no address is.
   */
  readonly trustProxy?: (address: string) => boolean
  /** After how long a connection closes whose reply nobody reads. @default 120,000 */
  readonly silentMs?: number
  /** After how long a connection closes on which no request has begun. @default 10,000 */
  readonly unusedMs?: number
}

const timeouts = {
  requestTimeout: requestTimeoutMs,
  headersTimeout: headersTimeoutMs,
  keepAliveTimeout: keepAliveTimeoutMs,
  connectionsCheckingInterval: timeoutCheckMs,
}

/**
 * Listens with Node's own HTTP server.
 *
 * @throws (rejects) if it cannot listen; `code` is Node's, such as `EADDRINUSE`.
 */
export function serve({ fetch, ingest }: ServerParts, options: ListenOptions): Promise<RunningServer> {
  const {
    host,
    port,
    onError,
    trustProxy = () => false,
    silentMs = silentTimeoutMs,
    unusedMs = Math.min(silentMs, headersTimeoutMs),
  } = options
  const { isPipelined, isBeingMade } = createReplyWatch()
  const toClient = (request: Pick<IncomingMessage, 'socket' | 'headers'>): string =>
    clientOf(request.socket.remoteAddress, request.headers, trustProxy)
  const listen = getRequestListener((request, { incoming, outgoing }) => {
    // No browser speaks HTTP/1.0. A proxy does: nginx, unless it is told otherwise, and it adds no header that shows it.
    if (incoming.httpVersion === '1.0') request.headers.append('Via', '1.0 unknown')
    return fetch(request, {
      client: toClient(incoming as IncomingMessage),
      isOfOtherUser: () => isOfOtherUser((incoming as IncomingMessage).socket),
      reply: toSentReply(outgoing as ServerResponse),
    })
  })
  const server = createServer(timeouts, (request, response) => {
    if (isPipelined(request.socket, response)) return
    if (request.socket.timeout === unusedMs) request.socket.setTimeout(silentMs)
    if (request.headers['transfer-encoding'] !== undefined) boundChunks(request, response)
    // Almost all requests are batches. They go to `ingest` directly, because web requests and streams cost more.
    const query = ingest && request.method === 'POST' ? toIngestQuery(request.url ?? '') : null
    if (ingest && query !== null) void handleBatch(ingest, query, toClient(request), request, response)
    else void listen(request, response)
  })
  server.timeout = silentMs
  // Node waits for the headers of a request only from its first byte on.
  server.on('connection', socket => socket.setTimeout(unusedMs))
  server.on('timeout', socket => {
    if (isBeingMade(socket)) socket.setTimeout(socket.timeout ?? silentMs)
    else socket.destroy()
  })
  const stop = (): Promise<void> =>
    new Promise(resolve => {
      const timer = setTimeout(() => server.closeAllConnections(), stopTimeoutMs)
      // A connection whose last request was answered after the stop began would stay open for seconds.
      const idle = setInterval(() => server.closeIdleConnections(), idleCheckMs)
      server.close(() => {
        clearTimeout(timer)
        clearInterval(idle)
        resolve()
      })
    })
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject).on('error', cause => onError?.(cause))
      const { port: actualPort } = server.address() as AddressInfo
      resolve({ url: `http://${host.includes(':') ? `[${host}]` : host}:${actualPort}`, stop })
    })
  })
}

/** Knows the reply under way on each connection. */
interface ReplyWatch {
  /**
   * Whether a request came before the reply to the one before it on its connection. Such a request is not answered, and its
   * connection closes after the reply under way. One packet may have two thousand of them, which would all be handled at once,
   * while everybody else waits. No browser sends so, and no proxy.
   */
  isPipelined(socket: Socket, response: ServerResponse): boolean
  /** Whether the client of a connection waits for the collector, and has read all that there is of the reply. */
  isBeingMade(socket: Socket): boolean
}

function createReplyWatch(): ReplyWatch {
  // `null`: the connection will close.
  const replies = new WeakMap<Socket, ServerResponse | null>()
  return {
    isPipelined(socket, response) {
      const last = replies.get(socket)
      if (last === null) return true
      const isEarly = last !== undefined && !last.writableFinished
      replies.set(socket, isEarly ? null : response)
      if (isEarly) last.once('close', () => socket.destroy())
      return isEarly
    },
    isBeingMade(socket) {
      const reply = replies.get(socket)
      return !!reply && !reply.writableEnded && reply.writableLength + socket.writableLength === 0
    },
  }
}

/**
 * Bounds what chunks can cause that nobody reads. Each takes about a hundred bytes besides its own, and a packet may have ten
 * thousand. Those of a request that needs no body are dropped. If the body is not complete when the reply was sent, nothing more of it is
 * read, and the connection closes soon.
 */
function boundChunks(request: IncomingMessage, response: ServerResponse): void {
  const { socket } = request
  if (request.method !== 'POST') {
    const isTooFine = createPieceCheck()
    request.on('data', ({ length }: Buffer) => isTooFine(length) && socket.destroy())
  }
  response.once('finish', () => {
    if (request.complete) return
    // Node is about to read and drop the rest. It begins before promises have their turn.
    void Promise.resolve().then(() => socket.pause())
    setTimeout(() => socket.destroy(), restOfBodyMs).unref()
  })
}

/** Returns the query of the URL to which batches are posted, and `null` for any other URL. */
function toIngestQuery(url: string): string | null {
  const [path, query = ''] = url.split('?', 2)
  return path === '/v1/sessions' ? query : null
}

async function handleBatch(
  ingest: Ingest,
  query: string,
  client: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { headers } = request
  const declared = Number(headers['content-length'] ?? Number.NaN)
  const reply = await ingest({
    key: new URLSearchParams(query).get('key') ?? '',
    origin: headers.origin ?? null,
    length: declared >= 0 ? declared : null,
    client,
    body: createNodeReader(request),
  })
  response
    .writeHead(reply.status, { ...reply.headers, 'Content-Length': Buffer.byteLength(reply.body) })
    .end(reply.body)
}
