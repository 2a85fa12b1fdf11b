import type { IncomingMessage } from 'node:http'
import { gunzipSync } from 'node:zlib'

/** What became of reading a body; the detail says what was wrong with it. */
export type Body =
  | { readonly is: 'read'; readonly text: string }
  | { readonly is: 'too-large' }
  | { readonly is: 'malformed'; readonly detail: string }

/** Reads a whole body, whoever speaks HTTP; `null` once it is longer than that, and then no further. */
export type ReadBytes = (maxBytes: number) => Promise<Uint8Array | null>

const decoder = new TextDecoder('utf-8', { fatal: true })

/**
 * Reads a body as text. Gzip is known by its first two bytes, whatever the headers say: a page that is closing cannot
 * afford the preflight that a `Content-Encoding` header costs.
 *
 * @param length what its sender says that it has, in bytes; `null`: nothing.
 * @param maxBytes of what comes, and of what it unzips to; neither is read or unzipped any further.
 */
export async function readBody(readBytes: ReadBytes, length: number | null, maxBytes: number): Promise<Body> {
  try {
    const raw = length !== null && length > maxBytes ? null : await readBytes(maxBytes)
    if (!raw) return { is: 'too-large' }
    const isGzip = raw[0] === 0x1f && raw[1] === 0x8b
    const bytes = isGzip ? gunzipSync(raw, { maxOutputLength: maxBytes }) : raw
    return { is: 'read', text: decoder.decode(bytes) }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    return code === 'ERR_BUFFER_TOO_LARGE' ? { is: 'too-large' } : { is: 'malformed', detail: message }
  }
}

/** Makes the reader of a stream of the web's. */
export function createReader(chunks: AsyncIterable<Uint8Array>): ReadBytes {
  return async maxBytes => {
    const read: Uint8Array[] = []
    let length = 0
    for await (const chunk of chunks) {
      length += chunk.length
      if (length > maxBytes) return null
      read.push(chunk)
    }
    return Buffer.concat(read)
  }
}

/** Makes the reader of a request of Node's: by its events, for iterating over it costs as much as all the rest of HTTP. */
export function createNodeReader(request: IncomingMessage): ReadBytes {
  return maxBytes =>
    new Promise((resolve, reject) => {
      const read: Buffer[] = []
      let length = 0
      request.on('data', (chunk: Buffer) => {
        length += chunk.length
        if (length <= maxBytes) read.push(chunk)
        else resolve(null)
      })
      request.on('end', () => resolve(read.length === 1 ? (read[0] as Buffer) : Buffer.concat(read)))
      request.on('error', reject)
      request.on('close', () => reject(new Error('the body was cut off')))
    })
}
