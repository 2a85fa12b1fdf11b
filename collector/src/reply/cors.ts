import { preflightMaxAgeSeconds } from '../limits.js'
import { makeErrorReply, type Reply } from './reply.js'

/** Makes the CORS headers for a page that may send. They allow no credentials, because the write key is public. */
export function toCorsHeaders(origin: string): Record<string, string> {
  return { 'Access-Control-Allow-Origin': origin, 'Access-Control-Expose-Headers': 'Retry-After', Vary: 'Origin' }
}

/** Makes the reply to a preflight of a page that may send. */
export function makePreflight(origin: string): Response {
  const headers = {
    ...toCorsHeaders(origin),
    'Access-Control-Allow-Methods': 'POST',
    'Access-Control-Allow-Headers': 'Content-Type, Content-Encoding',
    'Access-Control-Max-Age': String(preflightMaxAgeSeconds),
  }
  return new Response(null, { status: 204, headers })
}

/** Makes the error reply to a page that may not send. It has no CORS headers, so that the page cannot read it. */
export function makeUnknownOriginReply(origin: string): Reply {
  return makeErrorReply(403, 'unknown-origin', `pages of ${origin} may not send here`, {}, { Vary: 'Origin' })
}
