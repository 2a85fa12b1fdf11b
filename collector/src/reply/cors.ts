import { maxPreflightHeaders, preflightMaxAgeSeconds } from '../limits.js'
import { makeErrorReply, type Reply } from './reply.js'

/** The name of a header, in small letters. `*` is none, because a reply with it would allow every header. */
const isHeaderName = /^[a-z0-9][\w!#$%&'+.^`|~-]{0,99}$/

/** Makes the CORS headers for a page that may send. They allow no credentials, because the write key is public. */
export function toCorsHeaders(origin: string): Record<string, string> {
  return {
    'Access-Control-Allow-Origin': origin,
    'Access-Control-Expose-Headers': 'Retry-After',
    // A beacon is sent without CORS.
    'Cross-Origin-Resource-Policy': 'cross-origin',
    Vary: 'Origin',
  }
}

/**
 * Makes the reply to a preflight of a page that may send. It allows the headers that the page asks for, because a page
 * may wrap `fetch` and add its own to every request. The collector ignores them.
 *
 * @param requested the `Access-Control-Request-Headers` of the preflight, or `null`. What is not the name of a header is
 *   left out, and so is everything after the 50th name.
 */
export function makePreflight(origin: string, requested: string | null): Response {
  const names = (requested ?? '').toLowerCase().split(',', maxPreflightHeaders)
  const asked = names.map(name => name.trim()).filter(name => isHeaderName.test(name))
  const headers = {
    ...toCorsHeaders(origin),
    Vary: 'Origin, Access-Control-Request-Headers',
    'Access-Control-Allow-Methods': 'POST',
    'Access-Control-Allow-Headers': [...new Set(['content-type', 'content-encoding', ...asked])].join(', '),
    'Access-Control-Max-Age': String(preflightMaxAgeSeconds),
  }
  return new Response(null, { status: 204, headers })
}

/** Makes the error reply to a page that may not send. It has no CORS headers, so that the page cannot read it. */
export function makeUnknownOriginReply(origin: string): Reply {
  return makeErrorReply(403, 'unknown-origin', `pages of ${origin} may not send here`, {}, { Vary: 'Origin' })
}
