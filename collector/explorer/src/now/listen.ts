import { createParser } from 'eventsource-parser'
import { AskError, send } from '../api.js'

/** Whether what is shown is what the collector last said. */
export type Connection = 'opening' | 'live' | 'lost'

/** The pauses before a connection is opened again: the first, and the longest. */
const firstPauseMs = 1000
const longestPauseMs = 30_000
/** The collector writes something every 15 s. A connection that is silent for so long is dead. */
const silenceMs = 45_000

/** What is listened to. */
export interface Listening {
  readonly path: string
  /** Called with the JSON of each event. */
  readonly onData: (data: unknown) => void
  /** `error` says why, if that is known. */
  readonly onConnection: (connection: Connection, error?: AskError) => void
}

/**
 * Listens to the server-sent events of the collector, with `fetch`, because the token is in a header. A connection that
 * breaks is opened again, after longer and longer pauses. While the tab is hidden there is none: a browser has few.
 *
 * @returns the undo.
 */
export function listen({ path, onData, onConnection }: Listening): () => void {
  let open: AbortController | null = null
  let timer: ReturnType<typeof setTimeout> | undefined
  let pauseMs = firstPauseMs

  async function connect(): Promise<void> {
    const stop = new AbortController()
    open = stop
    try {
      const response = await send(path, { signal: stop.signal })
      if (response.body) await read(response.body, stop)
      if (!stop.signal.aborted) onConnection('lost')
    } catch (error) {
      // The person is asked for a token, or the page is gone.
      if (stop.signal.reason === leaving || (error instanceof AskError && error.status === 401)) return
      onConnection('lost', error instanceof AskError ? error : undefined)
    }
    if (stop.signal.reason === leaving) return
    timer = setTimeout(() => void connect(), pauseMs)
    pauseMs = Math.min(longestPauseMs, pauseMs * 2)
  }

  async function read(body: ReadableStream<Uint8Array>, stop: AbortController): Promise<void> {
    const decoder = new TextDecoder()
    const parser = createParser({
      onEvent({ data }) {
        pauseMs = firstPauseMs
        onConnection('live')
        onData(JSON.parse(data))
      },
    })
    const reader = body.getReader()
    for (;;) {
      const silence = setTimeout(() => stop.abort(), silenceMs)
      const { done, value } = await reader.read().finally(() => clearTimeout(silence))
      if (done) return
      parser.feed(decoder.decode(value, { stream: true }))
    }
  }

  function look(): void {
    clearTimeout(timer)
    open?.abort(leaving)
    pauseMs = firstPauseMs
    if (document.visibilityState === 'visible') void connect()
  }

  look()
  document.addEventListener('visibilitychange', look)
  return () => {
    document.removeEventListener('visibilitychange', look)
    clearTimeout(timer)
    open?.abort(leaving)
  }
}

const leaving = 'leaving'
