import { type BatchError, limits } from 'sojourn/record'
import { busyRetryAfterSeconds, diskRetryAfterSeconds, failedRetryAfterSeconds } from '../limits.js'
import { makeErrorReply, makeRetryReply, type Reply } from '../reply/reply.js'
import type { QuotaUnit } from './quotas.js'

/** The limits of a batch, as every answer contains them. */
export const published = {
  maxBytes: limits.maxBodyBytes,
  maxRecords: limits.maxBodyRecords,
  maxRecordBytes: limits.maxRecordBytes,
}

/** 401: the key of the URL names no site. */
export function makeWrongKeyReply(): Reply {
  return makeErrorReply(401, 'wrong-key', 'key is not a write key of this collector')
}

/** 413: the body is longer than allowed. */
export function makeTooLargeReply(): Reply {
  return makeErrorReply(413, 'too-large', `at most ${limits.maxBodyBytes} bytes, also when unzipped`, published)
}

/** 413: the store would grow by far more than the body has bytes. */
export function makeTooHeavyReply(): Reply {
  const message = 'so many short records would take more than four times the bytes of the body; send fewer at once'
  return makeErrorReply(413, 'too-many-records', message, published)
}

/** 408: the body arrives too slowly, or in too small pieces. The connection is closed, because the rest of the body would follow on it. */
export function makeTooSlowReply(): Reply {
  return makeErrorReply(
    408,
    'too-slow',
    'the body arrives too slowly, or in too small pieces',
    {},
    { Connection: 'close' },
  )
}

/** 400 or 413: the body is not a batch, or holds too much. */
export function toErrorReply({ status, code, message }: BatchError): Reply {
  return makeErrorReply(status, code, message, status === 413 ? published : {})
}

/** 429: the site or the client has sent too much in a minute. */
export function makeOverQuotaReply(unit: QuotaUnit, seconds: number): Reply {
  return makeRetryReply('over-quota', `too many ${unit} in a minute; retry after ${seconds} s`, seconds, 429)
}

/** 503: there is no room for the request now. */
export function makeBusyReply(): Reply {
  const message = `overloaded: too many batches in flight; retry after ${busyRetryAfterSeconds} s`
  return makeRetryReply('busy', message, busyRetryAfterSeconds)
}

/** 503: the database has reached its limit. */
export function makeDiskFullReply(): Reply {
  return makeRetryReply('disk-full', 'the collector has no room for more records', diskRetryAfterSeconds)
}

/** 503: the store failed, and nothing was acknowledged. */
export function makeFailedReply(): Reply {
  return makeRetryReply('store-failed', 'the batch could not be stored', failedRetryAfterSeconds)
}

/** 500: this must not happen. */
export function makeUnexpectedReply(): Reply {
  return makeErrorReply(500, 'unexpected', 'the collector failed; its log contains the cause')
}
