import { parseAnswer } from '../record/batch.js'
import { minGzipBytes, requestTimeoutMs, retryAfterMaxMs } from '../record/limits.js'
import type { Outcome, Transport } from './transport.js'

/** text/plain needs no CORS preflight, and so gets through from a closing page. */
const contentType = 'text/plain;charset=UTF-8'

/**
 * The transport of a page: fetch, gzipped where the browser can; keepalive at the end.
 *
 * @param url the collector's base address, without a slash at its end.
 */
export function createFetch(url: string, key: string, now: () => number): Transport {
  const address = `${url}/v1/sessions?key=${key}`

  const post = (body: BodyInit, more: RequestInit): Promise<Response> =>
    fetch(address, { method: 'POST', body, headers: { 'Content-Type': contentType }, credentials: 'omit', ...more })

  // A proxy may take what is zipped for text, and damage it.
  let isPlain = false

  return {
    async send(body, signal) {
      const stop = new AbortController()
      const timer = setTimeout(() => stop.abort(), requestTimeoutMs)
      signal.onabort = () => stop.abort()
      if (signal.aborted) stop.abort()
      try {
        const response = await post(isPlain ? body : await gzip(body), { signal: stop.signal })
        const outcome = toOutcome(response, await response.text(), now())
        isPlain = isPlain || outcome.is === 'malformed'
        return outcome
      } catch (cause) {
        return { is: 'unknown', cause }
      } finally {
        clearTimeout(timer)
      }
    },
    copy(body) {
      // The answer of a page that is gone is read by nobody; what was not stored is still owed.
      if ('keepalive' in Request.prototype) post(body, { keepalive: true }).catch(() => {})
      else return navigator.sendBeacon(address, new Blob([body], { type: contentType }))
      return true
    },
  }
}

function toOutcome({ status, headers }: Response, text: string, now: number): Outcome {
  const answer = status === 200 && parseAnswer(text)
  if (answer) return { is: 'answered', answer }
  if (status === 429 || status === 503) return { is: 'later', status, retryAfterMs: toRetryAfterMs(headers, text, now) }
  // A proxy that answers 400 to everything has not read our records, and must not cost one.
  const isForeign = !/^\s*\{\s*"v":/.test(text)
  if (status === 400 && !isForeign && /"malformed"/.test(text)) return { is: 'malformed' }
  if (status === 413) return { is: 'too-large', isForeign }
  return status === 401 || status === 403 || status === 404
    ? { is: 'rejected', status }
    : { is: 'unknown', cause: status }
}

/** Retry-After in seconds or as a date (RFC 9110 10.2.3); a proxy may hide the header, so our collector says it in the body too. */
function toRetryAfterMs(headers: Headers, text: string, now: number): number {
  const said = headers.get('Retry-After') || (/"retryAfter":\s*(\d+)/.exec(text) || [])[1] || 0
  const ms = Number(said) * 1000 || Date.parse(`${said}`) - now
  return Math.min(Math.max(ms || 0, 0), retryAfterMaxMs)
}

/** Our collector knows gzip by its first bytes: a Content-Encoding header would cost a preflight. */
async function gzip(body: string): Promise<BodyInit> {
  if (body.length < minGzipBytes || !('CompressionStream' in self)) return body
  return new Response(new Blob([body]).stream().pipeThrough(new CompressionStream('gzip'))).blob()
}
