import { limits } from 'sojourn/record'

/**
 * The versions of the wire that this collector understands, as every answer says: a newer library learns from it what it may
 * send, an older one finds its own in it for ever.
 */
export const versions: readonly number[] = [limits.protocolVersion]

/** As GWE names it, byte for byte. */
export const jsonType = 'application/json; charset=UTF-8'

/** An answer as plain data, whoever speaks HTTP. */
export interface Said {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** Makes an answer in JSON that no cache keeps and no browser takes for anything else. */
export function makeSaid(status: number, value: unknown, headers: Record<string, string> = {}): Said {
  const always = { 'Content-Type': jsonType, 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' }
  return { status, headers: { ...always, ...headers }, body: JSON.stringify(value) }
}

/**
 * Makes the answer that says no. `docs/protocol.md` lists the codes.
 *
 * @param more further members of the body, such as `maxBytes` or `retryAfter`.
 */
export function toRefusal(
  status: number,
  error: string,
  message: string,
  more: Record<string, number> = {},
  headers: Record<string, string> = {},
): Said {
  return makeSaid(status, { v: limits.protocolVersion, versions, error, message, ...more }, headers)
}

/** The same as a `Response`. */
export function toResponse({ status, headers, body }: Said): Response {
  return new Response(body, { status, headers })
}

export function makeAnswer(status: number, value: unknown, headers: Record<string, string> = {}): Response {
  return toResponse(makeSaid(status, value, headers))
}

export function makeRefusal(...refusal: Parameters<typeof toRefusal>): Response {
  return toResponse(toRefusal(...refusal))
}
