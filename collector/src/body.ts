import { gunzipSync } from 'node:zlib'

/** What became of reading a body; the detail says what was wrong with it. */
export type Body =
  | { readonly is: 'read'; readonly text: string }
  | { readonly is: 'too-large' }
  | { readonly is: 'malformed'; readonly detail: string }

/** A body as it arrives: a stream of the web's, or of Node's. */
export type Chunks = AsyncIterable<Uint8Array>

const decoder = new TextDecoder('utf-8', { fatal: true })

/**
 * Reads a body as text. Gzip is known by its first two bytes, whatever the headers say: a page that is closing cannot
 * afford the preflight that a `Content-Encoding` header costs.
 *
 * @param length what its sender says that it has, in bytes; `null`: nothing.
 * @param maxBytes of what comes, and of what it unzips to; neither is read or unzipped any further.
 */
export async function readBody(chunks: Chunks, length: number | null, maxBytes: number): Promise<Body> {
  try {
    const raw = length !== null && length > maxBytes ? null : await readBytes(chunks, maxBytes)
    if (!raw) return { is: 'too-large' }
    const isGzip = raw[0] === 0x1f && raw[1] === 0x8b
    const bytes = isGzip ? gunzipSync(raw, { maxOutputLength: maxBytes }) : raw
    return { is: 'read', text: decoder.decode(bytes) }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    return code === 'ERR_BUFFER_TOO_LARGE' ? { is: 'too-large' } : { is: 'malformed', detail: message }
  }
}

async function readBytes(chunks: Chunks, maxBytes: number): Promise<Uint8Array | null> {
  const read: Uint8Array[] = []
  let length = 0
  for await (const chunk of chunks) {
    length += chunk.length
    if (length > maxBytes) return null
    read.push(chunk)
  }
  const [only] = read
  return only && read.length === 1 ? only : Buffer.concat(read)
}
