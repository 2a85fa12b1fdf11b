import { type Batch, BatchError, limits, parseBatch } from 'sojourn/record'
import type { Measure } from '../ops/measure.js'
import { makeUnknownOriginReply, toCorsHeaders } from '../reply/cors.js'
import { makeReply, type Reply, versions } from '../reply/reply.js'
import { isKeyText } from '../sites/names.js'
import type { Site, SiteRegistry } from '../sites/registry.js'
import type { Arrival } from '../store/store.js'
import type { Admission } from './admission.js'
import { type BodyReader, createTurns, readBody } from './body.js'
import { toClientGroup } from './client-group.js'
import type { CommitResult } from './commit.js'
import * as replies from './error-replies.js'
import type { ProgressWatch } from './progress.js'
import { refuseUnproved } from './proof.js'
import type { Quotas, QuotaUnit } from './quotas.js'
import { isTooHeavy } from './weight.js'

/** A request that posts a batch, independent of the HTTP server. */
export interface IngestRequest {
  /** The `key` of the URL; empty if there is none. */
  readonly key: string
  readonly origin: string | null
  /** The address of the client, as `clientOf` gives it; empty if it is not known. */
  readonly client: string
  /** The `Content-Length`; `null` if there is none, or if it is not a number. */
  readonly length: number | null
  readonly body: BodyReader
}

/** What ingest is made of. */
export interface IngestParts {
  readonly commit: (arrival: Arrival) => Promise<CommitResult>
  readonly admission: Admission
  readonly progress: ProgressWatch
  readonly quotas: Quotas
  /** Whether the database has reached its limit. */
  readonly isDiskFull: () => boolean | Promise<boolean>
  readonly sites: SiteRegistry
  /** Unix epoch, ms. */
  readonly now: () => number
  /** Called with the cause of a 500. */
  readonly onError: (cause: unknown) => void
  readonly measure: Measure
}

/** Takes one batch and makes the reply. Never rejects. */
export type Ingest = (request: IngestRequest) => Promise<Reply>

/** Takes so many of one unit out of the quotas of a request. Returns the error reply if they are used up. */
type Take = (unit: QuotaUnit, count: number) => Reply | null

/**
 * Makes the handler of `POST /v1/sessions`. A 200 means that the batch is on disk, and its answer names every record.
 * Any other status has a code of `docs/protocol.md`, and means that nothing was acknowledged.
 */
export function createIngest(parts: IngestParts): Ingest {
  const { commit, admission, progress, quotas, isDiskFull, sites, now, onError, measure } = parts
  const turn = createTurns()

  /** Finds the site of a key that another process may have made a moment ago. */
  async function findSite(key: string): Promise<Site | null> {
    if (isKeyText(key)) await sites.look()
    return sites.siteOfKey(key)
  }

  async function take(request: IngestRequest, site: Site): Promise<Reply> {
    const isFull = isDiskFull()
    if (isFull === true || (isFull && (await isFull))) return replies.makeDiskFullReply()
    const client = toClientGroup(request.client)
    const takeQuota: Take = (unit, count) => {
      const seconds = quotas.take(unit, count, site, client)
      return seconds ? replies.makeOverQuotaReply(unit, seconds) : null
    }
    const overQuota = takeQuota('requests', 1)
    if (overQuota) return overQuota
    const { length } = request
    if (length !== null && length > limits.maxBodyBytes) return replies.makeTooLargeReply()
    if (!admission.fits(length ?? 1, client)) return replies.makeBusyReply()
    const admitted = admission.open(client)
    try {
      return await read(request, site, admitted.reserve, takeQuota)
    } catch (error) {
      if (error instanceof BatchError) return replies.toErrorReply(error)
      onError(error)
      return replies.makeUnexpectedReply()
    } finally {
      admitted.release()
    }
  }

  async function read(request: IngestRequest, site: Site, reserve: (bytes: number) => boolean, takeQuota: Take) {
    const { body, length } = request
    const watched = progress.open(() => body.stop('too-slow'))
    const { note: onProgress, close: onEnd } = watched
    const result = await readBody(body, length, { maxBytes: limits.maxBodyBytes, reserve, onProgress, onEnd, turn })
    switch (result.is) {
      case 'busy':
        return replies.makeBusyReply()
      case 'too-large':
        return replies.makeTooLargeReply()
      case 'too-slow':
        return replies.makeTooSlowReply()
      case 'malformed':
        return replies.toErrorReply(new BatchError('malformed', result.detail))
      case 'read':
        // Bytes are counted before they are parsed, because that is what they cost, whatever they are.
        return takeQuota('bytes', result.bytes) ?? (await store(parseBatch(result.text), site, result.bytes, takeQuota))
    }
  }

  async function store(parsed: Batch, site: Site, bytes: number, takeQuota: Take): Promise<Reply> {
    if (isTooHeavy(parsed, bytes, site.name)) return replies.makeTooHeavyReply()
    const overQuota = takeQuota('records', parsed.facts.length + parsed.refused.length)
    if (overQuota) return overQuota
    const receivedAt = now()
    const batch = refuseUnproved(parsed, site.proofSecrets, receivedAt)
    const stored = new Set(batch.facts.map(({ event }) => event.eventID))
    // If a batch contains a good and a bad record with one id, the id is answered as stored.
    const refused = batch.refused.filter(({ eventID }) => !stored.has(eventID))
    const result = await commit({ site: site.name, receivedAt, batch: { ...batch, refused } })
    if (result === 'busy') return replies.makeBusyReply()
    if (result === 'failed') return replies.makeFailedReply()
    const gone = new Set(result.gone)
    for (const eventID of gone) stored.delete(eventID)
    for (const { code } of refused) measure.refused(code, site.name)
    const earliest = batch.facts.reduce<number | null>(toEarliest, null)
    const times = batch.facts.map(({ event }) => event.timestamp)
    const { sentAt } = batch
    const { isNew } = result
    measure.batch({
      site: site.name,
      bytes,
      rows: rowsOf(batch),
      receivedAt,
      storedAt: now(),
      sentAt,
      earliest,
      times,
      isNew,
    })
    return makeReply(200, {
      v: limits.protocolVersion,
      versions,
      now: now(),
      stored: [...stored],
      refused: refused.filter(({ eventID }) => !gone.has(eventID)).map(({ eventID, code }) => [eventID, code]),
      gone: [...gone],
      limits: replies.published,
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
        : replies.makeWrongKeyReply()
    if (reply.code !== undefined) measure.errorReply(reply.code, { site: site?.name ?? null, origin })
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
