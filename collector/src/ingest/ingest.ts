import { type Batch, BatchError, limits, parseBatch } from 'sojourn/record'
import { busyRetryAfterSeconds, failedRetryAfterSeconds } from '../limits.js'
import { makeSaid, type Said, toRefusal, versions } from '../reply/reply.js'
import type { Arrival } from '../store/store.js'
import { toCorsHeaders } from '../web/origins.js'
import type { Intake } from './admission.js'
import { type ReadBytes, readBody } from './body.js'
import type { Commit } from './commit.js'

/** A batch as it is posted, whoever speaks HTTP. */
export interface Posted {
  /** The `key` of the URL; empty: none. */
  readonly key: string
  readonly origin: string | null
  /** The `Content-Length`; `null`: none, or none that is a number. */
  readonly length: number | null
  readonly readBytes: ReadBytes
}

/** What ingest is made of. */
export interface IngestParts {
  readonly commit: (arrival: Arrival) => Promise<Commit>
  readonly intake: Intake
  readonly isKey: (key: string) => boolean
  readonly isAllowedOrigin: (origin: string) => boolean
  readonly now: () => number
  /** Told what went wrong where the answer says no more than 500. */
  readonly onError: (cause: unknown) => void
}

/** Takes one batch, and says what became of it; never rejects. */
export type Ingest = (posted: Posted) => Promise<Said>

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
export function createIngest(parts: IngestParts): Ingest {
  const { commit, intake, isKey, isAllowedOrigin, now, onError } = parts

  async function take({ key, length, readBytes }: Posted): Promise<Said> {
    if (!isKey(key)) return toRefusal(401, 'wrong-key', 'key is not a write key of this collector')
    const isTooLarge = length !== null && length > limits.maxBodyBytes
    if (!isTooLarge && !intake.hasRoom(length ?? 1)) return toBusy()
    const room = intake.open()
    try {
      const body = await readBody(readBytes, length, limits.maxBodyBytes, room.take)
      if (body.is === 'busy') return toBusy()
      if (body.is === 'too-large')
        return toRefusal(413, 'too-large', `at most ${limits.maxBodyBytes} bytes, also when unzipped`, published)
      return body.is === 'malformed' ? toRefusal(400, 'malformed', body.detail) : await keep(parseBatch(body.text))
    } catch (error) {
      if (error instanceof BatchError) return toMalformed(error)
      onError(error)
      return toRefusal(500, 'unexpected', 'the collector failed; its log says why')
    } finally {
      room.leave()
    }
  }

  async function keep(batch: Batch): Promise<Said> {
    const receivedAt = now()
    const stored = new Set(batch.facts.map(({ event }) => event.eventID))
    // An id that came twice, once good and once bad, is stored.
    const refused = batch.refused.filter(({ eventID }) => !stored.has(eventID))
    const came = await commit({ receivedAt, batch: { ...batch, refused } })
    if (came === 'busy') return toBusy()
    if (came === 'failed') return toLater('store-failed', 'the batch could not be kept', failedRetryAfterSeconds)
    return makeSaid(200, {
      v: limits.protocolVersion,
      versions,
      now: now(),
      stored: [...stored],
      refused: refused.map(({ eventID, code }) => [eventID, code]),
      gone: [],
      limits: published,
    })
  }

  return async posted => {
    const { origin } = posted
    if (origin !== null && !isAllowedOrigin(origin)) return toUnknownOrigin(origin)
    const said = await take(posted)
    const cors = origin === null ? { Vary: 'Origin' } : toCorsHeaders(origin)
    return { ...said, headers: { ...said.headers, ...cors } }
  }
}

/** The answer to a page that may not send; without CORS headers, so that it learns no more than that. */
export function toUnknownOrigin(origin: string): Said {
  return toRefusal(403, 'unknown-origin', `pages of ${origin} may not send here`, {}, { Vary: 'Origin' })
}

function toMalformed({ status, code, message }: BatchError): Said {
  return toRefusal(status, code, message, status === 413 ? published : {})
}

function toBusy(): Said {
  return toLater('busy', 'too much is on its way in', busyRetryAfterSeconds)
}

/** The answer to a request that may come again. */
export function toLater(code: string, message: string, seconds: number): Said {
  return toRefusal(503, code, message, { retryAfter: seconds }, { 'Retry-After': String(seconds) })
}
