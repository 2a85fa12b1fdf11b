import { preflightMaxAgeSeconds } from '../limits.js'

/** Whether a host name (as in a URL: IPv6 in brackets) can only mean this machine. */
export function isLoopbackName(hostname: string): boolean {
  return /^(localhost|.+\.localhost|127(\.\d{1,3}){3}|\[::1\])$/i.test(hostname)
}

/**
 * Makes the test of whether pages of an origin may send.
 *
 * @param origins those that may. With none given: pages of this machine, if the collector listens on loopback only, else no
 *   page. The origin `null` (a file, a sandboxed frame) never may: it could be anybody.
 */
export function createOriginCheck(origins: readonly string[], isLoopback: boolean): (origin: string) => boolean {
  const allowed = new Set(origins)
  if (allowed.size || !isLoopback) return origin => origin !== 'null' && allowed.has(origin)
  return origin => {
    const url = URL.parse(origin)
    return url !== null && /^https?:$/.test(url.protocol) && url.origin === origin && isLoopbackName(url.hostname)
  }
}

/** The CORS headers of an answer to a page that may send; without credentials, for the write key is public. */
export function toCorsHeaders(origin: string): Record<string, string> {
  return { 'Access-Control-Allow-Origin': origin, 'Access-Control-Expose-Headers': 'Retry-After', Vary: 'Origin' }
}

/** The answer to a preflight of a page that may send. */
export function makePreflight(origin: string): Response {
  const headers = {
    ...toCorsHeaders(origin),
    'Access-Control-Allow-Methods': 'POST',
    'Access-Control-Allow-Headers': 'Content-Type, Content-Encoding',
    'Access-Control-Max-Age': String(preflightMaxAgeSeconds),
  }
  return new Response(null, { status: 204, headers })
}
