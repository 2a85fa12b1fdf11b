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
  const address = `${url}/v1/sessions?key=${encodeURIComponent(key)}`

  const post = (body: BodyInit, more: RequestInit): Promise<Response> =>
    fetch(address, { method: 'POST', body, headers: { 'Content-Type': contentType }, credentials: 'omit', ...more })

  return {
    async send(body, signal) {
      const timeout = new AbortController()
      const stop = (): void => timeout.abort()
      const timer = setTimeout(stop, requestTimeoutMs)
      signal.addEventListener('abort', stop)
      try {
        const response = await post(await gzip(body), { signal: timeout.signal })
        return toOutcome(response, await response.text(), now())
      } catch (cause) {
        return { is: 'unknown', cause }
      } finally {
        clearTimeout(timer)
        signal.removeEventListener('abort', stop)
      }
    },
    copy(body) {
      try {
        if ('keepalive' in Request.prototype) {
          // The answer of a page that is gone is read by nobody; what was not stored is still owed.
          post(body, { keepalive: true }).catch(() => {})
          return true
        }
        return navigator.sendBeacon(address, new Blob([body], { type: contentType }))
      } catch {
        return false
      }
    },
  }
}

function toOutcome(response: Response, text: string, now: number): Outcome {
  const { status } = response
  if (status === 200) {
    const answer = parseAnswer(text)
    return answer ? { is: 'answered', answer } : { is: 'unknown', cause: 'not an answer' }
  }
  if (status === 429 || status === 503) return { is: 'later', retryAfterMs: toRetryAfterMs(response, text, now) }
  if (status === 400) return { is: 'malformed' }
  if (status === 413) return { is: 'too-large' }
  if (status === 401 || status === 403 || status === 404) return { is: 'rejected', status }
  return { is: 'unknown', cause: status }
}

/** Retry-After in seconds or as a date (RFC 9110 10.2.3); a proxy may hide the header, so our collector says it in the body too. */
function toRetryAfterMs(response: Response, text: string, now: number): number {
  const said = response.headers.get('Retry-After') || (/"retryAfter":(\d+)/.exec(text) || [])[1] || '0'
  const ms = /^\d+$/.test(said) ? Number(said) * 1000 : Date.parse(said) - now
  return Math.min(Math.max(ms || 0, 0), retryAfterMaxMs)
}

/** Our collector knows gzip by its first bytes: a Content-Encoding header would cost a preflight. */
async function gzip(body: string): Promise<BodyInit> {
  if (body.length < minGzipBytes || typeof CompressionStream === 'undefined') return body
  try {
    const stream = new Blob([body]).stream().pipeThrough(new CompressionStream('gzip'))
    return await new Response(stream).blob()
  } catch {
    return body
  }
}
