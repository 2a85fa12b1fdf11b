import type { AdminState, Right, SiteQuota, SiteRow } from './admin.js'
import { defaultSite, isKeyText, isSiteName, isTokenName } from './names.js'
import { toDigest } from './tokens.js'

// The changes that an administrator can make: pure functions from state to state, for `AdminStore.change`. `now` and all
// other times are Unix epoch in ms. A change that makes no sense throws a TypeError, whose message says how to do it.

/** The first digits of the digest of a secret: they name it without showing it. */
export function toSecretID(secret: string): string {
  return toDigest(secret).slice(0, 8)
}

/** Adds a site with its first key. */
export function addSite(state: AdminState, name: string, key: string, now: number): AdminState {
  if (!isSiteName(name))
    throw new TypeError(`${name}: a site is 1 to 64 small letters, digits, dots, hyphens or underscores`)
  if (state.sites.some(one => one.name === name)) throw new TypeError(`there is a site ${name} already`)
  return addKey({ ...state, sites: [...state.sites, makeSite(name, now)] }, name, key, null, now)
}

/**
 * Adds a key to a site.
 *
 * @param oldEndsAt when the keys that the site has so far end. `null`: they go on. A key that ends before stays so.
 */
export function addKey(
  state: AdminState,
  site: string,
  key: string,
  oldEndsAt: number | null,
  now: number,
): AdminState {
  if (!isKeyText(key)) throw new TypeError('a key is 1 to 100 letters, digits, dots, hyphens or underscores')
  if (state.keys.some(one => one.key === key)) throw new TypeError('this key was given before')
  const known = withSite(state, site, now)
  const keys = known.keys.map(one => (one.site === site ? { ...one, endsAt: earlier(one.endsAt, oldEndsAt) } : one))
  return { ...known, keys: [...keys, { key, site, createdAt: now, endsAt: null }] }
}

/** Withdraws a key at once. It is never given again. */
export function withdrawKey(state: AdminState, key: string, now: number): AdminState {
  if (!state.keys.some(one => one.key === key)) throw new TypeError(`there is no key ${key}; site list shows all`)
  const keys = state.keys.map(one => (one.key === key ? { ...one, endsAt: earlier(one.endsAt, now) } : one))
  return { ...state, keys }
}

/** Adds origins to a site. One that it has already is left as it is. */
export function addOrigins(state: AdminState, site: string, origins: readonly string[], now: number): AdminState {
  const known = withSite(state, site, now)
  const has = (origin: string): boolean => known.origins.some(one => one.site === site && one.origin === origin)
  const added = [...new Set(origins)].filter(origin => !has(origin)).map(origin => ({ site, origin }))
  return { ...known, origins: [...known.origins, ...added] }
}

/** Removes origins from a site. */
export function removeOrigins(state: AdminState, site: string, origins: readonly string[], now: number): AdminState {
  const known = withSite(state, site, now)
  for (const origin of origins)
    if (!known.origins.some(one => one.site === site && one.origin === origin))
      throw new TypeError(`the site ${site} has no origin ${origin}`)
  return { ...known, origins: known.origins.filter(one => one.site !== site || !origins.includes(one.origin)) }
}

/** Sets what a site keeps and may send. What is left out of `more` stays as it is. */
export function setSite(
  state: AdminState,
  site: string,
  more: { readonly keepMs?: number | null; readonly quota?: SiteQuota | null },
  now: number,
): AdminState {
  const known = withSite(state, site, now)
  return { ...known, sites: known.sites.map(one => (one.name === site ? { ...one, ...more } : one)) }
}

/** Ends a site at once: nothing more is taken for it. What is stored can be read. Its keys are never given again. */
export function endSite(state: AdminState, site: string, now: number): AdminState {
  const known = withSite(state, site, now)
  const sites = known.sites.map(one => (one.name === site ? { ...one, endsAt: earlier(one.endsAt, now) } : one))
  return { ...known, sites }
}

/** Adds a secret with which the server of a site signs identities. From then on the site takes signed ones only. */
export function addSecret(state: AdminState, site: string, secret: string, now: number): AdminState {
  if (secret.length < 16) throw new TypeError('a secret has at least 16 characters')
  const known = withSite(state, site, now)
  if (known.secrets.some(one => one.site === site && toSecretID(one.secret) === toSecretID(secret)))
    throw new TypeError(`the site ${site} has this secret already`)
  return { ...known, secrets: [...known.secrets, { site, secret, createdAt: now }] }
}

/** Removes a secret by its id. Without any, a site takes unsigned identities again. */
export function removeSecret(state: AdminState, site: string, id: string, now: number): AdminState {
  const known = withSite(state, site, now)
  const isIt = (one: AdminState['secrets'][number]): boolean => one.site === site && toSecretID(one.secret) === id
  if (!known.secrets.some(isIt)) throw new TypeError(`the site ${site} has no secret ${id}; site list shows their ids`)
  return { ...known, secrets: known.secrets.filter(one => !isIt(one)) }
}

/** What a token will allow. */
export interface NewToken {
  readonly name: string
  /** `null`: all sites. */
  readonly sites: readonly string[] | null
  readonly rights: readonly Right[]
  /** `null`: it has no end. */
  readonly endsAt: number | null
}

/** Adds a token. Only its digest is kept. */
export function addToken(state: AdminState, token: NewToken, text: string, now: number): AdminState {
  const { name, sites } = token
  if (!isTokenName(name)) throw new TypeError('the name of a token is 1 to 64 visible characters')
  if (state.tokens.some(one => one.name === name)) throw new TypeError(`there is a token ${name} already`)
  for (const site of sites ?? []) withSite(state, site, now)
  return { ...state, tokens: [...state.tokens, { ...token, digest: toDigest(text), createdAt: now }] }
}

/** Ends a token at once. */
export function endToken(state: AdminState, name: string, now: number): AdminState {
  if (!state.tokens.some(one => one.name === name))
    throw new TypeError(`there is no token ${name}; token list shows all`)
  const tokens = state.tokens.map(one => (one.name === name ? { ...one, endsAt: earlier(one.endsAt, now) } : one))
  return { ...state, tokens }
}

/** The state with a site that must be there. The site `default` is made when it is first named. */
function withSite(state: AdminState, name: string, now: number): AdminState {
  if (state.sites.some(one => one.name === name)) return state
  if (name !== defaultSite) throw new TypeError(`there is no site ${name}; site list shows all`)
  return { ...state, sites: [...state.sites, makeSite(name, now)] }
}

function makeSite(name: string, now: number): SiteRow {
  return { name, createdAt: now, endsAt: null, keepMs: null, quota: null }
}

function earlier(endsAt: number | null, other: number | null): number | null {
  if (endsAt === null || other === null) return endsAt ?? other
  return Math.min(endsAt, other)
}
