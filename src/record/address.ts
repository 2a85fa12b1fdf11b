import { maxTextLength } from './limits.js'

/** The names of secret-looking parameters. `docs/guide/consent-and-privacy.md` publishes the list. */
const secretName =
  /token|secret|pass(?![ei])|pwd|pw$|auth(?!or(?!i[sz]))|session|sess_?id|credential|signature|e-?mail|key$|jwt|saml|invit|reset|verif|[cx]srf|magic|^(code|sig|sign|pin|nonce|hmac|mfa)$|(^|[^a-z])(sid|ticket|t?otp)/i

/** The values that look secret under any name: a token in JSON (JWT), an e-mail address. */
const secretValue = /^eyJ|[\w.+-](@|%40)[\w-]+(\.|%2e)\w/i

/** A parameter, wherever it stands: in a query, in the query of a route, in a path, in a text. */
const parameter = /((?:^|[?&;#!/\s"'(])([^=?&;#!/\s"'(]+)=)([^&#?]+)/g

/**
 * Makes what is recorded of an address. User and password are removed, and also the fragment, unless a router uses it
 * (`#/`, `#!`). The values of secret-looking parameters become `…`. Nobody can know which part of a path is a secret.
 *
 * @param url any text. Of `data:` and `blob:` addresses only the scheme is left.
 */
export function toUrl(url: string): string {
  return cut(scrub(cut(url).replace(/#(?![/!])[^]*|^((?:data|blob|javascript):)[^]*/i, '$1')))
}

/**
 * Makes what is recorded of a referrer: of another site its origin and path, of the own site as {@link toUrl}.
 *
 * @param origin the own site.
 */
export function toReferrer(referrer: string, origin: string): string {
  const url = toUrl(referrer)
  const isOther = /^([\w+.-]+:)?\/\//.test(url) && !`${url}/`.startsWith(`${origin}/`)
  return isOther ? url.replace(/[?#][^]*/, '') : url
}

/** Makes what is recorded of a title: the values of secret-looking parameters become `…`. */
export function toTitle(title: string): string {
  return cut(scrub(cut(title)))
}

/** Cuts a text to the length that the collector keeps. */
export function cut(text: string): string {
  return text.slice(0, maxTextLength)
}

/** @param depth how many addresses within addresses are looked into. */
function scrub(text: string, depth = 3): string {
  return text
    .replace(/^([\w+.-]*:?\/\/)[^/?#]*@/, '$1')
    .replace(parameter, function (_all, head: string, name: string, value: string) {
      const isSecret = secretName.test(name) || secretValue.test(value)
      return head + (isSecret ? '…' : depth && /[=%]/.test(value) ? scrubWithin(value, depth - 1) : value)
    })
}

/** The value of a parameter may be an address itself, such as the one to return to. */
function scrubWithin(value: string, depth: number): string {
  let plain = value
  try {
    plain = decodeURIComponent(value)
  } catch {
    // The value is no encoded text, so it is taken as it is.
  }
  const clean = scrub(plain, depth)
  return clean === plain ? value : plain === value ? clean : encodeURIComponent(clean)
}
