import { createHash, timingSafeEqual } from 'node:crypto'
import { makeRefusal } from '../reply/reply.js'
import { isLoopbackName } from './origins.js'

/**
 * Makes the guard of reads: `null` lets a request pass, an answer turns it away.
 *
 * @param readToken to be shown as `Authorization: Bearer <token>`, or as the password of HTTP Basic with any name. `null`:
 *   none is needed, but then only under a name of this machine, for a foreign page may point its own name here (DNS rebinding).
 */
export function createReadGuard(readToken: string | null): (request: Request) => Response | null {
  if (readToken === null)
    return ({ url }) =>
      isLoopbackName(new URL(url).hostname)
        ? null
        : makeRefusal(403, 'unknown-host', 'without a read token, reads are answered under localhost only')
  const expected = toDigest(readToken)
  return request =>
    timingSafeEqual(toDigest(tokenOf(request)), expected)
      ? null
      : makeRefusal(
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

// Digests are equally long, so that the comparison tells nothing of the token's length either.
function toDigest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
