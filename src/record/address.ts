import { cut } from './check.js'

/** The names of secret-looking parameters. `docs/guide/consent-and-privacy.md` publishes the list. */
const secretName =
  /token|secret|pass(?![ei])|pwd|pw$|auth(?!or(?!i[sz]))|session|sess_?id|credential|signature|e-?mail|key$|jwt|saml|invit|reset|verif|[cx]srf|magic|^(code|sig|sign|pin|nonce|hmac|mfa)$|(^|[^a-z])(sid|ticket|t?otp)/i

/** The values that look secret under any name: a token in JSON (JWT), an e-mail address. */
const secretValue = /^eyJ|[\w.+-](@|%40)[\w-]+(\.|%2e)\w/i

/** A parameter, wherever it stands: in a query, in the query of a route, in a path, in a text. */
const parameter = /((?:^|[?&;#!/\s"'(])([^=?&;#!/\s"'(]+)=)([^&#;]+)/g

/** A word of a title. A secret in it ends where the word does. */
const word = /[^\s"'),]+/g

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

/** Makes what is recorded of a title: user and password are removed, the values of secret-looking parameters become `…`. */
export function toTitle(title: string): string {
  return cut(dropUser(cut(title)).replace(word, one => scrub(one)))
}

/** Removes user and password from each address of a text. */
function dropUser(text: string): string {
  return text.replace(/(^|:)\/\/[^/?#\s]*@/g, '$1//')
}

/** @param depth how many addresses within addresses are looked into. What is deeper is replaced. */
function scrub(text: string, depth = 3): string {
  return dropUser(text).replace(
    parameter,
    function (_all, head: string, name: string, value: string, at: number, all: string) {
      if (!secretName.test(decode(name)) && !secretValue.test(value))
        return head + (!/[=%:]/.test(value) ? value : depth ? scrubWithin(value, depth - 1) : '…')
      // A parameter of a path ends where the query begins. In a query a question mark belongs to the secret.
      const query = all.lastIndexOf('?', at) < 0 && value.indexOf('?')
      return `${head}…${query && query > 0 ? scrub(value.slice(query), depth) : ''}`
    },
  )
}

/** The value of a parameter may be an address itself, such as the one to return to, or JSON. It may be encoded twice. */
function scrubWithin(value: string, depth: number): string {
  const plain = decode(value)
  if (secretValue.test(plain) || hasSecretField(plain)) return '…'
  let clean = scrub(plain, depth)
  if (depth && clean === plain && plain !== value) clean = scrubWithin(clean, depth - 1)
  if (clean === plain) return value
  try {
    return plain === value ? clean : encodeURIComponent(clean)
  } catch {
    // Half a surrogate pair has no encoding.
    return '…'
  }
}

/** Whether a text holds JSON with a field of a secret-looking name. */
function hasSecretField(text: string): boolean {
  const parts = text.split(/\\*"\s*:/)
  parts.pop()
  return parts.some(part => secretName.test(part.slice(part.lastIndexOf('"') + 1)))
}

/** Decodes a text. One wrong `%` does not spare the rest. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return unescape(text)
  }
}
