import { createServer, request as httpRequest, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { gunzipSync } from 'node:zlib'

/** One batch on its way through the proxy. */
export interface Passing {
  /** Its place among all batches that have come, from 0. */
  readonly place: number
  readonly at: number
  /** Ids of its records. */
  readonly ids: readonly string[]
  readonly events: readonly { readonly eventID: string; readonly eventName: string; readonly data?: unknown }[]
  /** Whether it was handed to the collector. */
  isForwarded: boolean
}

/** An answer in the proxy's or the collector's words; without `isForeign` it bears the CORS headers that let a page read it. */
export interface Said {
  readonly status: number
  readonly headers?: Record<string, string>
  readonly body?: string
  readonly isForeign?: boolean
}

/**
 * What becomes of a batch: `pass` to the collector and back; `hang`, never answered; `reset`, the connection is cut before
 * the collector hears of it; `lose`, it is stored and the connection is cut before the answer; an answer of our own;
 * the collector's answer, changed; or the body, changed on its way.
 */
export type Rule =
  | 'pass'
  | 'hang'
  | 'reset'
  | 'lose'
  | Said
  | { readonly changed: (answer: Said) => Said | Promise<Said> }
  | { readonly damaged: (body: Buffer) => Buffer }
  | { readonly laterMs: number; readonly rule: Rule }

/** Stands between browser and collector and does what the network, a proxy or a bad collector might do. */
export interface Proxy {
  readonly url: string
  /** Asked for each batch; preflights and everything else pass. */
  rule: (batch: Passing) => Rule
  /** All batches that came, in order. */
  readonly log: readonly Passing[]
  /** Refuses connections, as a machine does on which nothing listens. */
  down(): Promise<void>
  /** Listens again, on the same port. */
  up(): Promise<void>
  stop(): Promise<void>
}

/** @param target gives the collector's address at the time of each request. */
export async function startProxy(target: () => string): Promise<Proxy> {
  const log: Passing[] = []
  const proxy = { rule: (): Rule => 'pass' } as { rule: (batch: Passing) => Rule }
  let server: Server | null = null
  let port = 0

  async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readAll(request)
    const isBatch = request.method === 'POST' && !!request.url?.startsWith('/v1/sessions')
    if (!isBatch) return say(response, await forward(target(), request, body))
    const passing: Passing = { place: log.length, at: Date.now(), isForwarded: false, ...read(body) }
    log.push(passing)
    await follow(proxy.rule(passing), passing, request, response, body)
  }

  async function follow(
    rule: Rule,
    passing: Passing,
    request: IncomingMessage,
    response: ServerResponse,
    body: Buffer,
  ): Promise<void> {
    if (rule === 'hang') return
    if (rule === 'reset') return void request.socket.destroy()
    if (typeof rule === 'object' && 'laterMs' in rule) {
      await new Promise(resolve => setTimeout(resolve, rule.laterMs))
      return follow(rule.rule, passing, request, response, body)
    }
    if (typeof rule === 'object' && 'status' in rule) {
      const { origin } = request.headers
      const readable: Record<string, string> =
        rule.isForeign || !origin
          ? {}
          : { 'Access-Control-Allow-Origin': origin, 'Access-Control-Expose-Headers': 'Retry-After', Vary: 'Origin' }
      return say(response, { ...rule, headers: { ...readable, ...rule.headers } })
    }
    const sent = typeof rule === 'object' && 'damaged' in rule ? rule.damaged(body) : body
    passing.isForwarded = sent.equals(body)
    try {
      const answer = await forward(target(), request, sent)
      if (rule === 'lose') request.socket.destroy()
      else say(response, typeof rule === 'object' && 'changed' in rule ? await rule.changed(answer) : answer)
    } catch {
      // The collector is not there, or died in the middle: so does the connection.
      request.socket.destroy()
    }
  }

  async function up(): Promise<void> {
    if (!port) return upSomewhere()
    const started = createServer((request, response) => {
      take(request, response).catch(() => request.socket.destroy())
    })
    await new Promise<void>((resolve, reject) => {
      started.once('error', reject)
      started.listen(port, '127.0.0.1', resolve)
    })
    server = started
  }

  // Not a port of those that systems give out by themselves: while we are down another house could be given it, and with
  // it our records.
  async function upSomewhere(): Promise<void> {
    while (!server) {
      port = 10_000 + Math.floor(Math.random() * 20_000)
      await up().catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'EADDRINUSE') throw error
      })
    }
  }

  async function down(): Promise<void> {
    const stopped = server
    server = null
    if (!stopped) return
    stopped.closeAllConnections()
    await new Promise(resolve => stopped.close(resolve))
  }

  await up()
  return Object.assign(proxy, { url: `http://127.0.0.1:${port}`, log, down, up, stop: down })
}

async function readAll(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

function read(body: Buffer): Pick<Passing, 'ids' | 'events'> {
  const text = (body[0] === 0x1f ? gunzipSync(body) : body).toString()
  const { visits, sessions } = JSON.parse(text) as Record<string, { events: Passing['events'] }[]>
  const events = [...(visits ?? []), ...(sessions ?? [])].flatMap(group => group.events)
  return { events, ids: events.map(event => event.eventID) }
}

function forward(target: string, from: IncomingMessage, body: Buffer): Promise<Said> {
  return new Promise((resolve, reject) => {
    const { host: _, ...headers } = from.headers
    const request = httpRequest(
      target + (from.url ?? '/'),
      { method: from.method ?? 'GET', headers: { ...headers, 'content-length': body.length }, agent: false },
      answer => {
        readAll(answer).then(
          said =>
            resolve({
              status: answer.statusCode ?? 0,
              headers: answer.headers as Record<string, string>,
              body: said.toString(),
              isForeign: true,
            }),
          reject,
        )
      },
    )
    request.once('error', reject)
    request.end(body)
  })
}

function say(response: ServerResponse, { status, headers = {}, body = '' }: Said): void {
  const { 'content-length': _, 'transfer-encoding': __, connection: ___, ...rest } = headers
  response.writeHead(status, rest)
  response.end(status === 204 || status === 304 ? undefined : body)
}
