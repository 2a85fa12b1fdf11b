/** Whether a host name can only mean this machine. An IPv6 address is in brackets, as in a URL. */
export function isLoopbackName(hostname: string): boolean {
  return /^(localhost|.+\.localhost|127(\.\d{1,3}){3}|\[::1\])$/i.test(hostname)
}

/**
 * Makes the check whether pages of an origin may send.
 *
 * @param origins that may send. If none are given, pages of this machine may send to a collector on loopback, and no
 *   page may send to any other. The origin `null` (a file, a sandboxed frame) never may, because it could be any page.
 */
export function createOriginCheck(origins: readonly string[], isLoopback: boolean): (origin: string) => boolean {
  const allowed = new Set(origins)
  if (allowed.size || !isLoopback) return origin => origin !== 'null' && allowed.has(origin)
  return origin => {
    const url = URL.parse(origin)
    return url !== null && /^https?:$/.test(url.protocol) && url.origin === origin && isLoopbackName(url.hostname)
  }
}
