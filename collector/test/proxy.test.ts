import { request as ask, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { serve } from '../src/web/server.js'
import { wireBatch, wireEvent } from './helpers/batches.js'
import { collectorWith } from './helpers/collector.js'

/** Serves a collector below `/stats` of a proxy, which removes that part of the path. Returns the URL of `/stats`. */
async function proxied(): Promise<string> {
  const script = { code: 'sojourn=1\n//# sourceMappingURL=sojourn.js.map', map: '{}' }
  const { url, stop } = await serve(collectorWith({ script }).app, { host: '127.0.0.1', port: 0 })
  const proxy = createServer((request, response) => {
    const { method = 'GET', headers } = request
    const inner = ask(url + (request.url ?? '').replace(/^\/stats/, ''), { method, headers }, reply => {
      response.writeHead(reply.statusCode ?? 502, reply.headers)
      reply.pipe(response)
    })
    request.pipe(inner)
  })
  await new Promise<void>(resolve => proxy.listen(0, '127.0.0.1', resolve))
  onTestFinished(async () => {
    proxy.closeAllConnections()
    proxy.close()
    await stop()
  })
  return `http://127.0.0.1:${(proxy.address() as AddressInfo).port}/stats`
}

describe('behind a proxy that serves it below a path, a collector', () => {
  it('takes batches, and answers reads page by page', async () => {
    const base = await proxied()
    const body = JSON.stringify(wireBatch([wireEvent('a'), wireEvent('b')]))
    const sent = await fetch(`${base}/v1/sessions?key=demo`, { method: 'POST', body })
    expect(await sent.json()).toMatchObject({ stored: ['a', 'b'] })
    const list = `${base}/v1/sessions/session-1/events?page_size=1`
    const { items, next } = (await (await fetch(list)).json()) as { items: object[]; next: string }
    expect(items).toMatchObject([{ eventID: 'a' }])
    expect(await (await fetch(`${list}&paging_next=${next}`)).json()).toMatchObject({ items: [{ eventID: 'b' }] })
    expect((await fetch(`${base}/backend/data/sessions/session-1`)).status).toBe(200)
    expect((await fetch(`${base}/healthz`)).status).toBe(200)
  })

  it('serves the script with its map beside it', async () => {
    const base = await proxied()
    const response = await fetch(`${base}/sojourn.js`)
    const [, map] = /sourceMappingURL=(\S+)/.exec(await response.text()) ?? []
    expect(response.headers.get('Content-Type')).toMatch(/^text\/javascript/)
    expect(await (await fetch(new URL(map as string, response.url))).json()).toEqual({})
  })
})
