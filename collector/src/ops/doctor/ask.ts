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
        text: await response.text(),
        url: new URL(response.url || bare),
      }
    } catch (error) {
      throw new Error(toPlainWords(error), { cause: error })
    }
  }
}

function toPlainWords(error: unknown): string {
  const { name, message, cause } = error as Error
  if (name === 'TimeoutError') return 'it does not answer'
  const { code = '', message: inner = '' } = (cause ?? {}) as { code?: string; message?: string }
  return meanings[code] ?? (code || inner || message)
}
