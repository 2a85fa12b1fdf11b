import { limits } from 'sojourn/record'

/**
 * The protocol versions that this collector understands. Every answer and every error reply contains them. A newer
 * library learns from them what it may send; an older library always finds its own version.
 */
export const versions: readonly number[] = [limits.protocolVersion]

/** The media type as GWE writes it, byte for byte. */
export const jsonType = 'application/json; charset=UTF-8'

/** An HTTP reply as plain data, independent of the HTTP server. */
export interface Reply {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** The code of an error reply. */
  readonly code?: string
}

/** Makes a JSON reply that caches do not keep and browsers do not sniff. */
export function makeReply(status: number, value: unknown, headers: Record<string, string> = {}): Reply {
  return makeTextReply(status, JSON.stringify(value), headers)
}

/** The same for what is JSON already. */
export function makeTextReply(status: number, body: string, headers: Record<string, string> = {}): Reply {
  const always = { 'Content-Type': jsonType, 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' }
  return { status, headers: { ...always, ...headers }, body }
}

/** Writes a list of what is JSON already. */
export function toTextList(items: readonly { readonly text: string }[]): string {
  return `[${items.map(({ text }) => text).join()}]`
}

/**
 * Makes an error reply: the request was not taken. `docs/protocol.md` lists the codes.
 *
 * @param more further members of the body, such as `maxBytes` or `retryAfter`.
 */
export function makeErrorReply(
  status: number,
  error: string,
  message: string,
  more: Record<string, number> = {},
  headers: Record<string, string> = {},
): Reply {
  return {
    ...makeReply(status, { v: limits.protocolVersion, versions, error, message, ...more }, headers),
    code: error,
  }
}

/** Makes the error reply 503, or another status: the same request may be sent again after so many seconds. */
export function makeRetryReply(code: string, message: string, seconds: number, status: 503 | 429 = 503): Reply {
  return makeErrorReply(status, code, message, { retryAfter: seconds }, { 'Retry-After': String(seconds) })
}

/** Turns a reply into a `Response`. */
export function toResponse({ status, headers, body }: Reply): Response {
  return new Response(body, { status, headers })
}
