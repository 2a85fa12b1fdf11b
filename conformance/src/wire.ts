import { type Json, parseJson, shorten } from './json.js'

/** The address and the credentials of a collector. */
export interface Target {
  /** Such as `https://my-collector.example`, without a slash at its end. */
  readonly base: string
  readonly key: string
  /** `null`: reads contain no token. */
  readonly readToken: string | null
}

/** A reply, and the request that it belongs to. */
export interface Reply {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** `undefined` if the text is not JSON. */
  readonly body: Json | undefined
  /** The request, shortened, for a report. */
  readonly sent: string
}

/** What is different from the usual request. */
export interface SendOptions {
  readonly key?: string
  readonly headers?: Readonly<Record<string, string>>
}

/** Sends requests of the protocol. */
export interface Wire {
  /**
   * Posts a body to `/v1/sessions`. Text and bytes are sent unchanged, other values as JSON. After a 429 or 503 with
   * `Retry-After`, waits and sends again.
   */
  readonly send: (body: Json | Uint8Array, options?: SendOptions) => Promise<Reply>
  /** Sends a GET. It contains the read token, unless `headers` are given. */
  readonly get: (path: string, headers?: Readonly<Record<string, string>>) => Promise<Reply>
  /** Sends any other request. */
  readonly ask: (method: string, path: string, headers?: Readonly<Record<string, string>>) => Promise<Reply>
}

/** A request got no reply. The message says why. */
export class NoAnswer extends Error {}

const requestTimeoutMs = 30_000
/** How often a request is sent again after a 429 or 503, and the longest `Retry-After` that is waited for. */
const maxLater = 5
const maxRetryAfterSeconds = 30

/** Makes the wire to a collector. Its functions reject with `NoAnswer` if there is no reply. */
export function createWire({ base, key, readToken }: Target): Wire {
  async function ask(method: string, path: string, headers: SendOptions['headers'] = {}, body?: string | Uint8Array) {
    const sent = `${method} ${path}${toLines(headers)}${body === undefined ? '' : `\n${toSample(body)}`}`
    const signal = AbortSignal.timeout(requestTimeoutMs)
    const init = { method, headers: { ...headers }, signal, redirect: 'manual' as const }
    try {
      const response = await fetch(
        base + path,
        body === undefined ? init : { ...init, body: body as NonNullable<RequestInit['body']> },
      )
      const text = await response.text()
      return { status: response.status, headers: response.headers, text, body: parseJson(text), sent }
    } catch (error) {
      const { message, cause } = error as Error
      throw new NoAnswer(`no answer to ${method} ${path}: ${(cause as Error | undefined)?.message || message}`)
    }
  }
  return {
    ask,
    async send(body, options = {}) {
      const raw = typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body)
      const headers = { 'Content-Type': 'text/plain;charset=UTF-8', ...options.headers }
      const path = `/v1/sessions?key=${encodeURIComponent(options.key ?? key)}`
      for (let sent = 1; ; sent++) {
        const reply = await ask('POST', path, headers, raw)
        const seconds = Number(reply.headers.get('Retry-After') ?? Number.NaN)
        const isLater = (reply.status === 429 || reply.status === 503) && seconds <= maxRetryAfterSeconds
        if (!isLater || sent > maxLater) return reply
        await new Promise(resolve => setTimeout(resolve, seconds * 1000))
      }
    },
    get: (path, headers = readToken === null ? {} : { Authorization: `Bearer ${readToken}` }) =>
      ask('GET', path, headers),
  }
}

function toLines(headers: Readonly<Record<string, string>>): string {
  // The report must not contain the read token.
  return Object.entries(headers)
    .map(([name, value]) => `\n${name}: ${name === 'Authorization' ? value.replace(/ .*/, ' …') : value}`)
    .join('')
}

function toSample(body: string | Uint8Array): string {
  if (typeof body === 'string') return shorten(body, 600)
  return `${body.length} bytes: ${Buffer.from(body.subarray(0, 24)).toString('hex')}…`
}
