import { createServer, request as httpRequest, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { gunzipSync } from 'node:zlib'

/** One batch that reached the proxy. */
export interface Passing {
  /** Its number among all batches, from 0. */
  readonly place: number
  readonly at: number
  /** Ids of its records. */
  readonly ids: readonly string[]
  readonly events: readonly { readonly eventID: string; readonly eventName: string; readonly data?: unknown }[]
  /** Whether the proxy sent it to the collector unchanged. */
  isForwarded: boolean
}

/** An answer of the proxy or the collector. Unless `isForeign`, it has the CORS headers that let a page read it. */
export interface Said {
  readonly status: number
  readonly headers?: Record<string, string>
  readonly body?: string
  readonly isForeign?: boolean
}

/**
 * What the proxy does with a batch.
 *
 * - `pass`: sends it to the collector, and the answer back.
 * - `hang`: never answers.
 * - `reset`: cuts the connection, and the collector gets nothing.
 * - `lose`: lets the collector store it, and cuts the connection before the answer.
 * - `Said`: gives this answer itself.
 * - `changed`: changes the collector's answer.
 * - `damaged`: changes the body before the collector gets it.
 * - `laterMs`: waits before it follows another rule.
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

/** A proxy between browser and collector. It does what a bad network, proxy or collector might do. */
export interface Proxy {
  readonly url: string
  /** Called for each batch. Preflights and all other requests pass. */
  rule: (batch: Passing) => Rule
  /** All batches, in the order of their arrival. */
  readonly log: readonly Passing[]
  /** Stops listening, so that the machine refuses connections. */
  down(): Promise<void>
  /** Listens again, on the same port. */
  up(): Promise<void>
  stop(): Promise<void>
}

/** Starts a proxy. @param target gives the collector's address at the time of each request. */
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
      // The collector does not listen, or was killed. Then the browser loses its connection too.
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

  // The port is outside the range that systems assign. Otherwise another case could get it while this proxy is down,
  // and would receive the records of this case.
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
