/** No other page may use, frame or sniff a reply that has these headers, and it leads to none with its own address. */
const closedHeaders = {
  'X-Content-Type-Options': 'nosniff',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
} as const

/**
 * Closes a reply to other origins, unless it says itself who may use it (`Cross-Origin-Resource-Policy`), as scripts and files do. A
 * browser that knows a password of HTTP Basic sends it with the requests of every page, so that another page could ask for what is stored.
 * It must not even get it into its process.
 */
export function close(response: Response): Response {
  const { headers } = response
  if (headers.has('Cross-Origin-Resource-Policy')) return response
  for (const [name, value] of Object.entries(closedHeaders)) if (!headers.has(name)) headers.set(name, value)
  return response
}
