import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

/**
 * Starts a load balancer in front of several collectors. Each request goes to the next collector, so that no collector
 * gets a whole session. A collector that refuses the connection is skipped, and so is one that has closed an
 * idle connection. If another connection breaks, the balancer answers 502, because the collector may or may not have
 * stored the batch.
 */
export async function startRoundRobin(collectors: readonly { readonly url: string }[]): Promise<{ url: string }> {
  const agent = new Agent({ keepAlive: true })
  let turn = 0

  function pass(from: IncomingMessage, body: Buffer, to: ServerResponse, left: number): void {
    const { url } = collectors[turn++ % collectors.length] as { url: string }
    const { method = 'GET', headers } = from
    const asked = request(url + from.url, { method, headers, agent }, answer => {
      to.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(to)
      answer.on('error', () => to.destroy())
    })
    asked.on('error', ({ code }: NodeJS.ErrnoException) => {
      // A collector closes a connection on which nothing came for five seconds, perhaps just as a request begins.
      const isStale = code === 'ECONNRESET' && asked.reusedSocket && !to.headersSent
      if ((code === 'ECONNREFUSED' || isStale) && left > 1) pass(from, body, to, left - 1)
      else if (to.headersSent) to.destroy()
      else to.writeHead(502).end('a collector broke off')
    })
    asked.end(body)
  }

  const server = createServer((from, to) => {
    const chunks: Buffer[] = []
    from.on('data', (chunk: Buffer) => chunks.push(chunk))
    from.on('end', () => pass(from, Buffer.concat(chunks), to, collectors.length))
    from.on('error', () => to.destroy())
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
    agent.destroy()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}
