import { type Json, parseJson, shorten } from './json.js'

/** Which collector is asked, and what it is shown. */
export interface Target {
  /** Such as `https://my-collector.example`, without a slash at its end. */
  readonly base: string
  readonly key: string
  /** `null`: reads show none. */
  readonly readToken: string | null
}

/** What came back, and what had been sent. */
export interface Reply {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** `undefined`: not JSON. */
  readonly body: Json | undefined
  /** The request, shortened, for a report. */
  readonly sent: string
}

/** How a request differs from the usual one. */
export interface Way {
  readonly key?: string
  readonly headers?: Readonly<Record<string, string>>
}

/** The two halves of the protocol, as a client sees them. */
export interface Wire {
  /**
   * Posts a body to `/v1/sessions`: text and bytes as they are, anything else as JSON. A collector may be busy: at a 429 or
   * 503 it waits as it is told, and sends again.
   */
  readonly send: (body: Json | Uint8Array, way?: Way) => Promise<Reply>
  /** Reads below the base, with the read token unless the headers say otherwise. */
  readonly get: (path: string, headers?: Readonly<Record<string, string>>) => Promise<Reply>
  /** Any other request. */
  readonly ask: (method: string, path: string, headers?: Readonly<Record<string, string>>) => Promise<Reply>
}

/** A request that got no answer at all; the message says why. */
export class NoAnswer extends Error {}

const requestTimeoutMs = 30_000
/** How often, and how long at the most, a collector may ask to come again later. */
const maxLater = 5
const maxRetryAfterSeconds = 30

/** Makes the wire to a collector. Its functions reject with `NoAnswer` where nothing comes back. */
export function createWire({ base, key, readToken }: Target): Wire {
  async function ask(method: string, path: string, headers: Way['headers'] = {}, body?: string | Uint8Array) {
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
    async send(body, way = {}) {
      const raw = typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body)
      const headers = { 'Content-Type': 'text/plain;charset=UTF-8', ...way.headers }
      const path = `/v1/sessions?key=${encodeURIComponent(way.key ?? key)}`
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
  // A token is nobody's business but the collector's.
  return Object.entries(headers)
    .map(([name, value]) => `\n${name}: ${name === 'Authorization' ? value.replace(/ .*/, ' …') : value}`)
    .join('')
}

function toSample(body: string | Uint8Array): string {
  if (typeof body === 'string') return shorten(body, 600)
  return `${body.length} bytes: ${Buffer.from(body.subarray(0, 24)).toString('hex')}…`
}
