import { toClientGroup } from '../ingest/client-group.js'
import { triesRetryAfterSeconds } from '../limits.js'
import { makeErrorReply, type Reply } from '../reply/reply.js'
import type { Right } from '../sites/admin.js'
import { defaultSite } from '../sites/names.js'
import { isLocalOrigin, isLoopbackName } from '../sites/origins.js'
import type { SiteRegistry, Token } from '../sites/registry.js'
import type { Brake } from './brake.js'
import type { RequestEnv } from './client.js'

/** A token was wrong. It is never told which one. */
export interface WrongToken {
  /** The address of the client; empty if the HTTP server did not say it. */
  readonly client: string
  /** How many wrong tokens came from there since the last right one. */
  readonly failures: number
}

interface Denied {
  readonly denied: Reply
}

/** What a request may: read or change one site, or nothing. `isOfAll`: it may do the same with every site. */
export type Access = { readonly site: string; readonly isOfAll: boolean } | Denied

/** What access is made of. */
export interface AccessParts {
  readonly sites: SiteRegistry
  readonly brake: Brake
  readonly onWrongToken: (wrong: WrongToken) => void
  /** Called with the code of each error reply. */
  readonly onDenied: (code: string) => void
}

/**
 * Decides what a request may do with a site. It never rejects.
 *
 * @param env what the server says of the request.
 * @param site the site that the path names. `null`: it names none, and means the only site of the token.
 */
export type Authorize = (request: Request, env: Env, right: Right, site: string | null) => Promise<Access>

type Env = Partial<RequestEnv> | undefined

/** The checks of requests that need a token. */
export interface AccessCheck {
  /**
   * Decides whether a request has a right that is not of one site, such as `metrics`.
   *
   * @param right `null`: any token will do.
   * @returns the token; `null` if none was needed.
   */
  readonly admit: (
    request: Request,
    env: Env,
    right: Right | null,
  ) => Promise<{ readonly token: Token | null } | Denied>
  readonly authorize: Authorize
  /**
   * Whether a request that was allowed would be allowed now. It waits for nothing, and a token that has become wrong is no
   * try.
   */
  readonly isStillAllowed: (request: Request, right: Right, site: string) => boolean
}

/**
 * The names of headers that proxies, balancers, tunnels and content delivery networks add, in small letters: what says for whom or through
 * whom the request came, what it was before, and what begins with the name of one.
 */
const proxyHeader =
  /^(via|cdn-loop|x-amzn-trace-id|x-cloud-trace-context)$|forwarded|proxy|nginx|(client|connecting|real|remote|source|user)[-_]?(ip|addr|host)|^x-(original|envoy|azure|arr)-|^(cf|fly|fastly|akamai|tailscale|ngrok)-/

/**
 * Makes the check of reads. A token comes as `Authorization: Bearer <token>`, or as the password of HTTP Basic with any
 * name. Without any token in flags and database, a collector on loopback answers this machine alone: the URL must name
 * it, because a foreign page could make its own host name resolve to this machine (DNS rebinding), no header may
 * show that a proxy has forwarded the request, and no program of another user may have sent it, because a proxy need not add
 * such a header.
 */
