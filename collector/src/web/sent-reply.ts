import type { ServerResponse } from 'node:http'
import type { ReplyPace, SentReply } from './client.js'

/** How often a reply is looked at whose client must hurry. */
const tickMs = 500

/** Makes the view on a reply that a server sends. Node marks a response as destroyed when it was sent, and when the client has left. */
export function toSentReply(response: ServerResponse): SentReply {
  // A connection may have had other replies before.
  const before = response.socket?.bytesWritten ?? 0
  let timer: NodeJS.Timeout | undefined
  /** For how long there was something that the client had not taken, ms. */
  let waitedMs = 0

  function look({ graceMs, bytesPerSecond }: ReplyPace): void {
    const { socket } = response
    // A reply that is still being made costs its client no time.
    if (!socket || response.writableLength + socket.writableLength === 0) return
    waitedMs += tickMs
    // A list is given to the connection as a whole, an export bit by bit.
    const dueMs = graceMs + ((socket.bytesWritten - before) / bytesPerSecond) * 1000
    if (waitedMs > dueMs) socket.destroy()
  }

  return {
    isClosed: () => response.destroyed,
    onClose(run) {
      if (response.destroyed) run()
      else response.once('close', run)
    },
    hurry(pace) {
      if (timer || response.destroyed) return
      // Node sets the time of the server again for the next request of the connection.
      response.socket?.setTimeout(pace.stalledMs)
      timer = setInterval(() => look(pace), tickMs).unref()
      response.once('close', () => clearInterval(timer))
    },
    cut: () => response.destroy(),
  }
}
