import { timingSafeEqual } from 'node:crypto'
import { type AdminState, nothingDecided, type Right, rights, type SiteQuota } from './admin.js'
import { defaultSite, isKeyText } from './names.js'
import { createOriginCheck, isLocalOrigin } from './origins.js'
import { toDigest } from './tokens.js'

/** A site, as ingest and reads know it. */
export interface Site {
  readonly name: string
  /** Origins whose pages may send with a key of this site. */
  readonly origins: readonly string[]
  /** If there are any, a session of this site needs a proof, made with one of them. */
  readonly proofSecrets: readonly string[]
  /** Records older than this may be removed. `null`: they are kept. */
  readonly keepMs: number | null
  readonly quota: SiteQuota | null
}

/** What a token of readers allows. */
export interface Token {
  readonly name: string
  /** `null`: all sites. */
  readonly sites: readonly string[] | null
  readonly rights: readonly Right[]
  /** From then on the token is wrong, Unix epoch, ms. `null`: it has no end. */
  readonly endsAt: number | null
}

/** The sites and tokens of a collector, as they are now. Nothing here waits. */
export interface SiteRegistry {
  /** The site of a write key. `null`: the key is wrong, was withdrawn, or its site has ended. */
  siteOfKey(key: string): Site | null
  /** The keys of a site that work now. The first is the one for new pages: it works longest, and is the newest of those. */
  keysOf(site: string): readonly string[]
  /** The site with this name. `null`: there is none. The site `default` is always there. */
  site(name: string): Site | null
  /** The sites that a reader may mean who names none. */
  sites(): readonly Site[]
  /** Whether pages of an origin may send to a site. `null`: to any site. */
  isAllowed(origin: string, site: Site | null): boolean
  /** The token with this text, compared in constant time. `null`: it is wrong, or has ended. */
  token(text: string): Token | null
  /**
   * Whether reads need no token: the collector is on loopback, has no token, and no origin of another machine. A page
   * of another machine means that others can reach the collector, through a proxy for example.
   */
  isOpen(): boolean
  /**
   * What is missing: a `key` for anybody to write with, an `origin` for pages to write from, a `token` to read with. Nothing
   * of it is missing where it is not needed.
   */
  lacks(): readonly ('key' | 'origin' | 'token')[]
  /** Looks for changes before it is time. Resolves when a look is over that has begun after the call. */
  look(): Promise<void>
}

/** What the flags of the command say. The keys and origins are those of the site `default`. */
export interface RegistryParts {
  readonly keys: readonly string[]
  readonly origins: readonly string[]
  /** This token has all rights but `erase`, for all sites. `null`: there is none. */
  readonly readToken: string | null
  /** Whether only this machine can reach the collector. */
  readonly isLoopback: boolean
  /** Unix epoch, ms. */
  readonly now: () => number
}

/** A registry whose state is set by its owner. */
export interface OwnedRegistry extends SiteRegistry {
  /** Takes over a state that was read. */
  readonly use: (state: AdminState) => void
}

interface Known {
  readonly site: Site
  readonly isAllowed: (origin: string) => boolean
  readonly endsAt: number | null
}

/**
 * Makes the registry of what the flags say and what was decided.
 *
 * @param look how to look for changes early. If left out, there are none.
 */
