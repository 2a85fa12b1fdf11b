/** Whether a host name can only mean this machine. An IPv6 address is in brackets, as in a URL. */
export function isLoopbackName(hostname: string): boolean {
  return /^(localhost|.+\.localhost|127(\.\d{1,3}){3}|\[::1\])$/i.test(hostname)
}

/** Schemes whose pages have no origin of their own, or never send one. */
const unusable = /^(about|blob|data|file|filesystem|ftp|javascript|wss?):/

/**
 * Reads an origin as a person writes it. It is that of a web page, or of an application or browser extension, such as
 * `capacitor://localhost`, `app://-` or `chrome-extension://<id>`. Capital letters and one slash at the end do not matter.
 *
 * @returns the origin in small letters.
 * @throws TypeError if no browser sends it. The message says how to write it.
 */
export function parseOrigin(text: string): string {
  const given = text.replace(/\/$/, '').toLowerCase()
  if (given === 'null')
    throw new TypeError('it could be any page, so it is never allowed; write it as https://shop.example')
  if (given.includes('*'))
    throw new TypeError('it is compared as a whole, without *; name each origin, such as https://shop.example')
  if (!/^[a-z][a-z0-9+.-]*:\/\//.test(given)) throw new TypeError(`write it as ${toExample(given)}`)
  if (unusable.test(given))
    throw new TypeError('such pages have no origin of their own; write it as https://shop.example')
  const origin = toOrigin(given)
  if (origin === null) throw new TypeError('write it as https://shop.example')
  if (origin !== given) throw new TypeError(`an origin is scheme, host and port only: ${origin}`)
  return origin
}

/** The scheme, host and port of a URL, as a browser writes them. `null` if there is no valid host. */
function toOrigin(text: string): string | null {
  const url = URL.parse(text)
  if (!url?.hostname || /\s/.test(text)) return null
  // The parser gives an origin only to the schemes of the web.
  if (url.origin !== 'null') return url.origin
  return /^[a-z0-9._-]+$/.test(url.hostname) ? `${url.protocol}//${url.host}` : null
}

/** What somebody may have meant who left out the scheme. */
function toExample(text: string): string {
  const host = /^([a-z0-9.-]+(:\d+)?)(\/|$)/.exec(text)?.[1]
  const scheme = host && isLoopbackName(host.replace(/:\d+$/, '')) ? 'http' : 'https'
  return (host && toOrigin(`${scheme}://${host}`)) || 'https://shop.example'
}

/**
 * Makes the check whether pages of an origin may send.
 *
 * @param origins that may send, as `parseOrigin` returns them. Capital letters do not matter. If none are given, pages of
 *   this machine may send to a collector on loopback, and no page may send to any other. The origin `null` (a file, a
 *   sandboxed frame) never may, because it could be any page.
 */
export function createOriginCheck(origins: readonly string[], isLoopback: boolean): (origin: string) => boolean {
  const allowed = new Set(origins.map(origin => origin.toLowerCase()))
  if (allowed.size || !isLoopback) return origin => origin !== 'null' && allowed.has(origin.toLowerCase())
  return isLocalOrigin
}

/**
 * Whether an origin is that of a web page of this machine. The pages of an application (`capacitor://localhost`) are
 * not, because the application may be on any machine.
 */
export function isLocalOrigin(origin: string): boolean {
  const url = URL.parse(origin)
  return url !== null && /^https?:$/.test(url.protocol) && url.origin === origin && isLoopbackName(url.hostname)
}
