import type { AddressInfo } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import { stopTimeoutMs } from './limits.js'

/** A collector that listens. */
export interface Serving {
  /** Where, such as `http://127.0.0.1:4318`. */
  readonly url: string
  /** Takes no more requests, answers those in flight (ten seconds at the most), and then resolves. */
  readonly stop: () => Promise<void>
}

/**
 * Listens with a collector, through Node's own HTTP server.
 *
 * @param port 0 takes any free one.
 * @throws (rejects) if it cannot listen there; `code` is Node's, such as `EADDRINUSE`.
 */
export function serve(
  app: { readonly fetch: (request: Request) => Response | Promise<Response> },
  { host, port }: { readonly host: string; readonly port: number },
): Promise<Serving> {
  const server = createAdaptorServer({ fetch: request => app.fetch(request) }) as import('node:http').Server
  const stop = (): Promise<void> =>
    new Promise(resolve => {
      const timer = setTimeout(() => server.closeAllConnections(), stopTimeoutMs)
      server.close(() => {
        clearTimeout(timer)
        resolve()
      })
    })
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      const { port: taken } = server.address() as AddressInfo
      resolve({ url: `http://${host.includes(':') ? `[${host}]` : host}:${taken}`, stop })
    })
  })
}
