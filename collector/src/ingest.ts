import { BatchError, limits, parseBatch } from 'sojourn/record'
import { makeAnswer, makeRefusal, versions } from './answers.js'
import { readBody } from './body.js'
import type { Commit } from './commit.js'
import { busyRetryAfterSeconds, failedRetryAfterSeconds } from './limits.js'
import { toCorsHeaders } from './origins.js'
import type { Arrival } from './store/store.js'

/** What ingest is made of. */
export interface IngestParts {
  readonly commit: (arrival: Arrival) => Promise<Commit>
  readonly isKey: (key: string) => boolean
  readonly isAllowedOrigin: (origin: string) => boolean
  readonly now: () => number
}

/** What a batch may be at the most, as every answer publishes it. */
const published = {
  maxBytes: limits.maxBodyBytes,
  maxRecords: limits.maxBodyRecords,
  maxRecordBytes: limits.maxRecordBytes,
}

/**
 * Makes the taker of batches (`POST /v1/sessions`): 200 means on disk, and the answer names every record of the request.
 * Whatever else happens is a status and a code of `docs/protocol.md`, and then nothing was acknowledged.
 */
export function createIngest({ commit, isKey, isAllowedOrigin, now }: IngestParts): (r: Request) => Promise<Response> {
  async function take(request: Request): Promise<Response> {
    if (!isKey(new URL(request.url).searchParams.get('key') ?? ''))
      return makeRefusal(401, 'wrong-key', 'key is not a write key of this collector')
    const body = await readBody(request, limits.maxBodyBytes)
    if (body.is === 'too-large')
      return makeRefusal(413, 'too-large', `at most ${limits.maxBodyBytes} bytes, also when unzipped`, published)
    if (body.is === 'malformed') return makeRefusal(400, 'malformed', body.detail)
    const receivedAt = now()
    const batch = parseBatch(body.text)
    const stored = new Set(batch.facts.map(({ event }) => event.eventID))
    // An id that came twice, once good and once bad, is stored.
    const refused = batch.refused.filter(({ eventID }) => !stored.has(eventID))
    const came = await commit({ receivedAt, batch: { ...batch, refused } })
    if (came === 'busy') return makeLater('busy', 'too many batches are waiting', busyRetryAfterSeconds)
    if (came === 'failed') return makeLater('store-failed', 'the batch could not be kept', failedRetryAfterSeconds)
    return makeAnswer(200, {
      v: limits.protocolVersion,
      versions,
      now: now(),
      stored: [...stored],
      refused: refused.map(({ eventID, code }) => [eventID, code]),
      gone: [],
      limits: published,
    })
  }

  return async request => {
    const origin = request.headers.get('Origin')
    if (origin !== null && !isAllowedOrigin(origin)) return makeUnknownOrigin(origin)
    const answer = await take(request).catch(toMalformed)
    for (const [name, value] of Object.entries(origin === null ? { Vary: 'Origin' } : toCorsHeaders(origin)))
      answer.headers.set(name, value)
    return answer
  }
}

/** The answer to a page that may not send; without CORS headers, so that it learns no more than that. */
export function makeUnknownOrigin(origin: string): Response {
  return makeRefusal(403, 'unknown-origin', `pages of ${origin} may not send here`, {}, { Vary: 'Origin' })
}

function toMalformed(error: unknown): Response {
  if (!(error instanceof BatchError)) throw error
  return makeRefusal(error.status, error.code, error.message, error.status === 413 ? published : {})
}

function makeLater(code: string, message: string, seconds: number): Response {
  return makeRefusal(503, code, message, { retryAfter: seconds }, { 'Retry-After': String(seconds) })
}
