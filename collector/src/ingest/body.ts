import type { IncomingMessage } from 'node:http'
import { gunzipSync } from 'node:zlib'
import { largeBodyBytes, restTurns } from '../limits.js'

/** The result of reading a body. `detail` says what is malformed; `bytes` are those of the unzipped body. */
export type Body =
  | { readonly is: 'read'; readonly text: string; readonly bytes: number }
  | { readonly is: StopReason }
  | { readonly is: 'malformed'; readonly detail: string }

/**
 * Why reading stops early: the body is longer than allowed, does not fit into the admission budget, or arrives too
 * slowly.
 */
export type StopReason = 'too-large' | 'busy' | 'too-slow'

/** Reads one body, independent of the HTTP server. */
export interface BodyReader {
  /**
   * Reads the whole body. Is called once.
   *
   * @param check is called before each chunk is kept. If it returns a reason, reading stops.
   */
  read(check: (bytes: number) => StopReason | null): Promise<Uint8Array | StopReason>
  /** Stops a read under way: it resolves with this reason, and nothing of the body is kept. */
  stop(reason: StopReason): void
}

/** What bounds a body while it is read. */
export interface BodyBounds {
  /** The most bytes of the body, also after it is unzipped. Reading and unzipping stop at this size. */
  readonly maxBytes: number
  /** Reserves so many bytes of the admission budget; `false` if they do not fit. */
  readonly reserve: (bytes: number) => boolean
  /** Called with the size of each chunk that arrives. */
  readonly onProgress: (bytes: number) => void
  /** Called when the whole body is read, or no more of it will be. */
  readonly onEnd: () => void
  /** Waits for the turn of a large body. */
  readonly turn: () => Promise<void>
}

const decoder = new TextDecoder('utf-8', { fatal: true })

/**
 * Reads a body as text. Gzip is recognized by its first two bytes, not by headers, because a `Content-Encoding` header
 * would cost a closing page a CORS preflight.
 *
 * @param length the declared length in bytes; `null` if there is none.
 */
export async function readBody(reader: BodyReader, length: number | null, bounds: BodyBounds): Promise<Body> {
  const { maxBytes, reserve, onProgress, onEnd, turn } = bounds
  try {
    if (length !== null && length > maxBytes) return { is: 'too-large' }
    let read = 0
    const raw = await reader.read(bytes => {
      onProgress(bytes)
      return (read += bytes) > maxBytes ? 'too-large' : reserve(bytes) ? null : 'busy'
    })
    onEnd()
    if (typeof raw === 'string') return { is: raw }
    const isGzip = raw[0] === 0x1f && raw[1] === 0x8b
    const isLarge = raw.length > largeBodyBytes
    if (isLarge) await turn()
    const bytes = isGzip ? gunzipSync(raw, { maxOutputLength: maxBytes }) : raw
    // The unzipped bytes stay in memory until the commit, so they count too.
    if (isGzip && !reserve(Math.max(0, bytes.length - raw.length))) return { is: 'busy' }
    if (!isLarge && bytes.length > largeBodyBytes) await turn()
    return { is: 'read', text: decoder.decode(bytes), bytes: bytes.length }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    return code === 'ERR_BUFFER_TOO_LARGE' ? { is: 'too-large' } : { is: 'malformed', detail: message }
  } finally {
    onEnd()
  }
}

/**
 * Makes the function that waits for the turn of a large body. After each of them, the event loop turns `restTurns` times
 * before the next. A turn accepts one connection. So small bodies, also of new connections, wait for a few large ones and
 * not for all.
 */
export function createTurns(): () => Promise<void> {
  const waiting: (() => void)[] = []
  let isRunning = false

  async function run(): Promise<void> {
    isRunning = true
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      next()
      for (let turns = 0; turns < restTurns; turns++) await new Promise<void>(resolve => setImmediate(resolve))
    }
    isRunning = false
  }

  return () =>
    new Promise(resolve => {
      waiting.push(resolve)
      if (!isRunning) void run()
    })
}

/** Joins the pieces of one body. */
interface Join {
  readonly add: (piece: Uint8Array) => void
  /** All that was added. */
  readonly end: () => Uint8Array
}

/**
 * Makes a join. It copies each piece to the others, because a piece takes about a hundred bytes besides its own, and a sender chooses how
 * many there are: a body of 512 KiB in pieces of one byte would take 50 MB. A piece that is alone is not copied, as most are.
 */
function createJoin(): Join {
  let joined = new Uint8Array()
  let size = 0
  return {
    add(piece) {
      if (!size) joined = piece as typeof joined
      else {
        if (size + piece.length > joined.length) {
          const larger = new Uint8Array(2 * (size + piece.length))
          larger.set(joined.subarray(0, size))
          joined = larger
        }
        joined.set(piece, size)
      }
      size += piece.length
    },
    end: () => joined.subarray(0, size),
  }
}

/** Makes the reader of a web stream. `null`: an empty body. */
export function createReader(stream: ReadableStream<Uint8Array> | null): BodyReader {
  let cancel: () => void = () => undefined
  let stopped: StopReason | null = null

  function stop(reason: StopReason): void {
    stopped = reason
    cancel()
  }

  return {
    stop,
    async read(check) {
      const read = createJoin()
      if (!stream) return read.end()
      const reader = stream.getReader()
      // A read under way then ends. An error of the stream does not matter, because nothing more is read of it.
      cancel = () => void reader.cancel().catch(() => undefined)
      for (;;) {
        const { done, value } = await reader.read()
        if (stopped) return stopped
        if (done) return read.end()
        const reason = check(value.length)
        if (reason) stop(reason)
        if (reason) return reason
        read.add(value)
      }
    },
  }
}

/** Makes the reader of a Node request. It uses events, because they cost less than async iteration. */
export function createNodeReader(request: IncomingMessage): BodyReader {
  let read = createJoin()
  let isStopped = false
  let isWhole = false
  let settle: (result: Uint8Array | StopReason) => void = () => undefined

  function stop(reason: StopReason): void {
    // The rest is received and dropped, because the reply needs the connection.
    isStopped = true
    read = createJoin()
    settle(reason)
  }

  return {
    stop,
    read: check =>
      new Promise((resolve, reject) => {
        settle = resolve
        request.on('data', (chunk: Buffer) => {
          const reason = isStopped ? null : check(chunk.length)
          if (reason) stop(reason)
          else if (!isStopped) read.add(chunk)
        })
        request.on('end', () => {
          isWhole = true
          resolve(read.end())
        })
        request.on('error', reject)
        // Every request closes. An error has a stack, which costs more than reading most bodies.
        request.on('close', () => {
          if (!isWhole) reject(new Error('the connection closed before the body was complete'))
        })
      }),
  }
}
