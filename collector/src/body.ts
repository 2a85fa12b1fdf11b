import { gunzipSync } from 'node:zlib'

/** What became of reading a body; the detail says what was wrong with it. */
export type Body =
  | { readonly is: 'read'; readonly text: string }
  | { readonly is: 'too-large' }
  | { readonly is: 'malformed'; readonly detail: string }

/**
 * Reads a body as text. Gzip is known by its first two bytes, whatever the headers say: a page that is closing cannot
 * afford the preflight that a `Content-Encoding` header costs.
 *
 * @param maxBytes of what comes, and of what it unzips to; neither is read or unzipped any further.
 */
export async function readBody(request: Request, maxBytes: number): Promise<Body> {
  try {
    const raw = await readBytes(request, maxBytes)
    if (!raw) return { is: 'too-large' }
    const isGzip = raw[0] === 0x1f && raw[1] === 0x8b
    const bytes = isGzip ? gunzipSync(raw, { maxOutputLength: maxBytes }) : raw
    return { is: 'read', text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    return code === 'ERR_BUFFER_TOO_LARGE' ? { is: 'too-large' } : { is: 'malformed', detail: message }
  }
}

async function readBytes(request: Request, maxBytes: number): Promise<Uint8Array | null> {
  const declared = request.headers.get('Content-Length')
  if (declared !== null && Number(declared) > maxBytes) return null
  if (declared !== null && Number(declared) >= 0) {
    const bytes = new Uint8Array(await request.arrayBuffer())
    return bytes.length > maxBytes ? null : bytes
  }
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of (request.body ?? []) as AsyncIterable<Uint8Array>) {
    length += chunk.length
    if (length > maxBytes) return null
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
