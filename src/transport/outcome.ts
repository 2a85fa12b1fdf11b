import { parseAnswer } from '../record/batch.js'
import { retryAfterMaxMs } from '../record/limits.js'
import type { Outcome } from './transport.js'

/**
 * What a response of the collector means, for a {@link Transport} that gets status and text from elsewhere: from the app of a
 * web view, or the worker of an extension.
 *
 * @param status the HTTP status; 0 if there was no response, which is `unknown`.
 * @param text the body of the response.
 * @param retryAfter the header `Retry-After`, if it can be read. The collector says it in the body, too.
 * @param now Unix epoch, ms. Only a `Retry-After` that is a date is compared with it.
 * @example
 * const response = await fetch(address, { method: 'POST', body })
 * return toOutcome(response.status, await response.text())
 */
export function toOutcome(status: number, text: string, retryAfter?: string | null, now = Date.now()): Outcome {
  const answer = status === 200 && parseAnswer(text)
  if (answer) return { is: 'answered', answer }
  if (status === 429 || status === 503) return { is: 'later', status, retryAfterMs: toMs(retryAfter, text, now) }
  // A proxy that answers 400 to everything has not read the records, and must not cost one.
  const isForeign = !/^\s*\{\s*"v":/.test(text)
  if (status === 400 && !isForeign && /"malformed"/.test(text)) return { is: 'malformed' }
  if (status === 413) return { is: 'too-large', isForeign }
  return status === 401 || status === 403 || status === 404
    ? { is: 'rejected', status }
    : { is: 'unknown', cause: status }
}

/** Retry-After in seconds or as a date (RFC 9110 10.2.3). A proxy may hide the header, so the collector says it in the body too. */
function toMs(retryAfter: string | null | undefined, text: string, now: number): number {
  const said = retryAfter || (/"retryAfter":\s*(\d+)/.exec(text) || [])[1] || 0
  return toWait(Number(said) * 1000 || Date.parse(`${said}`) - now)
}

/** A wait of 0 to `retryAfterMaxMs`; 0 for what is no number. */
export function toWait(ms: unknown): number {
  return Math.min(Math.max(Number(ms) || 0, 0), retryAfterMaxMs)
}
