import type { IncomingMessage } from 'node:http'
import { gunzipSync } from 'node:zlib'

/** The result of reading a body. `detail` says what is malformed. */
export type Body =
  | { readonly is: 'read'; readonly text: string }
  | { readonly is: 'too-large' }
  | { readonly is: 'busy' }
  | { readonly is: 'malformed'; readonly detail: string }

/** Why reading stops early: the body is longer than allowed, or does not fit into the admission budget. */
type StopReason = 'too-large' | 'busy'

/**
 * Reads a whole body, independent of the HTTP server.
 *
 * @param check is called before each chunk is kept. If it returns a reason, reading stops.
 */
export type ReadBytes = (check: (bytes: number) => StopReason | null) => Promise<Uint8Array | StopReason>

const decoder = new TextDecoder('utf-8', { fatal: true })

/**
 * Reads a body as text. Gzip is recognized by its first two bytes, not by headers, because a `Content-Encoding` header
 * would cost a closing page a CORS preflight.
 *
 * @param length the declared length in bytes; `null` if there is none.
 * @param maxBytes of the body, also after it is unzipped. Reading and unzipping stop at this size.
 * @param reserve reserves so many bytes of the admission budget; `false` if they do not fit.
 */
export async function readBody(
  readBytes: ReadBytes,
  length: number | null,
  maxBytes: number,
  reserve: (bytes: number) => boolean,
): Promise<Body> {
  if (length !== null && length > maxBytes) return { is: 'too-large' }
  try {
    let read = 0
    const raw = await readBytes(bytes => ((read += bytes) > maxBytes ? 'too-large' : reserve(bytes) ? null : 'busy'))
    if (typeof raw === 'string') return { is: raw }
    const isGzip = raw[0] === 0x1f && raw[1] === 0x8b
    const bytes = isGzip ? gunzipSync(raw, { maxOutputLength: maxBytes }) : raw
    // The unzipped bytes stay in memory until the commit, so they count too.
    if (isGzip && !reserve(Math.max(0, bytes.length - raw.length))) return { is: 'busy' }
    return { is: 'read', text: decoder.decode(bytes) }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    return code === 'ERR_BUFFER_TOO_LARGE' ? { is: 'too-large' } : { is: 'malformed', detail: message }
  }
}

/** Makes the reader of a web stream. */
export function createReader(chunks: AsyncIterable<Uint8Array>): ReadBytes {
  return async check => {
    const read: Uint8Array[] = []
    for await (const chunk of chunks) {
      const reason = check(chunk.length)
      if (reason) return reason
      read.push(chunk)
    }
    return Buffer.concat(read)
  }
}

/** Makes the reader of a Node request. It uses events, because they cost less than async iteration. */
export function createNodeReader(request: IncomingMessage): ReadBytes {
  return check =>
    new Promise((resolve, reject) => {
      let read: Buffer[] = []
      let isStopped = false
      request.on('data', (chunk: Buffer) => {
        const reason = isStopped ? null : check(chunk.length)
        if (reason) {
          // The rest is received and dropped, because the reply needs the connection.
          isStopped = true
          read = []
          resolve(reason)
        } else if (!isStopped) read.push(chunk)
      })
      request.on('end', () => resolve(read.length === 1 ? (read[0] as Buffer) : Buffer.concat(read)))
      request.on('error', reject)
      request.on('close', () => reject(new Error('the connection closed before the body was complete')))
    })
}