export function createAccess({ sites, brake, onWrongToken, onDenied }: AccessParts): AccessCheck {
  async function find(request: Request, env: Env, right: Right | null) {
    const foreign = checkPage(request)
    if (foreign) return foreign
    if (sites.isOpen()) return checkLocal(request) ?? (await checkUser(env)) ?? { token: null }
    const client = env?.client ?? ''
    const text = tokenOf(request)
    if (!text) return { denied: makeWrongTokenReply() }
    const group = toClientGroup(client) ?? ''
    if (brake.isFull(group)) return { denied: makeTriesReply() }
    const known = sites.token(text)
    // It counts before anything is waited for, or a hundred requests at a time would all be looked at.
    const tried = known ? null : brake.wrong(group)
    // It may have been made a moment ago by another process.
    if (tried) await sites.look()
    const token = known ?? sites.token(text)
    if (!token) {
      if (tried) onWrongToken({ client, failures: tried.failures })
      await tried?.over
      return { denied: makeWrongTokenReply() }
    }
    brake.right(group)
    if (right !== null && !token.rights.includes(right))
      return deny(403, 'wrong-right', `this token has not the right ${right}; it has: ${token.rights.join(', ')}`)
    return { token }
  }

  /** @param some the sites that may be read; `null`: all. */
  function choose(some: readonly string[] | null, named: string | null): Access {
    if (named !== null) {
      if (some && !some.includes(named)) return deny(403, 'wrong-site', `this token does not cover the site ${named}`)
      return sites.site(named)
        ? { site: named, isOfAll: !some }
        : deny(404, 'unknown-site', `there is no site ${named}`)
    }
    const names = some ?? sites.sites().map(({ name }) => name)
    const [only = defaultSite] = names
    if (names.length <= 1) return { site: only, isOfAll: !some }
    return deny(400, 'site-needed', `name the site: /v1/sites/{site}/…; it is one of: ${names.join(', ')}`)
  }

  function tell<A extends object>(access: A | Denied): A | Denied {
    if ('denied' in access && access.denied.code !== undefined) onDenied(access.denied.code)
    return access
  }

  return {
    admit: async (request, env, right) => tell(await find(request, env, right)),
    async authorize(request, env, right, site) {
      const found = await find(request, env, right)
      return tell('denied' in found ? found : choose(found.token?.sites ?? null, site))
    },
    isStillAllowed(request, right, site) {
      if (sites.isOpen()) return checkLocal(request) === null
      const token = sites.token(tokenOf(request))
      return !!token?.rights.includes(right) && (!token.sites || token.sites.includes(site))
    },
  }
}

/**
 * Denies what a page of another site makes a browser ask, as its browser says. The page could not read the reply, but it could see how long it
 * takes, and have many made. Who follows a link from there is a person.
 */
function checkPage({ headers }: Request): Denied | null {
  const isLink = headers.get('Sec-Fetch-Mode') === 'navigate' && headers.get('Sec-Fetch-Dest') === 'document'
  return headers.get('Sec-Fetch-Site') === 'cross-site' && !isLink ? denyPage() : null
}

function denyPage(): Denied {
  return deny(403, 'cross-site', 'a page of another site has asked, and no such page may read')
}

/** Denies a request that needs no token if it may come from elsewhere. */
function checkLocal({ url, headers }: Request): Denied | null {
  if ([...headers.keys()].some(name => proxyHeader.test(name)))
    return deny(403, 'forwarded', 'a proxy has forwarded this read, so it needs a token: sojourn-collector token add')
  const origin = headers.get('Origin')
  if (origin !== null && !isLocalOrigin(origin)) return denyPage()
  // A request line with a whole URL may name another host than the header.
  const hosts = [new URL(url).host, headers.get('Host') ?? 'localhost']
  return hosts.every(host => isLoopbackName(host.replace(/:\d*$/, '')))
    ? null
    : deny(403, 'unknown-host', 'without a read token, reads are answered under localhost only')
}

async function checkUser(env: Env): Promise<Denied | null> {
  return (await env?.isOfOtherUser?.())
    ? deny(
        403,
        'forwarded',
        'a program of another user has asked, as a proxy does, so it needs a token: sojourn-collector token add',
      )
    : null
}

function deny(status: number, code: string, message: string): Denied {
  return { denied: makeErrorReply(status, code, message) }
}

function makeWrongTokenReply(): Reply {
  const challenge = { 'WWW-Authenticate': 'Bearer realm="sojourn", Basic realm="sojourn", charset="UTF-8"' }
  return makeErrorReply(401, 'wrong-read-token', 'send a token: Authorization: Bearer <token>', {}, challenge)
}

function makeTriesReply(): Reply {
  const seconds = triesRetryAfterSeconds
  return makeErrorReply(
    429,
    'too-many-tries',
    `too many wrong tokens wait; retry after ${seconds} s`,
    { retryAfter: seconds },
    { 'Retry-After': String(seconds) },
  )
}

function tokenOf(request: Request): string {
  const [scheme = '', value = ''] = (request.headers.get('Authorization') ?? '').split(/ +/)
  if (/^bearer$/i.test(scheme)) return value
  if (!/^basic$/i.test(scheme)) return ''
  const pair = Buffer.from(value, 'base64').toString()
  return pair.slice(pair.indexOf(':') + 1)
}
