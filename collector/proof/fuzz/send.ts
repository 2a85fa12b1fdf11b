import { connect, type Socket } from 'node:net'
import type { OddRequest } from './requests.js'

/** The reply to a request. Status 0: the connection was closed without one. */
export interface OddReply {
  readonly status: number
  readonly body: string
}

/** A reply of which nothing comes within this time is missing. Slow bodies are answered after a few seconds. */
const replyMs = 120_000

/**
 * Sends one request over a connection of its own, byte by byte as it was made, and resets it after the reply, because
 * so many closed connections would use up the ports of the machine.
 *
 * @throws (rejects) if nothing of a reply comes within two minutes. An export of a person may take longer as a whole.
 */
export function sendRaw(port: number, request: OddRequest): Promise<OddReply> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1')
    let text = ''
    const finish = (reply: OddReply): void => {
      clearTimeout(timer)
      socket.resetAndDestroy()
      resolve(reply)
    }
    const timer = setTimeout(() => {
      socket.destroy()
      reject(new Error(`nothing of a reply within ${replyMs} ms`))
    }, replyMs)
    socket.setEncoding('utf8')
    socket.on('data', (chunk: Buffer | string) => {
      timer.refresh()
      text += chunk
      const reply = parseReply(text, request.method === 'HEAD')
      if (reply) finish(reply)
    })
    // The collector may close the connection while this end still sends.
    const onClose = (): void => finish(parseReply(`${text}\r\n\r\n`, true) ?? { status: 0, body: '' })
    socket.on('error', onClose).on('close', onClose)
    socket.on('connect', () => write(socket, request))
  })
}

/** Parses a reply. @returns `null` if it is not complete yet. */
function parseReply(received: string, isHead: boolean): OddReply | null {
  const text = received.replace(/^HTTP\/1\.1 100 [^]*?\r\n\r\n/, '')
  const end = text.indexOf('\r\n\r\n')
  if (end < 0) return null
  const head = text.slice(0, end)
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1] ?? 0)
  const body = text.slice(end + 4)
  // A stream of events has no end. Its first one is enough.
  const isStream = /^content-type: text\/event-stream/im.test(head) && body.includes('\n\n')
  if (isHead || isStream || status === 204 || status === 304) return { status, body }
  if (/^transfer-encoding: chunked/im.test(head)) return body.endsWith('0\r\n\r\n') ? { status, body: '' } : null
  const length = Number(/^content-length: (\d+)/im.exec(head)?.[1] ?? Number.POSITIVE_INFINITY)
  return Buffer.byteLength(body) >= length ? { status, body } : null
}

function write(socket: Socket, { method, target, headers, body, framing }: OddRequest): void {
  const lines = [`${method} ${target} HTTP/1.1`, 'Host: 127.0.0.1']
  for (const [name, value] of headers) lines.push(`${name}: ${value}`)
  const isChunked = framing === 'chunked'
  if (isChunked) lines.push('Transfer-Encoding: chunked')
  else if (body.length || method === 'POST')
    lines.push(`Content-Length: ${body.length + (typeof framing === 'number' ? framing : 0)}`)
  socket.write(Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'))
  if (!isChunked) {
    socket.write(body)
    return
  }
  for (let at = 0; at < body.length; at += 1000) {
    const part = body.subarray(at, at + 1000)
    socket.write(Buffer.concat([Buffer.from(`${part.length.toString(16)}\r\n`), part, Buffer.from('\r\n')]))
  }
  socket.write('0\r\n\r\n')
}
