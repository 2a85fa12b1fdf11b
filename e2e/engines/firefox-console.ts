import type { AddressInfo } from 'node:net'
import { connect, createServer, type Socket } from 'node:net'

/**
 * A connection to Firefox's remote debugger. It reads the browser console, which has the lines that Firefox itself
 * writes, and it runs code with the rights of the browser. Playwright offers neither.
 */
export interface FirefoxConsole {
  /** Runs code with the rights of the browser. Resolves with its value: a text, a number or a boolean. */
  run(code: string): Promise<unknown>
  close(): void
}

interface Packet {
  readonly from: string
  readonly type?: string
  readonly [field: string]: unknown
}

interface PageError {
  readonly errorMessage: string | { readonly initial: string } | null
  readonly sourceName: string | null
  readonly category: string | null
}

/** A line of the browser console. */
export interface ConsoleLine {
  readonly text: string
  /** The address of the script or page that the line is about; empty if none. */
  readonly source: string
  readonly category: string
}

/** Finds a free port of this machine. */
export function findPort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      server.close(() => resolve(port))
    })
  })
}

/** Connects to the debugger of a Firefox that was started with this port. */
export async function openConsole(port: number, onLine: (line: ConsoleLine) => void): Promise<FirefoxConsole> {
  const waiting: { from: string; type: string | undefined; resolve: (packet: Packet) => void }[] = []
  const socket = await connectTo(port)

  function take(packet: Packet): void {
    if (packet.type === 'pageError') return onLine(toLine(packet.pageError as PageError))
    const place = waiting.findIndex(({ from, type }) => from === packet.from && type === packet.type)
    if (place >= 0) waiting.splice(place, 1)[0]?.resolve(packet)
  }

  /** Resolves with the next packet of this actor and type. Answers have no type, and events have one. */
  function next(from: string, type?: string): Promise<Packet> {
    return new Promise(resolve => waiting.push({ from, type, resolve }))
  }

  function ask(to: string, type: string, more: object = {}): Promise<Packet> {
    const text = JSON.stringify({ to, type, ...more })
    const answer = next(to)
    socket.write(`${Buffer.byteLength(text)}:${text}`)
    return answer
  }

  // The greeting is the first packet, and it has no type.
  const greeting = next('root')
  readPackets(socket, take)
  await greeting
  const { processDescriptor } = (await ask('root', 'getProcess', { id: 0 })) as unknown as {
    processDescriptor: { actor: string }
  }
  const { process } = (await ask(processDescriptor.actor, 'getTarget')) as unknown as {
    process: { consoleActor: string }
  }
  const actor = process.consoleActor
  await ask(actor, 'startListeners', { listeners: ['PageError'] })

  return {
    async run(code) {
      const result = next(actor, 'evaluationResult')
      await ask(actor, 'evaluateJSAsync', { text: code })
      const { result: value, exceptionMessage } = await result
      if (exceptionMessage) throw new Error(`Firefox: ${JSON.stringify(exceptionMessage)}`)
      return value
    },
    close: () => socket.destroy(),
  }
}

function connectTo(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => resolve(socket))
    socket.once('error', reject)
    // A browser that is killed cuts the connection.
    socket.on('error', () => socket.destroy())
  })
}

/** Reads packets. Each is its length in bytes, a colon, and JSON. */
function readPackets(socket: Socket, take: (packet: Packet) => void): void {
  let unread = Buffer.alloc(0)
  socket.on('data', chunk => {
    unread = Buffer.concat([unread, chunk])
    for (;;) {
      const start = unread.indexOf(':') + 1
      const end = start + Number(unread.subarray(0, start - 1))
      if (!start || unread.length < end) return
      const packet = JSON.parse(unread.subarray(start, end).toString()) as Packet
      unread = unread.subarray(end)
      take(packet)
    }
  })
}

function toLine(error: PageError): ConsoleLine {
  // Firefox sends a long text as an object with its beginning.
  const text = typeof error.errorMessage === 'string' ? error.errorMessage : error.errorMessage?.initial
  return { text: text ?? '', source: error.sourceName ?? '', category: error.category ?? '' }
}