export function createRegistry(parts: RegistryParts, look = async (): Promise<void> => {}): OwnedRegistry {
  const { keys, origins, readToken, isLoopback, now } = parts
  const isOver = (endsAt: number | null): boolean => endsAt !== null && endsAt <= now()
  let sites = new Map<string, Known>()
  let isNamed = false
  let siteByKey = new Map<string, { site: string; endsAt: number | null; createdAt: number }>()
  let tokens: (Token & { digest: Buffer })[] = []
  let isOpen = false

  function toKnown(state: AdminState, name: string): Known {
    const own = state.origins.filter(({ site }) => site === name).map(({ origin }) => origin)
    const all = [...new Set(name === defaultSite ? [...origins, ...own] : own)]
    const row = state.sites.find(one => one.name === name)
    const { keepMs = null, quota = null, endsAt = null } = row ?? {}
    const proofSecrets = state.secrets.filter(({ site }) => site === name).map(({ secret }) => secret)
    const site = { name, origins: all, proofSecrets, keepMs, quota }
    return { site, isAllowed: createOriginCheck(all, isLoopback), endsAt }
  }

  function use(state: AdminState): void {
    const names = new Set([...state.sites.map(({ name }) => name), defaultSite])
    sites = new Map([...names].map(name => [name, toKnown(state, name)]))
    const isDefaultNamed = keys.length > 0 || origins.length > 0 || state.sites.some(({ name }) => name === defaultSite)
    isNamed = isDefaultNamed || !state.sites.length
    siteByKey = new Map(state.keys.map(({ key, ...known }) => [key, known]))
    for (const key of keys) siteByKey.set(key, { site: defaultSite, endsAt: null, createdAt: 0 })
    tokens = state.tokens.map(({ name, sites: some, rights: what, endsAt, digest }) => ({
      name,
      sites: some,
      rights: what,
      endsAt,
      digest: Buffer.from(digest, 'hex'),
    }))
    if (readToken !== null)
      tokens.push({
        name: '--read-token',
        sites: null,
        // Who only reads must not be able to erase.
        rights: rights.filter(right => right !== 'erase'),
        endsAt: null,
        digest: Buffer.from(toDigest(readToken), 'hex'),
      })
    const isLocal = [...sites.values()].every(({ site }) => site.origins.every(isLocalOrigin))
    // A token that has ended still means that reads need one.
    isOpen = isLoopback && !tokens.length && isLocal
  }
  use(nothingDecided)

  /** On loopback, a collector that knows neither a key nor a site takes everything for one site. */
  function takesAnyKey(): boolean {
    return isLoopback && !siteByKey.size && sites.size === 1
  }

  return {
    use,
    look,
    lacks() {
      const all = [...sites.values()]
      const isAlive = ({ endsAt }: { readonly endsAt: number | null }): boolean => !isOver(endsAt)
      return [
        ...(takesAnyKey() || [...siteByKey.values()].some(isAlive) ? [] : ['key' as const]),
        ...(isLoopback || all.some(({ site }) => site.origins.length) ? [] : ['origin' as const]),
        ...(isOpen || tokens.some(isAlive) ? [] : ['token' as const]),
      ]
    },
    siteOfKey(key) {
      const found = takesAnyKey() && isKeyText(key) ? { site: defaultSite, endsAt: null } : siteByKey.get(key)
      const known = found && !isOver(found.endsAt) ? sites.get(found.site) : undefined
      return known && !isOver(known.endsAt) ? known.site : null
    },
    keysOf(site) {
      const end = (one: { readonly endsAt: number | null }): number => one.endsAt ?? Number.MAX_SAFE_INTEGER
      return [...siteByKey]
        .filter(([, one]) => one.site === site && !isOver(one.endsAt) && !isOver(sites.get(site)?.endsAt ?? null))
        .sort(([, a], [, b]) => end(b) - end(a) || b.createdAt - a.createdAt)
        .map(([key]) => key)
    },
    site: name => sites.get(name)?.site ?? null,
    sites: () => [...sites.values()].map(({ site }) => site).filter(({ name }) => isNamed || name !== defaultSite),
    isAllowed(origin, site) {
      const some = site ? [sites.get(site.name)] : [...sites.values()]
      return some.some(known => known?.isAllowed(origin))
    },
    token(text) {
      const digest = Buffer.from(toDigest(text), 'hex')
      let found: (typeof tokens)[number] | null = null
      // All are compared, so that the time does not tell which one was similar.
      for (const one of tokens) if (one.digest.length === 32 && timingSafeEqual(one.digest, digest)) found = one
      if (!found || isOver(found.endsAt)) return null
      const { digest: _, ...known } = found
      return known
    },
    isOpen: () => isOpen,
  }
}
