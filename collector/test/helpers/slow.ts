import { connect, type Socket } from 'node:net'
import { onTestFinished, vi } from 'vitest'

/** A request that was begun over a socket of its own. */
export interface SlowRequest {
  readonly socket: Socket
  /** Resolves with the status of the reply, or with 0 if the connection closes without one. */
  readonly status: Promise<number>
  /** Resolves when the connection is closed. */
  readonly closed: Promise<void>
  readonly isClosed: () => boolean
}

/** Begins to post a batch: sends the headers, which declare a length, and this part of the body. */
export function postSlowly(
  url: string,
  length: number,
  part: string | Uint8Array,
  headers: readonly string[] = [],
): SlowRequest {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  onTestFinished(() => void socket.destroy())
  let isClosed = false
  const status = new Promise<number>(resolve => {
    socket.on('data', data => resolve(Number(/^HTTP\/1\.1 (\d+)/.exec(data.toString())?.[1])))
    socket.on('close', () => resolve(0))
  })
  const closed = new Promise<void>(resolve => {
    socket.on('close', () => {
      isClosed = true
      resolve()
    })
  })
  // The collector may close the connection while this end still sends.
  socket.on('error', () => socket.destroy())
  const head = ['POST /v1/sessions?key=demo HTTP/1.1', `Host: ${hostname}`, `Content-Length: ${length}`, ...headers]
  socket.write(`${head.join('\r\n')}\r\n\r\n`)
  socket.write(part)
  return { socket, status, closed, isClosed: () => isClosed }
}

/** Takes the timers into the hands of one test. Sockets and immediates go on by themselves. */
export function takeTimers(): void {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
}

/** Lets so much time pass, with some turns of the event loop after each half second. */
export async function passMs(ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 500) {
    vi.advanceTimersByTime(500)
    for (let n = 0; n < 20; n++) await new Promise(resolve => setImmediate(resolve))
  }
}
