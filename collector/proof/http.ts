import { Agent, request } from 'node:http'

/** A reply, or the reason why there was none. */
export type Reply =
  | { readonly status: number; readonly retryAfter: string | null; readonly text: string }
  | { readonly status: null; readonly error: string }

/** Sends requests over one persistent connection, as a browser does: also again, if it was closed while it was idle. */
export interface Client {
  readonly send: (method: 'GET' | 'POST' | 'DELETE', url: string, body?: string | Uint8Array) => Promise<Reply>
  readonly close: () => void
}

/** @param timeoutMs after which a request fails. The collector may have taken it nevertheless. */
export function createClient(timeoutMs = 120_000): Client {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  return {
    send: (method, url, body) =>
      new Promise(resolve => {
        const fail = (error: NodeJS.ErrnoException): void =>
          resolve({ status: null, error: error.code ?? error.message })
        function ask(isAgain: boolean): void {
          const asked = request(url, { method, agent, timeout: timeoutMs }, answer => {
            const chunks: Buffer[] = []
            answer.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', fail)
            answer.on('end', () => {
              const retryAfter = answer.headers['retry-after'] ?? null
              resolve({ status: answer.statusCode ?? 0, retryAfter, text: Buffer.concat(chunks).toString() })
            })
          })
          asked.on('error', (error: NodeJS.ErrnoException) => {
            // A collector closes a connection on which nothing came for five seconds, perhaps just as a request begins.
            if (error.code === 'ECONNRESET' && asked.reusedSocket && !isAgain) ask(true)
            else fail(error)
          })
          asked.on('timeout', () => asked.destroy(new Error('timeout')))
          asked.end(body)
        }
        ask(false)
      }),
    close: () => agent.destroy(),
  }
}
