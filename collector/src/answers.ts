import { limits } from 'sojourn/record'

/**
 * The versions of the wire that this collector understands, as every answer says: a newer library learns from it what it may
 * send, an older one finds its own in it for ever.
 */
export const versions: readonly number[] = [limits.protocolVersion]

/** As GWE names it, byte for byte. */
export const jsonType = 'application/json; charset=UTF-8'

/** Makes an answer in JSON that no cache keeps and no browser takes for anything else. */
export function makeAnswer(status: number, value: unknown, headers: Record<string, string> = {}): Response {
  const always = { 'Content-Type': jsonType, 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' }
  return new Response(JSON.stringify(value), { status, headers: { ...always, ...headers } })
}

/**
 * Makes the answer that says no. `docs/protocol.md` lists the codes.
 *
 * @param more further members of the body, such as `maxBytes` or `retryAfter`.
 */
export function makeRefusal(
  status: number,
  error: string,
  message: string,
  more: Record<string, number> = {},
  headers: Record<string, string> = {},
): Response {
  return makeAnswer(status, { v: limits.protocolVersion, versions, error, message, ...more }, headers)
}
