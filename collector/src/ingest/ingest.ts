import { type Batch, BatchError, limits, parseBatch } from 'sojourn/record'
import { busyRetryAfterSeconds, failedRetryAfterSeconds } from '../limits.js'
import type { Measure } from '../ops/measure.js'
import { makeUnknownOriginReply, toCorsHeaders } from '../reply/cors.js'
import { makeErrorReply, makeReply, makeRetryReply, type Reply, versions } from '../reply/reply.js'
import { isKeyText } from '../sites/names.js'
import type { Site, SiteRegistry } from '../sites/registry.js'
import type { Arrival } from '../store/store.js'
import type { Admission } from './admission.js'
import { type ReadBytes, readBody } from './body.js'
import type { CommitResult } from './commit.js'
import { refuseUnproved } from './proof.js'

/** A request that posts a batch, independent of the HTTP server. */
export interface IngestRequest {
  /** The `key` of the URL; empty if there is none. */
  readonly key: string
  readonly origin: string | null
  /** The `Content-Length`; `null` if there is none, or if it is not a number. */
  readonly length: number | null
  readonly readBytes: ReadBytes
}

/** What ingest is made of. */
export interface IngestParts {
  readonly commit: (arrival: Arrival) => Promise<CommitResult>
  readonly admission: Admission
  readonly sites: SiteRegistry
  /** Unix epoch, ms. */
  readonly now: () => number
  /** Called with the cause of a 500. */
  readonly onError: (cause: unknown) => void
  readonly measure: Measure
}

/** Takes one batch and makes the reply. Never rejects. */
export type Ingest = (request: IngestRequest) => Promise<Reply>

/** The limits of a batch, as every answer contains them. */
const published = {
  maxBytes: limits.maxBodyBytes,
  maxRecords: limits.maxBodyRecords,
  maxRecordBytes: limits.maxRecordBytes,
}

/**
 * Makes the handler of `POST /v1/sessions`. A 200 means that the batch is on disk, and its answer names every record.
 * Any other status has a code of `docs/protocol.md`, and means that nothing was acknowledged.
 */
export function createIngest(parts: IngestParts): Ingest {
  const { commit, admission, sites, now, onError, measure } = parts

  /** Finds the site of a key that another process may have made a moment ago. */
  async function findSite(key: string): Promise<Site | null> {
    if (isKeyText(key)) await sites.look()
    return sites.siteOfKey(key)
  }

  async function take({ length, readBytes }: IngestRequest, site: Site): Promise<Reply> {
    const isTooLarge = length !== null && length > limits.maxBodyBytes
    if (!isTooLarge && !admission.fits(length ?? 1)) return makeBusyReply()
    const admitted = admission.open()
    let bytes = 0
    const reserve = (more: number): boolean => {
      bytes += more
      return admitted.reserve(more)
    }
    try {
      const body = await readBody(readBytes, length, limits.maxBodyBytes, reserve)
      if (body.is === 'busy') return makeBusyReply()
      if (body.is === 'too-large')
        return makeErrorReply(413, 'too-large', `at most ${limits.maxBodyBytes} bytes, also when unzipped`, published)
      return body.is === 'malformed'
        ? makeErrorReply(400, 'malformed', body.detail)
        : await store(parseBatch(body.text), site, bytes)
    } catch (error) {
      if (error instanceof BatchError) return toErrorReply(error)
      onError(error)
      return makeErrorReply(500, 'unexpected', 'the collector failed; its log contains the cause')
    } finally {
      admitted.release()
    }
  }

  async function store(parsed: Batch, site: Site, bytes: number): Promise<Reply> {
    const receivedAt = now()
    const batch = refuseUnproved(parsed, site.proofSecrets, receivedAt)
    const stored = new Set(batch.facts.map(({ event }) => event.eventID))
    // If a batch contains a good and a bad record with one id, the id is answered as stored.
    const refused = batch.refused.filter(({ eventID }) => !stored.has(eventID))
    const result = await commit({ receivedAt, site: site.name, batch: { ...batch, refused } })
    if (result === 'busy') return makeBusyReply()
    if (result === 'failed')
      return makeRetryReply('store-failed', 'the batch could not be stored', failedRetryAfterSeconds)
    for (const { code } of refused) measure.refused(code)
    measure.batch({
      bytes,
      rows: rowsOf(batch),
      receivedAt,
      storedAt: now(),
      sentAt: batch.sentAt,
      earliest: batch.facts.reduce<number | null>(toEarliest, null),
    })
    return makeReply(200, {
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
    const { key, origin } = request
    const site = sites.siteOfKey(key) ?? (await findSite(key))
    // With a wrong key, the page of any site may read that the key is wrong.
    const isAllowed = origin === null || sites.isAllowed(origin, site)
    const reply = !isAllowed
      ? makeUnknownOriginReply(origin)
      : site
        ? await take(request, site)
        : makeErrorReply(401, 'wrong-key', 'key is not a write key of this collector')
    if (reply.code !== undefined) measure.errorReply(reply.code)
    if (!isAllowed) return reply
    const cors = origin === null ? { Vary: 'Origin' } : toCorsHeaders(origin)
    return { ...reply, headers: { ...reply.headers, ...cors } }
  }
}

function rowsOf({ facts, visits, sessions, pages, counts, refused }: Batch): number {
  return facts.length + visits.length + sessions.length + pages.length + counts.length + refused.length
}

function toEarliest(earliest: number | null, { event }: Batch['facts'][number]): number {
  return earliest === null ? event.timestamp : Math.min(earliest, event.timestamp)
}

function toErrorReply({ status, code, message }: BatchError): Reply {
  return makeErrorReply(status, code, message, status === 413 ? published : {})
}

function makeBusyReply(): Reply {
  const message = `overloaded: too many batches in flight; retry after ${busyRetryAfterSeconds} s`
  return makeRetryReply('busy', message, busyRetryAfterSeconds)
}
