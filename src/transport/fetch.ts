import { bytesOf } from '../record/event.js'
import { maxExitBytes, minGzipBytes, requestTimeoutMs } from '../record/limits.js'
import { toOutcome } from './outcome.js'
import type { Transport } from './transport.js'

type Body = string | Uint8Array<ArrayBuffer>

/** text/plain needs no CORS preflight, so it gets through from a closing page. */
const contentType = 'text/plain;charset=UTF-8'

/** What came back, as far as it is understood: the status, the text, and the header `Retry-After`. */
type Reply = readonly [status: number, text: string, retryAfter: string | null]

/**
 * The transport of a page: `fetch`, zipped where the browser can, and with `keepalive` where the browser takes it, so that
 * a request under way outlives the page without a line in the console.
 *
 * A page may have put a function of its own in place of `fetch`, which throws, never answers, or adds a header that is
 * refused. After a failure of such a function the next request goes through `XMLHttpRequest`, and the one after that
 * through `fetch` again.
 *
 * @param url base address of the collector, without a slash at its end.
 * @param later runs something after so many ms, unless `clearTimeout` stops it.
 */
export function createFetch(
  url: string,
  key: string,
  now: () => number,
  later: (run: () => void, ms: number) => ReturnType<typeof setTimeout>,
): Transport {
  const address = `${url}/v1/sessions?key=${key}`
  // A proxy may take a zipped body for text, and damage it.
  let isPlain = false
  // Bytes of keepalive requests under way.
  let underWay = 0
  // The page's own requests may have used up what the browser allows. Then the next attempt goes without keepalive.
  let isRefused = false
  // Whether the next request goes through XMLHttpRequest.
  let isOther = false

  function room(): number {
    return maxExitBytes - underWay
  }

  async function post(body: Body, keepalive: boolean, signal?: AbortSignal): Promise<Reply> {
    const bytes = keepalive ? sizeOf(body) : 0
    underWay += bytes
    try {
      const headers = { 'Content-Type': contentType }
      const request = { method: 'POST', body, headers, credentials: 'omit', keepalive, signal: signal || null } as const
      const response = await fetch(address, request)
      return [response.status, await response.text(), response.headers.get('Retry-After')]
    } finally {
      underWay -= bytes
    }
  }

  function postOther(body: Body, signal: AbortSignal): Promise<Reply> {
    return new Promise(function (resolve, reject) {
      const request = new XMLHttpRequest()
      request.open('POST', address)
      request.setRequestHeader('Content-Type', contentType)
      // Reading a header that the collector does not expose would be a line in the console.
      request.onload = () => resolve([request.status, request.responseText, null])
      request.onerror = () => reject(new TypeError('no network'))
      signal.addEventListener('abort', () => request.abort())
      request.send(body)
    })
  }

  /** Notes how a request went. */
  function turn(isFailed: boolean): void {
    if (isFailed) isOther = !isOther && isChanged()
  }

  return {
    async send(text, signal) {
      const stop = new AbortController()
      // A function in place of `fetch` may ignore the signal.
      const stopped = new Promise<never>((_resolve, reject) => {
        stop.signal.onabort = () => reject(new Error('stopped'))
      })
      stopped.catch(() => {})
      const timer = later(() => stop.abort(), requestTimeoutMs)
      let keepalive = false
      // A request with keepalive goes on, because it may still arrive after the page is gone. But not if recording is denied.
      signal.onabort = () => (keepalive && signal.reason !== true) || stop.abort()
      try {
        const body = isPlain ? text : await gzip(text)
        if (signal.aborted) stop.abort()
        keepalive = !isOther && hasKeepalive() && !isRefused && sizeOf(body) < room()
        const posted = isOther ? postOther(body, stop.signal) : post(body, keepalive, stop.signal)
        const outcome = toOutcome(...(await Promise.race([posted, stopped])), now())
        isRefused = false
        isPlain = isPlain || outcome.is === 'malformed'
        turn(outcome.is === 'unknown')
        return outcome
      } catch (cause) {
        isRefused = keepalive
        turn(!signal.aborted)
        return { is: 'unknown', cause }
      } finally {
        clearTimeout(timer)
      }
    },
    copy(body) {
      // Nobody reads the answer of a page that is gone. What was not stored is still owed.
      if (hasKeepalive() && !isOther) post(body, true).catch(() => {})
      else return navigator.sendBeacon(address, new Blob([body], { type: contentType }))
      return true
    },
    room,
  }
}

function hasKeepalive(): boolean {
  return 'Request' in globalThis && 'keepalive' in Request.prototype
}

/** Whether `fetch` is not the browser's, and there is another way. A proxy, or what `bind` makes, shows no name. */
function isChanged(): boolean {
  return 'XMLHttpRequest' in globalThis && !/^function fetch\(\)\s*{\s*\[native/.test(`${fetch as unknown as string}`)
}

function sizeOf(body: Body): number {
  return typeof body === 'string' ? bytesOf(body, 0) : body.length
}

/**
 * The collector knows gzip by its first bytes, because a Content-Encoding header would cost a preflight. Where zipping fails,
 * as where parts of the browser are imitated, the body goes as it is.
 */
async function gzip(body: string): Promise<Body> {
  if (body.length < minGzipBytes || !('CompressionStream' in globalThis)) return body
  try {
    const { readable, writable } = new CompressionStream('gzip')
    // Not `Blob.stream()`: WebKit writes a line to the console if the page leaves while one is read.
    const writer = writable.getWriter()
    const written = writer.write(new TextEncoder().encode(body)).then(() => writer.close())
    const [zipped] = await Promise.all([new Response(readable).arrayBuffer(), written])
    return new Uint8Array(zipped)
  } catch {
    return body
  }
}
