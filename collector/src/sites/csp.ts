/** A Content-Security-Policy: its directives by name, in small letters, with their sources. */
export type Policy = ReadonlyMap<string, readonly string[]>

/** What a page is about to load or to call. */
export interface Access {
  readonly kind: 'script' | 'connect'
  readonly url: URL
  readonly page: URL
  /** The `nonce` of the tag; `null` if it has none. */
  readonly nonce: string | null
}

/** A directive that does not allow an access. */
export interface Blocked {
  /** The directive as it should be. */
  readonly line: string
  /** Whether only a nonce can help, because the policy has `'strict-dynamic'`. */
  readonly needsNonce: boolean
}

/** Where a browser looks, in this order. */
const directives = { script: ['script-src-elem', 'script-src', 'default-src'], connect: ['connect-src', 'default-src'] }

/** Reads policies as a header or a `meta` element has them. A header may have several, separated by commas. */
export function parsePolicies(text: string): Policy[] {
  return text.split(',').flatMap(one => {
    const policy = new Map<string, string[]>()
    for (const part of one.split(';')) {
      const [name = '', ...sources] = part.trim().split(/\s+/)
      // A browser ignores a directive that comes again.
      if (name && !policy.has(name.toLowerCase())) policy.set(name.toLowerCase(), sources)
    }
    return policy.size ? [policy] : []
  })
}

/** Finds what a policy has against an access. `null`: nothing. */
export function findBlocked(policy: Policy, access: Access): Blocked | null {
  const name = directives[access.kind].find(one => policy.has(one))
  const sources = name === undefined ? undefined : policy.get(name)
  if (!sources || isAllowed(sources, access)) return null
  // A line of its own leaves `default-src` as it is for everything else.
  const own = name === 'default-src' ? directives[access.kind].at(-2) : name
  const kept = sources.filter(source => source.toLowerCase() !== "'none'")
  const needsNonce = access.kind === 'script' && hasWord(sources, "'strict-dynamic'")
  return { line: [own, ...kept, access.url.origin].join(' '), needsNonce }
}

/**
 * The lines that a page needs in its Content-Security-Policy if it allows nothing else: the script, and what it sends.
 *
 * @param base the address of the collector, with a slash at its end.
 */
export function toNeededLines(base: URL): string[] {
  const [strict] = parsePolicies("default-src 'none'")
  // What matters is that the page has another origin than the collector.
  const page = new URL('https://page.invalid/')
  const accesses: Access[] = [
    { kind: 'script', url: new URL('sojourn.js', base), page, nonce: null },
    { kind: 'connect', url: new URL('v1/sessions', base), page, nonce: null },
  ]
  return accesses.flatMap(access => (strict && findBlocked(strict, access)?.line) ?? [])
}

function isAllowed(sources: readonly string[], access: Access): boolean {
  if (access.kind === 'script') {
    if (access.nonce && sources.includes(`'nonce-${access.nonce}'`)) return true
    if (hasWord(sources, "'strict-dynamic'")) return false
  }
  return sources.some(source => matches(source, access))
}

function hasWord(sources: readonly string[], word: string): boolean {
  return sources.some(source => source.toLowerCase() === word)
}

/** Whether a source expression matches a URL, by the rules of CSP 3. */
function matches(source: string, { url, page }: Access): boolean {
  if (source === '*') return /^(https?|wss?):$/.test(url.protocol) || url.protocol === page.protocol
  if (source.toLowerCase() === "'self'")
    return url.origin === page.origin || (url.hostname === page.hostname && isUpgrade(page.protocol, url.protocol))
  const scheme = /^([a-z][a-z0-9+.-]*:)$/i.exec(source)?.[1]
  if (scheme) return isSameOrUpgrade(scheme.toLowerCase(), url.protocol)
  const found = /^(?:([a-z][a-z0-9+.-]*:)\/\/)?(\*|(?:\*\.)?[\w.-]+|\[[\da-f:]+\])(?::(\d+|\*))?(\/[^?#]*)?$/i.exec(
    source,
  )
  if (!found) return false
  const [, given, host = '', port, path] = found
  return (
    isSameOrUpgrade((given ?? page.protocol).toLowerCase(), url.protocol) &&
    matchesHost(host.toLowerCase(), url.hostname) &&
    matchesPort(port, url, given) &&
    matchesPath(path, url.pathname)
  )
}

function matchesHost(host: string, name: string): boolean {
  if (host === '*') return true
  return host.startsWith('*.') ? name.endsWith(host.slice(1)) : name === host
}

function matchesPort(port: string | undefined, url: URL, scheme: string | undefined): boolean {
  const usual = (protocol: string): string => (protocol === 'https:' ? '443' : '80')
  const actual = url.port || usual(url.protocol)
  if (port === '*') return true
  if (port === undefined) return actual === usual(url.protocol)
  return port === actual || (port === '80' && actual === '443' && scheme !== 'https:')
}

function matchesPath(path: string | undefined, actual: string): boolean {
  if (!path || path === '/') return true
  return path.endsWith('/') ? actual.startsWith(path) : actual === path
}

function isSameOrUpgrade(from: string, to: string): boolean {
  return from === to || isUpgrade(from, to)
}

function isUpgrade(from: string, to: string): boolean {
  return from === 'http:' && to === 'https:'
}
