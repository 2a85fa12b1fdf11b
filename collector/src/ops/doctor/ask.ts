/** What came back. */
export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** The address after redirects. */
  readonly url: URL
}

/** Sends a request. @throws (rejects) an error whose message says in plain words why nothing came back. */
export type Ask = (url: URL, request?: Omit<RequestInit, 'signal'>) => Promise<Answer>

/** How long an answer may take. A browser waits longer, but a visitor does not. */
const timeoutMs = 15_000
/** The largest answer that is read, in bytes. A page that never ends would fill the memory. */
const maxBytes = 16 * 1024 * 1024

/** What the codes of Node and of TLS mean. */
const meanings: Readonly<Record<string, string>> = {
  ENOTFOUND: 'there is no host of that name',
  EAI_AGAIN: 'the name of the host cannot be looked up now',
  ECONNREFUSED: 'nothing listens there',
  ECONNRESET: 'the connection was closed',
  EHOSTUNREACH: 'the host cannot be reached',
  ENETUNREACH: 'the network cannot be reached',
  ETIMEDOUT: 'it does not answer',
  UND_ERR_CONNECT_TIMEOUT: 'it does not answer',
  UND_ERR_SOCKET: 'the connection was closed',
  ERR_SSL_WRONG_VERSION_NUMBER: 'it speaks HTTP at this port, and not HTTPS',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'it speaks HTTP at this port, and not HTTPS',
  EPROTO: 'it does not speak HTTPS at this port',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  CERT_NOT_YET_VALID: 'its certificate is not valid yet',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'it signed its certificate itself, which browsers do not accept',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate comes from an authority that browsers do not know',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'it does not send the certificates between its own and the root',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name',
}

/** Makes the function that sends requests as a browser does. A user and a password in a URL are sent, and never shown. */
export function createAsk(fetch: typeof globalThis.fetch): Ask {
  return async (url, request = {}) => {
    const bare = new URL(url)
    const headers = new Headers(request.headers)
    if (!headers.has('User-Agent')) headers.set('User-Agent', 'Mozilla/5.0 (compatible; sojourn-doctor)')
    if (url.username) {
      const pair = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`
      headers.set('Authorization', `Basic ${Buffer.from(pair).toString('base64')}`)
      bare.username = ''
      bare.password = ''
    }
    try {
      const response = await fetch(bare, { ...request, headers, signal: AbortSignal.timeout(timeoutMs) })
      return {
        status: response.status,
        headers: response.headers,
        text: await readText(response),
        url: new URL(response.url || bare),
      }
    } catch (error) {
      throw new Error(toPlainWords(error), { cause: error })
    }
  }
}

/** Reads a body in UTF-8. @throws (rejects) if it is too large. */
async function readText({ body }: Response): Promise<string> {
  const parts: Uint8Array[] = []
  let bytes = 0
  for await (const part of body ?? []) {
    bytes += part.byteLength
    if (bytes > maxBytes) throw new Error(`its answer is larger than ${maxBytes / 1024 / 1024} MiB`)
    parts.push(part)
  }
  return new TextDecoder().decode(Buffer.concat(parts))
}

function toPlainWords(error: unknown): string {
  const { name, message, cause } = error as Error
  if (name === 'TimeoutError') return 'it does not answer'
  const { code = '', message: inner = '' } = (cause ?? {}) as { code?: string; message?: string }
  return meanings[code] ?? (code || inner || message)
}
