import { quietMs } from '../live/limits.js'
import type { Listener } from '../live/watch.js'
import type { SentReply } from './client.js'

/**
 * Makes the reply that is a stream of server-sent events, with the name `now`. A comment every 15 s keeps proxies from
 * closing it. A reader that is slow gets fewer events, and the stream takes no more memory. One that takes nothing for 15 s
 * is left.
 *
 * @param listen begins to listen, and returns the function that ends it; or `null`, if it must not.
 * @param reply the reply as the server sends it, if the server tells.
 * @returns `null` if `listen` does.
 */
export function openStream(
  listen: (listener: Pick<Listener, 'take' | 'end'>) => (() => void) | null,
  reply?: SentReply,
): Response | null {
  const encoder = new TextEncoder()
  let controller: ReadableStreamDefaultController<Uint8Array> | null = null
  let quiet: NodeJS.Timeout | undefined

  function write(text: string): boolean {
    if (!controller || (controller.desiredSize ?? 0) <= 0) return false
    controller.enqueue(encoder.encode(text))
    quiet?.refresh()
    return true
  }

  function forget(): void {
    clearInterval(quiet)
    controller = null
    leave?.()
  }

  const body = new ReadableStream<Uint8Array>(
    {
      start: opened => {
        controller = opened
      },
      cancel: forget,
    },
    // A comment and an event fit, so that an event does not wait for the comment before it.
    { highWaterMark: 2 },
  )
  const leave = listen({
    take: text => write(`event: now\ndata: ${text}\n\n`),
    end() {
      clearInterval(quiet)
      controller?.close()
      controller = null
    },
  })
  if (!leave) return null
  quiet = setInterval(() => {
    if (write(': \n\n')) return
    // The reader has taken nothing for that long. Its connection may be dead without a word.
    if (reply) reply.cut()
    else controller?.error(new Error('the reader takes nothing'))
    forget()
  }, quietMs)
  quiet.unref()
  return new Response(body, { headers: streamHeaders })
}

/** The headers of a stream. */
export const streamHeaders = {
  'Content-Type': 'text/event-stream; charset=UTF-8',
  // A proxy that compressed the events would collect them for that.
  'Cache-Control': 'no-store, no-transform',
  // nginx would collect the events in a buffer otherwise.
  'X-Accel-Buffering': 'no',
}
