import { parseAnswer } from '../record/batch.js'
import { bytesOf } from '../record/event.js'
import { maxExitBytes, minGzipBytes, requestTimeoutMs, retryAfterMaxMs } from '../record/limits.js'
import type { Outcome, Transport } from './transport.js'

type Body = string | Uint8Array<ArrayBuffer>

/** text/plain needs no CORS preflight, so it gets through from a closing page. */
const contentType = 'text/plain;charset=UTF-8'

/**
 * The transport of a page: `fetch`, zipped where the browser can, and with `keepalive` where the browser takes it, so that
 * a request under way outlives the page without a line in the console.
 *
 * @param url base address of the collector, without a slash at its end.
 */
export function createFetch(url: string, key: string, now: () => number): Transport {
  const address = `${url}/v1/sessions?key=${key}`
  // A proxy may take a zipped body for text, and damage it.
  let isPlain = false
  // Bytes of keepalive requests under way.
  let underWay = 0
  // The page's own requests may have used up what the browser allows. Then the next attempt goes without keepalive.
  let isRefused = false

  function room(): number {
    return maxExitBytes - underWay
  }

  async function post(body: Body, keepalive: boolean, signal?: AbortSignal): Promise<Response> {
    const bytes = keepalive ? sizeOf(body) : 0
    underWay += bytes
    try {
      const headers = { 'Content-Type': contentType }
      const request: RequestInit = { method: 'POST', body, headers, credentials: 'omit', keepalive }
      return await fetch(address, signal ? { ...request, signal } : request)
    } finally {
      underWay -= bytes
    }
  }

  return {
    async send(text, signal) {
      const stop = new AbortController()
      const timer = setTimeout(() => stop.abort(), requestTimeoutMs)
      let keepalive = false
      // A request with keepalive is not stopped: it may still arrive after the page is gone.
      signal.onabort = () => keepalive || stop.abort()
      try {
        const body = isPlain ? text : await gzip(text)
        if (signal.aborted) stop.abort()
        keepalive = hasKeepalive() && !isRefused && sizeOf(body) < room()
        const response = await post(body, keepalive, stop.signal)
        isRefused = false
        const outcome = toOutcome(response, await response.text(), now())
        isPlain = isPlain || outcome.is === 'malformed'
        return outcome
      } catch (cause) {
        isRefused = keepalive
        return { is: 'unknown', cause }
      } finally {
        clearTimeout(timer)
      }
    },
    copy(body) {
      // Nobody reads the answer of a page that is gone. What was not stored is still owed.
      if (hasKeepalive()) post(body, true).catch(() => {})
      else return navigator.sendBeacon(address, new Blob([body], { type: contentType }))
      return true
    },
    room,
  }
}

function hasKeepalive(): boolean {
  return 'keepalive' in Request.prototype
}

function sizeOf(body: Body): number {
  return typeof body === 'string' ? bytesOf(body, 0) : body.length
}

function toOutcome({ status, headers }: Response, text: string, now: number): Outcome {
  const answer = status === 200 && parseAnswer(text)
  if (answer) return { is: 'answered', answer }
  if (status === 429 || status === 503) return { is: 'later', status, retryAfterMs: toRetryAfterMs(headers, text, now) }
  // A proxy that answers 400 to everything has not read the records, and must not cost one.
  const isForeign = !/^\s*\{\s*"v":/.test(text)
  if (status === 400 && !isForeign && /"malformed"/.test(text)) return { is: 'malformed' }
  if (status === 413) return { is: 'too-large', isForeign }
  return status === 401 || status === 403 || status === 404
    ? { is: 'rejected', status }
    : { is: 'unknown', cause: status }
}

/** Retry-After in seconds or as a date (RFC 9110 10.2.3). A proxy may hide the header, so the collector says it in the body too. */
function toRetryAfterMs(headers: Headers, text: string, now: number): number {
  const said = headers.get('Retry-After') || (/"retryAfter":\s*(\d+)/.exec(text) || [])[1] || 0
  const ms = Number(said) * 1000 || Date.parse(`${said}`) - now
  return Math.min(Math.max(ms || 0, 0), retryAfterMaxMs)
}

/** The collector knows gzip by its first bytes, because a Content-Encoding header would cost a preflight. */
async function gzip(body: string): Promise<Body> {
  if (body.length < minGzipBytes || !('CompressionStream' in self)) return body
  const { readable, writable } = new CompressionStream('gzip')
  // Not `Blob.stream()`: WebKit writes a line to the console if the page leaves while one is read.
  const writer = writable.getWriter()
  const written = writer.write(new TextEncoder().encode(body)).then(() => writer.close())
  const zipped = await new Response(readable).arrayBuffer()
  await written
  return new Uint8Array(zipped)
}
