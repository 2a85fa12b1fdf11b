import type { IncomingMessage } from 'node:http'
import { gunzipSync } from 'node:zlib'

/** What became of reading a body; the detail says what was wrong with it. */
export type Body =
  | { readonly is: 'read'; readonly text: string }
  | { readonly is: 'too-large' }
  | { readonly is: 'busy' }
  | { readonly is: 'malformed'; readonly detail: string }

/** Why a body is read no further: it is longer than it may be, or there is no room for it. */
type Enough = 'too-large' | 'busy'

/**
 * Reads a whole body, whoever speaks HTTP.
 *
 * @param check is asked before each piece is kept; what it says ends the reading.
 */
export type ReadBytes = (check: (bytes: number) => Enough | null) => Promise<Uint8Array | Enough>

const decoder = new TextDecoder('utf-8', { fatal: true })

/**
 * Reads a body as text. Gzip is known by its first two bytes, whatever the headers say: a page that is closing cannot
 * afford the preflight that a `Content-Encoding` header costs.
 *
 * @param length what its sender says that it has, in bytes; `null`: nothing.
 * @param maxBytes of what comes, and of what it unzips to; neither is read or unzipped any further.
 * @param take takes room for so many bytes; `false`: there is none.
 */
export async function readBody(
  readBytes: ReadBytes,
  length: number | null,
  maxBytes: number,
  take: (bytes: number) => boolean,
): Promise<Body> {
  if (length !== null && length > maxBytes) return { is: 'too-large' }
  try {
    let read = 0
    const raw = await readBytes(bytes => ((read += bytes) > maxBytes ? 'too-large' : take(bytes) ? null : 'busy'))
    if (typeof raw === 'string') return { is: raw }
    const isGzip = raw[0] === 0x1f && raw[1] === 0x8b
    const bytes = isGzip ? gunzipSync(raw, { maxOutputLength: maxBytes }) : raw
    // A few bytes may unzip to a great many, and those are what waits.
    if (isGzip && !take(Math.max(0, bytes.length - raw.length))) return { is: 'busy' }
    return { is: 'read', text: decoder.decode(bytes) }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    return code === 'ERR_BUFFER_TOO_LARGE' ? { is: 'too-large' } : { is: 'malformed', detail: message }
  }
}

/** Makes the reader of a stream of the web's. */
export function createReader(chunks: AsyncIterable<Uint8Array>): ReadBytes {
  return async check => {
    const read: Uint8Array[] = []
    for await (const chunk of chunks) {
      const enough = check(chunk.length)
      if (enough) return enough
      read.push(chunk)
    }
    return Buffer.concat(read)
  }
}

/** Makes the reader of a request of Node's: by its events, which cost less than iterating over it. */
export function createNodeReader(request: IncomingMessage): ReadBytes {
  return check =>
    new Promise((resolve, reject) => {
      let read: Buffer[] = []
      let isOver = false
      request.on('data', (chunk: Buffer) => {
        const enough = isOver ? null : check(chunk.length)
        if (enough) {
          // The rest goes by unread: the connection is needed for the answer.
          isOver = true
          read = []
          resolve(enough)
        } else if (!isOver) read.push(chunk)
      })
      request.on('end', () => resolve(read.length === 1 ? (read[0] as Buffer) : Buffer.concat(read)))
      request.on('error', reject)
      request.on('close', () => reject(new Error('the body was cut off')))
    })
}
