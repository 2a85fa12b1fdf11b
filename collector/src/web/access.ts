import { createHash, timingSafeEqual } from 'node:crypto'
import { makeErrorReply, type Reply } from '../reply/reply.js'
import { isLoopbackName } from '../sites/origins.js'

/**
 * Makes the check of reads. It returns `null` if the request may read, and an error reply otherwise.
 *
 * @param readToken that a request must contain, as `Authorization: Bearer <token>` or as the password of HTTP Basic
 *   with any name. `null`: no token is needed, but the URL must name this machine, because a foreign page could make
 *   its own host name resolve to this machine (DNS rebinding).
 */
export function createReadGuard(readToken: string | null): (request: Request) => Reply | null {
  if (readToken === null)
    return ({ url }) =>
      isLoopbackName(new URL(url).hostname)
        ? null
        : makeErrorReply(403, 'unknown-host', 'without a read token, reads are answered under localhost only')
  const expected = toDigest(readToken)
  return request =>
    timingSafeEqual(toDigest(tokenOf(request)), expected)
      ? null
      : makeErrorReply(
          401,
          'wrong-read-token',
          'send the read token: Authorization: Bearer <token>',
          {},
          {
            'WWW-Authenticate': 'Bearer realm="sojourn", Basic realm="sojourn", charset="UTF-8"',
          },
        )
}

function tokenOf(request: Request): string {
  const [scheme = '', value = ''] = (request.headers.get('Authorization') ?? '').split(/ +/)
  if (/^bearer$/i.test(scheme)) return value
  if (!/^basic$/i.test(scheme)) return ''
  const pair = Buffer.from(value, 'base64').toString()
  return pair.slice(pair.indexOf(':') + 1)
}

// Digests have equal lengths, so that the time of the comparison does not reveal the length of the token.
function toDigest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
